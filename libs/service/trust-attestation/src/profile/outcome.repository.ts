import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import type { Answer, ExchangeOutcome } from './domain/track-record.js';

interface Row {
  readonly outcome: ExchangeOutcome['outcome'];
  readonly given: Answer | null;
  readonly is_at_fault: boolean;
  readonly partners: string[];
  readonly ended_at: Date;
}

/** What the exchanges of own members came to: one row per member and chain, never changed. */
@Injectable()
export class OutcomeRepository {
  /** Remembers an outcome. Of one chain the first counts. */
  async add(participantId: string, chainId: string, { outcome, given, isAtFault, partners, endedAtMs }: ExchangeOutcome, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO exchange_outcome (participant_id, chain_id, outcome, given, is_at_fault, partners, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT DO NOTHING`, [participantId, chainId, outcome, given, isAtFault, partners, new Date(endedAtMs)],
    );
  }

  /** All outcomes of a member. */
  async of(participantId: string, tx: Transaction): Promise<ExchangeOutcome[]> {
    const rows = await tx.query<Row[]>('SELECT outcome, given, is_at_fault, partners, ended_at FROM exchange_outcome WHERE participant_id = $1', [participantId]);
    return rows.map((row) => ({ outcome: row.outcome, given: row.given, isAtFault: row.is_at_fault, partners: row.partners, endedAtMs: row.ended_at.getTime() }));
  }
}
