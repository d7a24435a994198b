import { Injectable, Logger } from '@nestjs/common';
import type { Head } from '@kula/kernel-federation-log';
import type { Peer } from '../peers/peer-directory.js';
import { ConfrontPeer } from './confront-peer.js';
import type { OwnLogState } from './domain/own-log.transitions.js';
import { OwnLogRepository, type OwnLogStanding } from './own-log.repository.js';
import { ReachPeer } from './reach-peer.js';
import { KnownDrafts } from './known-drafts.js';

/** `fetched`: something came that changes the picture. `empty`: the peer has nothing to show. `unreachable`: it did not answer. */
export type FetchOutcome = 'fetched' | 'empty' | 'unreachable';

/** What is done about a log that has lost entries, and what is remembered of it. */
@Injectable()
export class RecoverOwnLog {
  private readonly logger = new Logger(RecoverOwnLog.name);

  constructor(
    private readonly repository: OwnLogRepository, private readonly reachPeer: ReachPeer, private readonly confrontPeer: ConfrontPeer,
    private readonly drafts: KnownDrafts,
  ) {}

  standing(): Promise<OwnLogStanding> { return this.repository.read(); }

  beat(): Promise<void> { return this.repository.beat(); }

  /** Notes the state. A log that has come into doubt is confirmed anew after the next start, however short that was. */
  async enter(state: OwnLogState, isInDoubt = false): Promise<void> {
    if (isInDoubt) await this.repository.forgetBeat();
    await this.repository.enter(state);
  }

  /** Has a peer give what it says it holds of our log up to a place: beyond our head, or contradicting it. */
  async fetch(peer: Peer, to: Pick<Head, 'seq'>): Promise<FetchOutcome> {
    try {
      return await this.reachPeer.during(peer, (session) => this.confrontPeer.handle(session, to.seq)) ? 'fetched' : 'empty';
    } catch (error) {
      this.logger.warn(`${peer.name} does not give back entries of this node: ${error instanceof Error ? error.message : String(error)}`);
      return 'unreachable';
    }
  }

  /** Makes sure that drafts whose entries have come back are not sealed once more. */
  async complete(): Promise<void> {
    const { recoveredFrom } = await this.repository.read();
    if (recoveredFrom !== null) await this.drafts.mark(recoveredFrom);
  }
}
