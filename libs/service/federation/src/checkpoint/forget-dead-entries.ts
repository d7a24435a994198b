import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import { StreamCursor } from '../log/stream-cursor.js';
import { LOG_STREAM } from '../streams/log-connection.js';
import { CheckpointOptions } from './checkpoint-options.js';

/** Entries forgotten in one transaction. */
const BATCH_MAX = 1_000;

/** A checkpoint that has been true here for longer than entries are kept. */
interface OldCheckpoint { readonly issuer: string; readonly seq: string }

/**
 * Forgets what has been dead for longer than the retention.
 *
 * The stream that peers read has an entry at every position, so nothing is forgotten before it has been published there;
 * and how far entries were forgotten is noted with each of them: a stream that is made anew begins behind that place.
 */
@Injectable()
export class ForgetDeadEntries {
  constructor(
    private readonly dataSource: DataSource, private readonly unitOfWork: UnitOfWork, private readonly cursor: StreamCursor, private readonly options: CheckpointOptions,
  ) {}

  /** Answers how many were forgotten; may be interrupted between batches. */
  async handle(signal: AbortSignal): Promise<number> {
    const { retentionDays } = this.options;
    if (retentionDays === 0) return 0;
    const old = await this.dataSource.query<OldCheckpoint[]>(
      `SELECT issuer, max(seq) AS seq FROM checkpoint WHERE state <> 'refused' AND judged_at < now() - $1 * interval '1 day' GROUP BY issuer ORDER BY issuer`, [retentionDays],
    );
    let count = 0;
    for (const checkpoint of old) {
      if (signal.aborted) break;
      count += await this.forgetBefore(checkpoint, signal);
    }
    return count;
  }

  private async forgetBefore({ issuer, seq }: OldCheckpoint, signal: AbortSignal): Promise<number> {
    // Snapshots of the checkpoints before would lack what was live then and is dead now: from here on none is given.
    await this.dataSource.query(`DELETE FROM checkpoint WHERE issuer = $1 AND state <> 'refused' AND seq < $2`, [issuer, seq]);
    const published = (await this.cursor.read(LOG_STREAM))?.position ?? 0;
    let count = 0;
    for (let batch = BATCH_MAX; batch === BATCH_MAX && !signal.aborted; count += batch) batch = await this.forgetBatch(issuer, seq, published);
    return count;
  }

  private async forgetBatch(issuer: string, seq: string, published: number): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const [row] = await tx.query<{ count: string; edge: string | null }[]>(
        `WITH gone AS (
           DELETE FROM entry WHERE position IN (SELECT position FROM entry WHERE issuer = $1 AND dead_at <= $2 AND position <= $3 ORDER BY dead_at LIMIT ${BATCH_MAX})
           RETURNING position, draft_id
         ), drafts AS (
           INSERT INTO forgotten_draft (draft_id) SELECT draft_id FROM gone WHERE draft_id IS NOT NULL ON CONFLICT DO NOTHING
         ) SELECT count(*) AS count, max(position) AS edge FROM gone`, [issuer, seq, published],
      );
      if (typeof row?.edge === 'string') await tx.query('UPDATE log_edge SET position = greatest(position, $1::bigint)', [row.edge]);
      return Number(row?.count ?? 0);
    });
  }
}
