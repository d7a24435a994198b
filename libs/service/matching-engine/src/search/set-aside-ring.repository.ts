import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** A ring that cannot be proposed for now. */
export interface SetAside {
  readonly ringId: string;
  /** In plain words. Names nothing that a home node has told in confidence. */
  readonly reason: string;
  readonly untilMs: number;
}

const DAY_MS = 24 * 3_600_000;
/** How long another node may take to propose a ring that only it knows in full. */
const PATIENCE_MS = DAY_MS;
const NOT_TAKEN_UP = 'Not chosen: for a day it was for another node to propose, which has not done so and may know more about its own listings.';

/** Rings that cannot be proposed for now, though what is told of their listings allows them. */
@Injectable()
export class SetAsideRingRepository {
  /** Sets a ring aside, and forgets those whose time is over. */
  async put({ ringId, reason, untilMs }: SetAside, nowMs: number, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM ring_set_aside WHERE until_ms <= $1', [nowMs]);
    await tx.query(
      `INSERT INTO ring_set_aside (ring_id, reason, until_ms) VALUES ($1, $2, $3)
       ON CONFLICT (ring_id) DO UPDATE SET reason = $2, until_ms = $3`, [ringId, reason, untilMs],
    );
  }

  /** Keeps since when rings wait for another node. Those that have waited for a day are set aside for a day, so that their members are free for other rings. */
  async awaitOthers(ringIds: readonly string[], nowMs: number, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM ring_awaited WHERE ring_id <> ALL($1)', [ringIds]);
    await tx.query('INSERT INTO ring_awaited (ring_id, since_ms) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING', [ringIds, nowMs]);
    const overdue = await tx.query<{ ring_id: string }[]>('SELECT ring_id FROM ring_awaited WHERE since_ms <= $1', [nowMs - PATIENCE_MS]);
    for (const { ring_id: ringId } of overdue) await this.put({ ringId, reason: NOT_TAKEN_UP, untilMs: nowMs + DAY_MS }, nowMs, tx);
  }
}
