import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** Home nodes of cooperatives, as learned from their announcements. */
@Injectable()
export class CooperativeRepository {
  /** The node that hosts a cooperative, or undefined where none has announced it. */
  async homeOf(cooperativeId: string, tx: Transaction): Promise<string | undefined> {
    const [row] = await tx.query<{ home_node: string }[]>('SELECT home_node FROM cooperative WHERE cooperative_id = $1', [cooperativeId]);
    return row?.home_node;
  }

  /** Remembers a home. The first node that announced a cooperative keeps it. */
  async add(cooperativeId: string, homeNode: string, tx: Transaction): Promise<void> {
    await tx.query('INSERT INTO cooperative (cooperative_id, home_node) VALUES ($1, $2) ON CONFLICT DO NOTHING', [cooperativeId, homeNode]);
  }
}
