import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { CONSUMER } from './causes.js';

/** How far the entries of the topic have been taken in here, own ones included, and what still waits for its cause. */
@Injectable()
export class EntryProgressRepository {
  /** The last entry taken in of each of these issuers; 0 where there was none. */
  async reached(issuers: readonly string[], tx: Transaction): Promise<Record<string, number>> {
    const rows = await tx.query<{ issuer: string; seq: string }[]>('SELECT issuer, seq FROM entry_cursor WHERE issuer = ANY ($1)', [issuers]);
    const seqs = new Map(rows.map(({ issuer, seq }) => [issuer, Number(seq)]));
    return Object.fromEntries(issuers.map((issuer) => [issuer, seqs.get(issuer) ?? 0]));
  }

  /** Moves the cursor of an issuer forward, never back. */
  async advance(issuer: string, seq: number, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO entry_cursor (issuer, seq) VALUES ($1, $2) ON CONFLICT (issuer) DO UPDATE SET seq = greatest(entry_cursor.seq, excluded.seq)', [issuer, seq],
    );
  }

  /**
   * The causes that are there while entries still wait for them, in code unit order: none, once all that can be applied has been.
   *
   * One index look-up for each cause that is waited for.
   */
  async readyCauses(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ cause: string }[]>(
      `WITH waiting AS (
         SELECT DISTINCT cause COLLATE "C" AS cause, split_part(cause, ':', 1) AS kind, split_part(cause, ':', 2) AS id FROM awaiting_entry WHERE consumer = $1
       )
       SELECT cause FROM waiting w WHERE CASE kind
         WHEN 'agreement' THEN EXISTS (SELECT FROM arrangement WHERE agreement_id = w.id AND state IN ('active', 'suspended', 'terminated'))
         WHEN 'obligation' THEN EXISTS (SELECT FROM obligation WHERE obligation_id = w.id)
         WHEN 'run' THEN EXISTS (SELECT FROM clearing_run WHERE run_id = w.id)
         WHEN 'result' THEN EXISTS (SELECT FROM clearing_run WHERE run_id = w.id AND state <> 'open')
         WHEN 'end' THEN EXISTS (SELECT FROM clearing_run WHERE run_id = w.id AND state IN ('settled', 'disputed'))
       END ORDER BY cause`, [CONSUMER],
    );
    return rows.map(({ cause }) => cause);
  }
}
