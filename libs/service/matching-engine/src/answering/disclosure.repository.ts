import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** What a node was told of a listing because it asked. */
export interface Disclosure {
  readonly nodeId: string;
  readonly told: 'summary' | 'details';
  readonly times: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const SHOWN_MAX = 200;

/** Who was told what about the listings of this node. */
@Injectable()
export class DisclosureRepository {
  /** Records that a node was told something of listings, in the transaction that reads them. */
  async record(nodeId: string, told: Disclosure['told'], { listingIds, at }: { readonly listingIds: readonly string[]; readonly at: Date }, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO disclosure (listing_id, node_id, told, times, first_at, last_at) SELECT listing_id, $2, $3, 1, $4, $4
       FROM unnest($1::text[]) AS t (listing_id) ORDER BY listing_id
       ON CONFLICT (listing_id, node_id, told) DO UPDATE SET times = disclosure.times + 1, last_at = greatest(disclosure.last_at, $4)`,
      [listingIds, nodeId, told, at],
    );
  }

  /** At most 200 disclosures of a listing, the latest first. */
  async findOf(listingId: string, tx: Transaction): Promise<Disclosure[]> {
    return tx.query<Disclosure[]>(
      `SELECT node_id AS "nodeId", told, times, first_at AS "firstAt", last_at AS "lastAt" FROM disclosure WHERE listing_id = $1
       ORDER BY last_at DESC, node_id, told LIMIT $2`, [listingId, SHOWN_MAX],
    );
  }
}
