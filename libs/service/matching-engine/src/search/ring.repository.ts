import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';

type RingView = z.input<typeof matching.ring>;

/** How often peers are asked although nothing has changed here. */
const ASK_AGAIN_MS = 600_000;

const LENGTH_DIGITS = 100;
const SCORE_DIGITS = 10_000_000;

/** Sorts the best ring first: chosen before not chosen, then the longer, then the better. */
export function rankOf({ state, legs, score, ringId }: RingView): string {
  const length = String(LENGTH_DIGITS - legs.length).padStart(2, '0');
  return `${state === 'selected' ? 0 : 1}.${length}.${String(SCORE_DIGITS - score).padStart(8, '0')}.${ringId}`;
}

/** What the latest search found. */
@Injectable()
export class RingRepository {
  /** True where the latest search started from this graph, and there is nobody to ask or all have been asked within ten minutes. */
  async isSearched({ graphHash, nowMs }: { readonly graphHash: string; readonly nowMs: number }, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `SELECT 1 FROM latest_search WHERE graph_hash = $1 AND (ended_at > $2 OR NOT EXISTS (SELECT 1 FROM peer_standing WHERE is_open))`,
      [graphHash, new Date(nowMs - ASK_AGAIN_MS)],
    );
    return rows.length > 0;
  }

  /** Keeps what a search found in place of what an earlier one did. Rings this node has proposed stay until they end. */
  async replace(rings: readonly RingView[], search: { readonly graphHash: string; readonly scoringVersion: number; readonly endedAt: Date }, tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('latest search', 0))`);
    await tx.query(
      `DELETE FROM ring WHERE ring_id = ANY($1) OR ring_id NOT IN (SELECT ring_id FROM proposed_ring WHERE ended_at IS NULL)`, [rings.map(({ ringId }) => ringId)],
    );
    for (const ring of rings) {
      await tx.query(
        `INSERT INTO ring (ring_id, rank, state, score, legs, reason, proposing_node, found_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [ring.ringId, rankOf(ring), ring.state, ring.score, JSON.stringify(ring.legs), ring.reason, ring.proposingNode, ring.foundAt],
      );
    }
    await tx.query(
      `INSERT INTO latest_search (graph_hash, scoring_version, ended_at) VALUES ($1, $2, $3)
       ON CONFLICT (only_row) DO UPDATE SET graph_hash = $1, scoring_version = $2, ended_at = $3`, [search.graphHash, search.scoringVersion, search.endedAt],
    );
  }
}
