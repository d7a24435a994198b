import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { listingsOf, type Ring } from './domain/ring.js';

/** `new`: recorded now. `under_way`: recorded before and not ended. `refused`: it has ended, or a listing is held or not as it was found. */
export type Proposal = 'new' | 'under_way' | 'refused';

const idsOf = (ring: Ring): string[] => listingsOf(ring).map(({ listingId }) => listingId);

/** Rings this node has proposed and the listings they hold, and rings of others that have ended. */
@Injectable()
export class ProposedRingRepository {
  /**
   * Records that a ring is proposed and holds its listings, unless it is held already.
   *
   * Until the transaction ends, none of its listings changes, and nobody else proposes a ring with one of them.
   */
  async propose(ring: Ring, tx: Transaction): Promise<Proposal> {
    const isFree = await this.isFree(ring, tx);
    const [known] = await tx.query<{ has_ended: boolean }[]>('SELECT ended_at IS NOT NULL AS has_ended FROM proposed_ring WHERE ring_id = $1', [ring.ringId]);
    if (known !== undefined) return known.has_ended ? 'refused' : 'under_way';
    if (!isFree) return 'refused';
    const ids = idsOf(ring);
    await tx.query('INSERT INTO proposed_ring (ring_id) VALUES ($1)', [ring.ringId]);
    await tx.query('INSERT INTO proposed_ring_listing (listing_id, ring_id) SELECT unnest($1::text[]), $2', [ids, ring.ringId]);
    return 'new';
  }

  /** Records how a ring ended and lets its listings go. The first end counts. */
  async end({ ringId, endedAt, outcome }: { readonly ringId: string; readonly endedAt: string; readonly outcome: string }, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO proposed_ring (ring_id, ended_at, outcome) VALUES ($1, $2, $3)
       ON CONFLICT (ring_id) DO UPDATE SET ended_at = $2, outcome = $3 WHERE proposed_ring.ended_at IS NULL`, [ringId, endedAt, outcome],
    );
    await tx.query('DELETE FROM proposed_ring_listing WHERE ring_id = $1', [ringId]);
  }

  async isUnderWay(ringId: string, tx: Transaction): Promise<boolean> {
    return (await tx.query<unknown[]>('SELECT 1 FROM proposed_ring WHERE ring_id = $1 AND ended_at IS NULL', [ringId])).length > 0;
  }

  /** True where nothing here stands against proposing the ring. Until the transaction ends, none of its listings changes. */
  async mayPropose(ring: Ring, tx: Transaction): Promise<boolean> {
    const known = await tx.query<unknown[]>('SELECT 1 FROM proposed_ring WHERE ring_id = $1', [ring.ringId]);
    return known.length === 0 && this.isFree(ring, tx);
  }

  private async isFree(ring: Ring, tx: Transaction): Promise<boolean> {
    const isAsFound = await this.locksAsFound(ring, tx);
    const held = await tx.query<unknown[]>('SELECT 1 FROM proposed_ring_listing WHERE listing_id = ANY($1)', [idsOf(ring)]);
    return isAsFound && held.length === 0;
  }

  /** Keeps the listings of a ring from changing. True where they are open and have free what the ring needs. */
  private async locksAsFound(ring: Ring, tx: Transaction): Promise<boolean> {
    const ids = idsOf(ring);
    const rows = await tx.query<{ listing_id: string; free: string }[]>(
      `SELECT listing_id, free FROM listing WHERE listing_id = ANY($1) AND state = 'open' ORDER BY listing_id FOR UPDATE`, [ids],
    );
    const told = await tx.query<{ listing_id: string; free: string }[]>(
      `SELECT listing_id, free FROM listing_summary WHERE listing_id = ANY($1) AND state = 'open' ORDER BY listing_id FOR UPDATE`, [ids],
    );
    const free = new Map([...rows, ...told].map((row) => [row.listing_id, BigInt(row.free)]));
    return ring.legs.every(({ offering, need }) => free.get(need.listingId) === need.free && (free.get(offering.listingId) ?? 0n) >= need.free);
  }
}
