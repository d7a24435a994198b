import { Injectable, Logger } from '@nestjs/common';
import type { HeadVector } from '@kula/kernel-federation-log';
import { Clock } from '@kula/platform-runtime';
import type { PeerSession } from '../link/peer-session.js';
import { OwnNode } from '../own-node.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { OwnLogConfirmation } from '../recovery/own-log-confirmation.js';
import { AskHeads } from './ask-heads.js';
import { HeadVectorRepository } from './head-vector.repository.js';
import { SettleDifferences } from './settle-differences.js';

/**
 * Takes in what one peer says it holds.
 *
 * One answer serves four ends: how much of our log the peer has, what we lack, whether an issuer shows the two of us
 * different logs, and that the peer is alive.
 */
@Injectable()
export class TakeHeads {
  private readonly logger = new Logger(TakeHeads.name);

  constructor(
    private readonly own: OwnNode, private readonly peers: PeerDirectory, private readonly clock: Clock, private readonly askHeads: AskHeads,
    private readonly heads: HeadVectorRepository, private readonly ownLog: OwnLogConfirmation, private readonly differences: SettleDifferences,
  ) {}

  /** Never fails: what a peer does not say now it is asked again next time. */
  async handle(session: PeerSession, signal: AbortSignal): Promise<void> {
    const { nodeId, name } = session.peer;
    try {
      const vector = await this.askHeads.handle(session);
      await this.heads.replace(nodeId, this.withinBounds(vector), this.clock.now());
      await this.ownLog.hear(session.peer, vector);
      await this.differences.handle(session, vector, signal);
    } catch (error) {
      if (!signal.aborted) this.logger.warn(`what ${name} holds is not known: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Of this node and the issuers it admits: a peer cannot make us keep what it likes. */
  private withinBounds(vector: HeadVector): HeadVector {
    return Object.fromEntries(Object.entries(vector).filter(([issuer]) => issuer === this.own.nodeId || this.peers.standingOf(issuer) === 'admitted'));
  }
}
