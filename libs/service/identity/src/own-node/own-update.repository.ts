import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import type { DraftedWords } from './domain/own-update.js';

/** The last update this node drafted of itself. */
@Injectable()
export class OwnUpdateRepository {
  async find(tx: Transaction): Promise<DraftedWords | undefined> {
    const [row] = await tx.query<(Omit<DraftedWords, 'afterSeq'> & { afterSeq: string })[]>(
      'SELECT name, domain, gateway_url AS "gatewayUrl", operator_id AS "operatorId", after_seq AS "afterSeq" FROM own_update',
    );
    return row && { ...row, afterSeq: Number(row.afterSeq) };
  }

  /** Writes what was drafted, in place of what stood there. Whoever calls holds the row of this node, so that nobody else does. */
  async save({ name, domain, gatewayUrl, operatorId, afterSeq }: DraftedWords, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO own_update (name, domain, gateway_url, operator_id, after_seq) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (is_only) DO UPDATE SET name = $1, domain = $2, gateway_url = $3, operator_id = $4, after_seq = $5`,
      [name, domain, gatewayUrl, operatorId, afterSeq],
    );
  }
}
