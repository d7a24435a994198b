import { Injectable } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Outbox, UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { isAgreed, standingOf, type PeerRecord } from './domain/peer.js';
import type { PeerState } from './domain/peer.transitions.js';
import { ListedNodeRepository } from './lists/listed-node.repository.js';
import { PeerDirectory } from './peer-directory.js';
import { PeerRepository } from './peer.repository.js';

/** What becomes of a peer: another record, the same one, or none. */
export type PeerDecision = (peer: PeerRecord | undefined, tx: Transaction) => PeerRecord | undefined | Promise<PeerRecord | undefined>;

/** New business with a peer in this state may be begun. */
const isOpen = (state: PeerState): boolean => state === 'linked';

/** The one place where peers change: record, list and event in one transaction, then the directory of this instance. */
@Injectable()
export class PeerDesk {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly outbox: Outbox, private readonly clock: Clock, private readonly peers: PeerRepository,
    private readonly list: ListedNodeRepository, private readonly directory: PeerDirectory,
  ) {}

  now(): Date { return this.clock.now(); }

  /** Changes one peer as decided, again from the start where somebody else came first. Answers what is stored then. */
  async change(nodeId: string, decide: PeerDecision): Promise<PeerRecord | undefined> {
    return this.together((tx) => this.changeIn(nodeId, decide, tx));
  }

  /** Runs several changes as one: all of them or none. */
  async together<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const result = await this.unitOfWork.retrying(work);
    await this.directory.refresh();
    return result;
  }

  /** As `change`, inside a transaction of the caller. */
  async changeIn(nodeId: string, decide: PeerDecision, tx: Transaction): Promise<PeerRecord | undefined> {
    const stored = await this.peers.find(nodeId, tx);
    const before = stored?.record;
    const after = await decide(before, tx);
    if (after === before) return after;
    if (after !== undefined) await this.peers.save(after, stored?.version, tx);
    else if (stored !== undefined) await this.peers.remove(nodeId, stored.version, tx);
    if (standingOf(before) !== standingOf(after)) await this.follow(before, after, tx);
    await this.peers.touch(tx);
    return after;
  }

  /** What goes with another standing: the list, the event, and the bound on strangers. */
  private async follow(before: PeerRecord | undefined, after: PeerRecord | undefined, tx: Transaction): Promise<void> {
    await this.keepList(before, after, tx);
    await this.tell(before, after, tx);
    if (before === undefined && after?.state === 'asking') await this.peers.crowdOut(tx);
  }

  /** Whoever is let in or kept out by a decision about the peer stands on the list with it. */
  private async keepList(before: PeerRecord | undefined, after: PeerRecord | undefined, tx: Transaction): Promise<void> {
    if (after?.state === 'blocked') await this.list.put({ ...after, verdict: 'block' }, this.now(), tx);
    else if (after !== undefined && isAgreed(after.state)) await this.list.put({ ...after, verdict: 'allow' }, this.now(), tx);
    else if (before !== undefined && (after === undefined || before.state === 'blocked')) await this.list.remove(before.nodeId, tx);
  }

  private async tell(before: PeerRecord | undefined, after: PeerRecord | undefined, tx: Transaction): Promise<void> {
    const peer = after ?? before;
    if (peer === undefined) return;
    // A node that is forgotten stands like one that was declined: there is nothing between the two.
    const state = after?.state ?? 'declined';
    await this.outbox.add(federation.peerChanged, {
      nodeId: peer.nodeId, state, previous: before?.state ?? null, isOpen: isOpen(state), changedAt: this.now().toISOString(),
    }, tx);
  }
}
