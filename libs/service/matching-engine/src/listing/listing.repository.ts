import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import type { Listing } from './domain/listing.js';

/** A row of the table: numbers too large for a double come as text. */
export interface ListingRow extends Omit<Listing, 'amount' | 'free' | 'availableFromMs' | 'availableUntilMs' | 'publishedAtMs' | 'capacityVersion'> {
  readonly amount: string;
  readonly free: string;
  readonly availableFromMs: string;
  readonly availableUntilMs: string;
  readonly publishedAtMs: string;
  readonly capacityVersion: string;
}

/** Columns of a listing under the names of its fields. */
export const LISTING_COLUMNS = `
  l.listing_id AS "listingId", l.kind, l.participant_id AS "participantId", l.home_node AS "homeNode", l.title, l.capability, l.amount, l.unit, l.free,
  l.available_from_ms AS "availableFromMs", l.available_until_ms AS "availableUntilMs", l.place, l.delivery, l.visibility, l.state,
  l.published_at_ms AS "publishedAtMs", l.capacity_version AS "capacityVersion", l.version`;

/** The listing of a row. */
export function listingOfRow(row: ListingRow): Listing {
  return {
    ...row, amount: BigInt(row.amount), free: BigInt(row.free), availableFromMs: Number(row.availableFromMs),
    availableUntilMs: Number(row.availableUntilMs), publishedAtMs: Number(row.publishedAtMs), capacityVersion: Number(row.capacityVersion),
  };
}

/** Every listing this node knows: its own ones and the copies of others. None is ever deleted, so no id is used twice. */
@Injectable()
export class ListingRepository {
  async find(listingId: string, tx: Transaction): Promise<Listing | undefined> {
    const [row] = await tx.query<ListingRow[]>(`SELECT ${LISTING_COLUMNS} FROM listing l WHERE l.listing_id = $1`, [listingId]);
    return row === undefined ? undefined : listingOfRow(row);
  }

  /** Open listings of a participant. Until the transaction ends, nobody else adds one. */
  async countOpen(participantId: string, tx: Transaction): Promise<number> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`listings of ${participantId}`]);
    const [row] = await tx.query<{ open: number }[]>(
      `SELECT count(*)::int AS open FROM listing WHERE participant_id = $1 AND state = 'open'`, [participantId],
    );
    return row?.open ?? 0;
  }

  async add(listing: Listing, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO listing (listing_id, kind, participant_id, home_node, title, capability, amount, unit, free, available_from_ms, available_until_ms,
         place, delivery, visibility, state, published_at_ms, capacity_version, version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
      [
        listing.listingId, listing.kind, listing.participantId, listing.homeNode, listing.title, listing.capability, String(listing.amount), listing.unit,
        String(listing.free), listing.availableFromMs, listing.availableUntilMs, listing.place, listing.delivery, listing.visibility, listing.state,
        listing.publishedAtMs, listing.capacityVersion, listing.version,
      ],
    );
  }

  /** Writes what may change of a listing. @throws StaleWriteError where somebody else wrote since it was read. */
  async save({ listingId, state, free, capacityVersion, version }: Listing, tx: Transaction): Promise<void> {
    const [, affected] = await tx.query<[unknown, number]>(
      `UPDATE listing SET state = $3, free = $4, capacity_version = $5, version = version + 1 WHERE listing_id = $1 AND version = $2`,
      [listingId, version, state, String(free), capacityVersion],
    );
    if (affected !== 1) throw new StaleWriteError(`listing ${listingId} has changed since version ${version}`);
  }

  /** Open listings of a node whose time is over, at most `limit`, in the order in which everybody locks listings. */
  async findExpired(homeNode: string, nowMs: number, limit: number, tx: Transaction): Promise<Listing[]> {
    const rows = await tx.query<ListingRow[]>(
      `SELECT ${LISTING_COLUMNS} FROM listing l WHERE l.home_node = $1 AND l.state = 'open' AND l.available_until_ms <= $2
       ORDER BY l.listing_id LIMIT $3`, [homeNode, nowMs, limit],
    );
    return rows.map(listingOfRow);
  }
}
