import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import type { Summary } from './domain/summary.js';

/** A row of the table: numbers too large for a double come as text. */
export interface SummaryRow extends Omit<Summary, 'amount' | 'free' | 'availableFromMs' | 'availableUntilMs' | 'validUntilMs'> {
  readonly amount: string;
  readonly free: string;
  readonly availableFromMs: string;
  readonly availableUntilMs: string;
  readonly validUntilMs: string | null;
}

/** Columns of a summary under the names of its fields. */
export const SUMMARY_COLUMNS = `
  s.listing_id AS "listingId", s.home_node AS "homeNode", s.participant_ref AS "participantRef", s.kind, s.capability, s.amount, s.unit, s.free,
  s.available_from_ms AS "availableFromMs", s.available_until_ms AS "availableUntilMs", s.delivery, s.state, s.valid_until_ms AS "validUntilMs"`;

/** The summary of a row. */
export function summaryOfRow(row: SummaryRow): Summary {
  return {
    ...row, amount: BigInt(row.amount), free: BigInt(row.free), availableFromMs: Number(row.availableFromMs), availableUntilMs: Number(row.availableUntilMs),
    validUntilMs: row.validUntilMs === null ? null : Number(row.validUntilMs),
  };
}

/** What other nodes have told of listings whose details they keep: those of the log for good, those of answers for a while. */
@Injectable()
export class SummaryRepository {
  /** A summary that stands in the log. Until the transaction ends, nobody else changes it. */
  async findInLog(listingId: string, tx: Transaction): Promise<Summary | undefined> {
    const [row] = await tx.query<SummaryRow[]>(
      `SELECT ${SUMMARY_COLUMNS} FROM listing_summary s WHERE s.listing_id = $1 AND s.valid_until_ms IS NULL FOR UPDATE`, [listingId],
    );
    return row === undefined ? undefined : summaryOfRow(row);
  }

  async isInLog(listingId: string, tx: Transaction): Promise<boolean> {
    return (await tx.query<unknown[]>('SELECT 1 FROM listing_summary WHERE listing_id = $1 AND valid_until_ms IS NULL', [listingId])).length > 0;
  }

  /** Open summaries of a participant reference in the log. Until the transaction ends, nobody else adds one. */
  async countOpen({ homeNode, participantRef }: Pick<Summary, 'homeNode' | 'participantRef'>, tx: Transaction): Promise<number> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`summaries of ${homeNode} ${participantRef}`]);
    const [row] = await tx.query<{ open: number }[]>(
      `SELECT count(*)::int AS open FROM listing_summary
       WHERE home_node = $1 AND participant_ref = $2 AND state = 'open' AND valid_until_ms IS NULL`, [homeNode, participantRef],
    );
    return row?.open ?? 0;
  }

  /** Keeps a summary of the log, in place of an answer under the same id. */
  async add(summary: Summary, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM listing_summary WHERE listing_id = $1 AND valid_until_ms IS NOT NULL', [summary.listingId]);
    await tx.query(
      `INSERT INTO listing_summary (listing_id, home_node, participant_ref, kind, capability, amount, unit, free, available_from_ms, available_until_ms,
         delivery, state, valid_until_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)`,
      [
        summary.listingId, summary.homeNode, summary.participantRef, summary.kind, summary.capability, String(summary.amount), summary.unit,
        String(summary.free), summary.availableFromMs, summary.availableUntilMs, summary.delivery, summary.state,
      ],
    );
  }

  /** Writes what may change of a summary of the log. */
  async save({ listingId, state, free }: Summary, tx: Transaction): Promise<void> {
    await tx.query('UPDATE listing_summary SET state = $2, free = $3 WHERE listing_id = $1 AND valid_until_ms IS NULL', [listingId, state, String(free)]);
  }

  /** Keeps answers of a node, each listing once. What else is known under the same id stays as it is, whoever said it. */
  async keepAnswers(homeNode: string, answers: readonly Summary[], tx: Transaction): Promise<void> {
    const rows = answers.map(({ amount, free, ...answer }) => ({ ...answer, amount: String(amount), free: String(free) }));
    await tx.query(
      `INSERT INTO listing_summary (listing_id, home_node, participant_ref, kind, capability, amount, unit, free, available_from_ms, available_until_ms,
         delivery, state, valid_until_ms)
       SELECT a."listingId", $1, a."participantRef", a.kind, a.capability, a.amount, a.unit, a.free, a."availableFromMs", a."availableUntilMs",
         a.delivery, 'open', a."validUntilMs"
       FROM jsonb_to_recordset($2) AS a ("listingId" text, "participantRef" text, kind text, capability text, amount numeric, unit text, free numeric,
         "availableFromMs" bigint, "availableUntilMs" bigint, delivery text, "validUntilMs" bigint)
       WHERE NOT EXISTS (SELECT 1 FROM listing l WHERE l.listing_id = a."listingId")
       ON CONFLICT (listing_id) DO UPDATE SET participant_ref = EXCLUDED.participant_ref, kind = EXCLUDED.kind, capability = EXCLUDED.capability,
         amount = EXCLUDED.amount, unit = EXCLUDED.unit, free = EXCLUDED.free, available_from_ms = EXCLUDED.available_from_ms,
         available_until_ms = EXCLUDED.available_until_ms, delivery = EXCLUDED.delivery, valid_until_ms = EXCLUDED.valid_until_ms
       WHERE listing_summary.valid_until_ms IS NOT NULL AND listing_summary.home_node = $1`, [homeNode, JSON.stringify(rows)],
    );
  }

  /** What is told of listings now, under their ids. */
  async findAll(listingIds: readonly string[], tx: Transaction): Promise<ReadonlyMap<string, Summary>> {
    const rows = await tx.query<SummaryRow[]>(`SELECT ${SUMMARY_COLUMNS} FROM listing_summary s WHERE s.listing_id = ANY($1)`, [listingIds]);
    return new Map(rows.map((row) => [row.listingId, summaryOfRow(row)]));
  }

  /** Forgets what a node has answered. */
  async forgetAnswersOf(homeNode: string, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM listing_summary WHERE home_node = $1 AND valid_until_ms IS NOT NULL', [homeNode]);
  }

  /** Forgets answers whose time is over. */
  async forgetOutdated(nowMs: number, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM listing_summary WHERE valid_until_ms <= $1', [nowMs]);
  }
}
