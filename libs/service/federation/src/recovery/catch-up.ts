import { Injectable, Logger } from '@nestjs/common';
import { Backfill } from '../link/backfill.js';
import { MissingEntriesError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { LogConnection } from '../streams/log-connection.js';
import { beginEpoch } from './begin-epoch.js';
import { OwnLogRepository } from './own-log.repository.js';

/** Fetches entries of this node's own log back that go beyond its head. */
@Injectable()
export class CatchUp {
  private readonly logger = new Logger(CatchUp.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly backfill: Backfill, private readonly standing: OwnLogRepository,
    private readonly connection: LogConnection,
  ) {}

  /** Stores what holds of what the peer gives. Answers whether it was anything. @throws whatever keeps the peer from answering. */
  async handle(session: PeerSession, to: number): Promise<boolean> {
    const issuer = this.own.nodeId;
    const before = await this.lastHeld();
    const { entries, checkpoint } = await session.range({ issuer, from: before + 1, to });
    if (entries.length === 0 && checkpoint === undefined) return false;
    await this.standing.beginRecovery(before + 1);
    try {
      await this.backfill.fill(issuer, { from: before + 1, to }, session);
    } catch (error) {
      if (!(error instanceof MissingEntriesError)) throw error;
    }
    const after = await this.lastHeld();
    if (after === before) return false;
    this.logger.warn(`own entries ${before + 1} to ${after} have come back from ${session.peer.name}`);
    // Positions now stand for other entries than before the loss. Pullers that were further must not go on at their cursor.
    await beginEpoch(this.connection);
    return true;
  }

  private async lastHeld(): Promise<number> {
    return (await this.log.issuerLog(this.own.nodeId)).head?.seq ?? 0;
  }
}
