import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** How much of one sort a peer may ask in a period. */
export interface Quota {
  readonly kind: 'questions' | 'details';
  readonly max: number;
  readonly periodMs: number;
}

/** Counts what peers ask, in periods that begin with the first question. */
@Injectable()
export class AskerQuotaRepository {
  /** Counts what a peer asks. False, and nothing is counted, where it would be more than it may ask in the period. */
  async use(nodeId: string, { kind, max, periodMs }: Quota, { amount, nowMs }: { readonly amount: number; readonly nowMs: number }, tx: Transaction): Promise<boolean> {
    if (amount > max) return false;
    const rows = await tx.query<unknown[]>(
      `INSERT INTO asker_use (node_id, kind, period_start_ms, used) VALUES ($1, $2, $3, $4)
       ON CONFLICT (node_id, kind) DO UPDATE SET
         period_start_ms = CASE WHEN asker_use.period_start_ms <= $5 THEN $3 ELSE asker_use.period_start_ms END,
         used = CASE WHEN asker_use.period_start_ms <= $5 THEN $4 ELSE asker_use.used + $4 END
       WHERE asker_use.period_start_ms <= $5 OR asker_use.used + $4 <= $6 RETURNING 1 AS counted`,
      [nodeId, kind, nowMs, amount, nowMs - periodMs, max],
    );
    return rows.length > 0;
  }
}
