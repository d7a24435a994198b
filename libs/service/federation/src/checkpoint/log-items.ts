import { Injectable } from '@nestjs/common';
import type { LogItem } from '@kula/kernel-federation-log';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

interface Row { seq: string; hash: string; topic: string; type: string; subject: string; ts: string; exp: string | null }

/** Entries marked in one statement. */
const MARKED_MAX = 5_000;

const logItem = ({ seq, hash, topic, type, subject, ts, exp }: Row): LogItem =>
  ({ seq: Number(seq), hash, topic, type, sub: subject, ts: Number(ts), ...(exp !== null && { exp: Number(exp) }) });

/**
 * The columns of stored entries that decide whether they are live.
 *
 * What is dead stays dead, so the entries not marked dead stand for the whole log: however long it is, only what lives and
 * what is new is read.
 */
@Injectable()
export class LogItems {
  constructor(private readonly dataSource: DataSource) {}

  /** Items of a log that are not dead by a checkpoint before `below`, numbered from `from` up to `below` - 1, in order. */
  async between(issuer: string, from: number, below: number): Promise<LogItem[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT seq, hash, topic, type, subject, ts, exp FROM entry
       WHERE issuer = $1 AND seq >= $2 AND seq < $3 AND (dead_at IS NULL OR dead_at >= $3) ORDER BY seq`, [issuer, from, below],
    );
    return rows.map(logItem);
  }

  /** Marks entries as dead by a checkpoint. Those marked before stay as they are. */
  async bury(issuer: string, deadSeqs: readonly number[], checkpointSeq: number, tx: Transaction): Promise<void> {
    for (let from = 0; from < deadSeqs.length; from += MARKED_MAX) {
      await tx.query(
        'UPDATE entry SET dead_at = $3 WHERE issuer = $1 AND seq = ANY($2) AND dead_at IS NULL', [issuer, deadSeqs.slice(from, from + MARKED_MAX), checkpointSeq],
      );
    }
  }
}
