import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { listingsOf, type Ring } from './domain/ring.js';

/** Rings this node has proposed and the listings they hold, and rings of others that have ended. */
@Injectable()
export class ProposedRingRepository {
  /**
   * Records that a ring is proposed and holds its listings. False where it was proposed before, where a listing is held by
   * another ring, or where a listing is not as the ring assumes. Until the transaction ends, none of its listings changes.
   */
  async propose(ring: Ring, tx: Transaction): Promise<boolean> {
    if (!(await this.stillStands(ring, tx))) return false;
    const added = await tx.query<unknown[]>('INSERT INTO proposed_ring (ring_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING ring_id', [ring.ringId]);
    if (added.length === 0) return false;
    await tx.query(
      'INSERT INTO proposed_ring_listing (listing_id, ring_id) SELECT unnest($1::text[]), $2', [listingsOf(ring).map(({ listingId }) => listingId), ring.ringId],
    );
    return true;
  }

  /** Records how a ring ended and lets its listings go. The first end counts. */
  async end({ ringId, endedAt, outcome }: { readonly ringId: string; readonly endedAt: string; readonly outcome: string }, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO proposed_ring (ring_id, ended_at, outcome) VALUES ($1, $2, $3)
       ON CONFLICT (ring_id) DO UPDATE SET ended_at = $2, outcome = $3 WHERE proposed_ring.ended_at IS NULL`, [ringId, endedAt, outcome],
    );
    await tx.query('DELETE FROM proposed_ring_listing WHERE ring_id = $1', [ringId]);
  }

  private async stillStands({ legs }: Ring, tx: Transaction): Promise<boolean> {
    const ids = legs.flatMap(({ offering, need }) => [offering.listingId, need.listingId]);
    const open = await tx.query<{ listing_id: string; free: string }[]>(
      `SELECT listing_id, free FROM listing WHERE listing_id = ANY($1) AND state = 'open' ORDER BY listing_id FOR UPDATE`, [ids],
    );
    const held = await tx.query<unknown[]>('SELECT 1 FROM proposed_ring_listing WHERE listing_id = ANY($1)', [ids]);
    const free = new Map(open.map((row) => [row.listing_id, BigInt(row.free)]));
    const isAsAssumed = legs.every(({ offering, need }) => free.get(need.listingId) === need.free && (free.get(offering.listingId) ?? 0n) >= need.free);
    return held.length === 0 && isAsAssumed;
  }
}
