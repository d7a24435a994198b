import { hashEntry } from '@kula/kernel-federation-log';
import type { NodeId } from '@kula/kernel-crypto';
import type { PeerStation, Range } from '../station.js';
import type { HonestNode } from './honest-node.js';

const TAKES_MS_MAX = 10_000;
const SHOWN_MAX = 40;

/**
 * Finds the first entry at which a peer's log of an issuer is another than ours, by halving, and takes what the peer shows
 * from there: so a log is frozen at once where it forks, not where that happened to show.
 */
export class FindFork {
  /** One search for each issuer at a time. */
  private readonly busyUntil = new Map<NodeId, number>();

  constructor(private readonly node: HonestNode) {}

  begin(): void { this.busyUntil.clear(); }

  /** @param upTo a place at which the two are said to differ. */
  seek(issuer: NodeId, upTo: number, peer: PeerStation): void {
    const { scheduler } = this.node.world;
    if (scheduler.now < (this.busyUntil.get(issuer) ?? 0)) return;
    this.busyUntil.set(issuer, scheduler.now + TAKES_MS_MAX);
    this.ask({ issuer, peer }, { from: upTo, to: upTo }, (range) => {
      if (this.isOurs(issuer, upTo, range) === false) this.halve({ issuer, peer }, 0, upTo);
      else this.busyUntil.delete(issuer);
    });
  }

  private halve(where: Where, agreed: number, differing: number): void {
    if (differing - agreed <= 1) return this.show(where, differing);
    const middle = agreed + Math.floor((differing - agreed) / 2);
    return this.ask(where, { from: middle, to: middle }, (range) => {
      // What one of the two keeps no longer cannot be compared: the fork is then shown as far down as can be seen.
      if (this.isOurs(where.issuer, middle, range) === false) this.halve(where, agreed, middle);
      else this.halve(where, middle, differing);
    });
  }

  private show(where: Where, at: number): void {
    this.ask(where, { from: at, to: at + SHOWN_MAX - 1 }, ({ entries }) => {
      this.busyUntil.delete(where.issuer);
      this.node.world.diary.note('fork traced');
      this.node.keeper.accept(where.issuer, entries.map((jws) => ({ jws })));
    });
  }

  private ask({ issuer, peer }: Where, { from, to }: { readonly from: number; readonly to: number }, take: (range: Range) => void): void {
    this.node.world.network.ask(this.node, peer, () => peer.range(this.node, { issuer, from, to }), take);
  }

  /** Whether the peer holds our bytes at a place; undefined where it gives none or we keep none. */
  private isOurs(issuer: NodeId, seq: number, { entries: [jws] }: Range): boolean | undefined {
    const ours = this.node.keeper.logOf(issuer).entries.get(seq)?.hash;
    return jws === undefined || ours === undefined ? undefined : hashEntry(jws) === ours;
  }
}

interface Where {
  readonly issuer: NodeId;
  readonly peer: PeerStation;
}
