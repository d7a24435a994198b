import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import type { Listing } from '../listing/domain/listing.js';
import { LISTING_COLUMNS, listingOfRow, type ListingRow } from '../listing/listing.repository.js';
import { OwnNode } from '../own-node.js';
import { VisibilityPolicy } from '../visibility/visibility-policy.js';

/** How long after a node was told of a listing in answer to a question it may ask for the details. */
const GRANT_MS = 3_600_000;

/** What the asker is after, and where the page before ended. */
export interface CandidateTerms { readonly gives: readonly string[]; readonly seeks: readonly string[]; readonly after: string | null }

/** Reads this node's own listings for those who ask. What the node's policy does not allow any more is not there for them. */
@Injectable()
export class FindOwnListings {
  constructor(private readonly own: OwnNode, private readonly policy: VisibilityPolicy) {}

  /** Open listings that are only shown to those who ask, something of them free, that could be given for what is sought or taken for what is given. */
  async useful({ gives, seeks, after }: CandidateTerms, { nowMs, limit }: { readonly nowMs: number; readonly limit: number }, tx: Transaction): Promise<Listing[]> {
    if (!this.policy.allowed.includes('query')) return [];
    const rows = await tx.query<ListingRow[]>(
      `SELECT ${LISTING_COLUMNS} FROM listing l
       WHERE l.home_node = $1 AND l.visibility = 'query' AND l.state = 'open' AND l.free > 0 AND l.available_until_ms > $2 AND l.listing_id > $3
         AND (l.kind = 'offering' AND EXISTS (SELECT 1 FROM unnest($4::text[]) AS sought WHERE l.capability = sought OR starts_with(l.capability, sought || '.'))
           OR l.kind = 'need' AND EXISTS (SELECT 1 FROM unnest($5::text[]) AS given WHERE given = l.capability OR starts_with(given, l.capability || '.')))
       ORDER BY l.listing_id LIMIT $6`, [this.own.nodeId, nowMs, after ?? '', seeks, gives, limit],
    );
    return rows.map(listingOfRow);
  }

  /**
   * Those of the listings of which a node may know the details: open ones told to everybody in summary, and those that were
   * shown to this node within the last hour because it asked.
   */
  async known(listingIds: readonly string[], { nodeId, nowMs }: { readonly nodeId: string; readonly nowMs: number }, tx: Transaction): Promise<Listing[]> {
    const rows = await tx.query<ListingRow[]>(
      `SELECT ${LISTING_COLUMNS} FROM listing l
       WHERE l.home_node = $1 AND l.listing_id = ANY($2) AND l.visibility = ANY($3) AND l.state = 'open' AND l.available_until_ms > $4
         AND (l.visibility = 'summary' OR l.visibility = 'query' AND EXISTS (
           SELECT 1 FROM disclosure d WHERE d.listing_id = l.listing_id AND d.node_id = $5 AND d.told = 'summary' AND d.last_at > $6))
       ORDER BY l.listing_id`,
      [this.own.nodeId, listingIds, this.policy.allowed, nowMs, nodeId, new Date(nowMs - GRANT_MS)],
    );
    return rows.map(listingOfRow);
  }
}
