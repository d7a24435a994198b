import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { PEER_API, snapshotAnswer, type SnapshotAnswer } from '@kula/contracts';
import { SNAPSHOT_ENTRIES_MAX } from '@kula/kernel-federation-log';
import { PeerAnswerError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { claimOf } from './entry-claim.js';

/** Bytes of one snapshot: all of it is held in memory until its digest is known to be the one signed. */
const BYTES_MAX = 256 * 1024 * 1024;
const REST_MS = 1_000;
/** Rests in a row after which a peer that has been asked too often is given up. */
const RESTS_MAX = 10;
const PAGES_TOLD = 50;

/** Fetches the entries of a snapshot from a peer. Nothing in them is believed here. */
@Injectable()
export class SnapshotFetch {
  private readonly logger = new Logger(SnapshotFetch.name);

  /**
   * All pages, in order.
   *
   * @param liveCount how many entries the checkpoint names. @throws PeerAnswerError where the peer gives more than that, no order or no end; and whatever keeps it from answering.
   */
  async handle(session: PeerSession, issuer: string, checkpoint: { readonly seq: number; readonly liveCount: number }): Promise<string[]> {
    const most = Math.min(checkpoint.liveCount, SNAPSHOT_ENTRIES_MAX);
    const entries: string[] = [];
    for (let [after, bytes, pages, isLast] = [0, 0, 0, false]; !isLast;) {
      const page = await this.page(session, { issuer, checkpoint: checkpoint.seq, after });
      for (const jws of page.entries) entries.push(jws);
      bytes += page.entries.reduce((sum, jws) => sum + jws.length, 0);
      if (entries.length > most || bytes > BYTES_MAX) throw new PeerAnswerError('the peer gives more than a snapshot of that checkpoint has');
      isLast = page.isLast;
      const reached = claimOf(page.entries.at(-1))?.seq ?? 0;
      if (!isLast && reached <= after) throw new PeerAnswerError('the peer gives a snapshot in no order');
      after = reached;
      pages += 1;
      if (pages % PAGES_TOLD === 0) this.logger.log(`${entries.length} of ${checkpoint.liveCount} entries of the snapshot of ${issuer} have come, ${bytes} bytes`);
    }
    return entries;
  }

  /** One page; waits where the peer says that it is asked too often. */
  private async page(session: PeerSession, request: object): Promise<SnapshotAnswer> {
    for (let rests = 0; ; rests += 1) {
      try {
        return await session.ask(PEER_API.snapshot, request, snapshotAnswer);
      } catch (error) {
        if (!(error instanceof PeerAnswerError) || error.refused !== 'federation.too_many_requests' || rests === RESTS_MAX) throw error;
        await pause(REST_MS);
      }
    }
  }
}
