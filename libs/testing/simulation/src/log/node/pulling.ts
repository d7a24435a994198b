import { compareHeads, type HeadVector } from '@kula/kernel-federation-log';
import type { NodeId } from '@kula/kernel-crypto';
import type { Delivered, PeerStation, Pulled, Range, WantedRange } from '../station.js';
import { newStream } from './disks.js';
import { FindFork } from './find-fork.js';
import type { HonestNode } from './honest-node.js';
import type { Outcome } from './keeper.js';
import { takeSnapshot } from './take-snapshot.js';

/** How long the answer to a question for a range is waited for. */
const ANSWER_MS_MAX = 3_000;
/** How long entries take to be stored that a careless node has noted already. */
const CARELESS_MS = 1_500;

/** Brings a node up to what its peers hold. */
export class Pulling {
  private readonly findFork: FindFork;
  /** Questions for missing entries: one for each issuer at a time, each to the next peer. */
  private readonly filling = new Map<NodeId, { readonly until: number; readonly turn: number }>();

  constructor(private readonly node: HonestNode) {
    this.findFork = new FindFork(node);
  }

  begin(): void {
    this.filling.clear();
    this.findFork.begin();
  }

  pullFrom(peer: PeerStation): void {
    const { epoch, at } = this.cursorOf(peer);
    const place = { epoch, from: at + 1, view: this.node.view };
    this.node.world.network.stream(this.node, peer, () => peer.pull(this.node, place), (pulled) => this.take(peer, pulled, at));
  }

  exchangeHeads(peer: PeerStation): void {
    const { network, scheduler } = this.node.world;
    const askedAt = scheduler.now;
    network.ask(this.node, peer, () => peer.heads(this.node), (theirs) => {
      const own = theirs[this.node.id];
      this.node.ownLog.hear(peer.name, own === undefined ? null : { seq: own[0], hash: own[1] }, askedAt);
      this.compare(peer, theirs);
    });
  }

  /** Takes what was asked for, and asks on where there is more. */
  takeRange(issuer: NodeId, { entries, checkpoint }: Range, peer: PeerStation): Outcome {
    const { node } = this;
    if (issuer === node.id && node.ownLog.isConfirmed) return { done: entries.length, stored: 0 };
    const outcome = node.keeper.accept(issuer, entries.map((jws) => ({ jws })));
    if (issuer === node.id && outcome.stored > 0) this.tookOwn(outcome.stored);
    if (entries.length === 0 && checkpoint !== undefined) takeSnapshot(node, issuer, checkpoint, peer);
    return outcome;
  }

  private cursorOf(peer: PeerStation) { return this.node.keeper.disks.database.cursors.get(peer.name) ?? { epoch: 0, at: 0 }; }

  private take(peer: PeerStation, pulled: Pulled, asked: number): void {
    const { epoch, through } = pulled;
    const cursor = this.cursorOf(peer);
    const at = cursor.epoch === epoch ? cursor.at : 0;
    // An answer to a question asked from another place: somebody was faster, or it came twice.
    if (cursor.epoch === epoch && asked !== at) return;
    if (this.node.world.bugs.has('moves the cursor first')) return this.takeLater(peer, pulled);
    const reached = this.store(peer, pulled);
    this.move(peer, { epoch, at: Math.max(at, reached ?? through) });
  }

  private takeLater(peer: PeerStation, pulled: Pulled): void {
    const { node } = this;
    const { life } = node;
    this.move(peer, { epoch: pulled.epoch, at: pulled.through });
    node.world.scheduler.after(CARELESS_MS, () => { if (node.isUp && node.life === life) this.store(peer, pulled); });
  }

  /** Stores up to the first gap. Answers the last place dealt with where there is one. */
  private store(peer: PeerStation, { entries }: Pulled): number | undefined {
    let reached = 0;
    for (const run of runsOf(entries)) {
      const { done, gap } = this.takeRun(run, peer);
      if (done > 0) reached = run.entries[done - 1]!.streamSeq;
      if (gap === undefined) continue;
      this.fill({ issuer: run.issuer, ...gap }, peer);
      return reached;
    }
    return undefined;
  }

  private move(peer: PeerStation, place: { readonly epoch: number; readonly at: number }): void {
    this.node.keeper.disks.database.cursors.set(peer.name, place);
  }

  private takeRun({ issuer, entries }: Run, peer: PeerStation): Outcome {
    if (issuer !== this.node.id) return this.node.keeper.accept(issuer, entries);
    for (const { jws } of entries) this.node.ownLog.compare(peer.name, jws);
    return { done: entries.length, stored: 0 };
  }

  /** Asks for missing entries: whoever named them first, then the others, one after the other. */
  private fill(wanted: WantedRange, preferred: PeerStation): void {
    const { node } = this;
    const { scheduler, network } = node.world;
    const { until, turn } = this.filling.get(wanted.issuer) ?? { until: 0, turn: 0 };
    if (scheduler.now < until) return;
    const around = [preferred, ...node.peers.filter((peer) => peer !== preferred)];
    const peer = around[turn % around.length]!;
    const asked = { until: scheduler.now + ANSWER_MS_MAX, turn: turn + 1 };
    this.filling.set(wanted.issuer, asked);
    network.ask(node, peer, () => peer.range(node, wanted), (range) => {
      if (this.filling.get(wanted.issuer) !== asked) return;
      const { stored } = this.takeRange(wanted.issuer, range, peer);
      this.filling.set(wanted.issuer, { until: 0, turn: stored > 0 ? 0 : asked.turn });
      if (stored > 0) this.fillOn(wanted, peer);
    });
  }

  private fillOn({ issuer, to }: WantedRange, peer: PeerStation): void {
    this.node.world.diary.note('gap filled');
    const from = (this.node.keeper.logOf(issuer).head?.seq ?? 0) + 1;
    if (from <= to) this.fill({ issuer, from, to }, peer);
  }

  private compare(peer: PeerStation, theirs: HeadVector): void {
    const { keeper, world, id } = this.node;
    const { behind, split } = compareHeads(this.node.heads(), theirs, (issuer, seq) => keeper.logOf(issuer).entries.get(seq)?.hash);
    for (const { issuer, to } of behind) if (issuer !== id) this.catchUp(issuer, to, peer);
    if (world.bugs.has('compares numbers only')) return;
    for (const { issuer, at } of split) if (issuer !== id) this.findFork.seek(issuer, at, peer);
  }

  private catchUp(issuer: NodeId, to: number, peer: PeerStation): void {
    const { agreedUpTo = Infinity, head } = this.node.keeper.logOf(issuer);
    const from = (head?.seq ?? 0) + 1;
    if (from > agreedUpTo || (agreedUpTo < Infinity && this.node.world.bugs.has('leaves frozen logs behind'))) return;
    this.fill({ issuer, from, to: Math.min(to, agreedUpTo) }, peer);
  }

  /** Positions now stand for other entries than before the loss: pullers that were further must not go on at their cursor. */
  private tookOwn(stored: number): void {
    const { keeper, world, name } = this.node;
    world.diary.note('own entry recovered', () => `${name} takes ${stored} own entries back, up to ${keeper.own.head?.seq ?? 0}`);
    this.node.services.passOverSealed();
    keeper.disks.stream = newStream(keeper.disks.stream.epoch + 1);
  }
}

interface Run {
  readonly issuer: NodeId;
  readonly entries: Delivered[];
}

function runsOf(entries: readonly Delivered[]): Run[] {
  const runs: Run[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last?.issuer === entry.issuer) last.entries.push(entry);
    else runs.push({ issuer: entry.issuer, entries: [entry] });
  }
  return runs;
}
