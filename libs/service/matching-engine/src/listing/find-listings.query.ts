import { Injectable } from '@nestjs/common';
import { keyOfCursor, pageOfRows } from '@kula/platform-persistence';
import type { matching } from '@kula/contracts';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { ListingUnknownError } from './domain/listing.errors.js';
import { listingView } from './listing.presenter.js';
import { LISTING_COLUMNS, listingOfRow, type ListingRow } from './listing.repository.js';

type ListingView = z.input<typeof matching.listing>;

const POSITION = /^[1-9][0-9]{0,17}$/;

/** What is shown of the listings. */
@Injectable()
export class FindListings {
  constructor(private readonly dataSource: DataSource, private readonly clock: Clock) {}

  /** One listing, open or closed. @throws ListingUnknownError. */
  async one(listingId: string): Promise<ListingView> {
    const [row] = await this.dataSource.query<ListingRow[]>(`SELECT ${LISTING_COLUMNS} FROM listing l WHERE l.listing_id = $1`, [listingId]);
    if (row === undefined) throw new ListingUnknownError(listingId);
    return listingView(listingOfRow(row));
  }

  /** Open listings whose time is not over, those that came last first. */
  async open({ limit, cursor, kind, participantId, homeNode }: z.output<typeof matching.listListings.input>): Promise<{ items: ListingView[]; nextCursor: string | null }> {
    const rows = await this.dataSource.query<(ListingRow & { position: string })[]>(
      `SELECT ${LISTING_COLUMNS}, l.position FROM listing l
       WHERE l.state = 'open' AND l.available_until_ms > $1 AND ($2::bigint IS NULL OR l.position < $2) AND ($4::text IS NULL OR l.kind = $4)
         AND ($5::text IS NULL OR l.participant_id = $5) AND ($6::text IS NULL OR l.home_node = $6)
       ORDER BY l.position DESC LIMIT $3`,
      [this.clock.now().getTime(), keyOfCursor(cursor, POSITION), limit + 1, kind ?? null, participantId ?? null, homeNode ?? null],
    );
    const page = pageOfRows(rows, limit, ({ position }) => position);
    return { ...page, items: page.items.map((row) => listingView(listingOfRow(row))) };
  }
}
