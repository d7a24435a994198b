import { Injectable } from '@nestjs/common';
import { hashDocument } from '@kula/kernel-crypto';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { LISTING_COLUMNS, listingOfRow, type ListingRow } from '../listing/listing.repository.js';
import { MatchingPolicy } from '../matching-policy.js';
import { OwnNode } from '../own-node.js';
import type { SearchProblem } from './domain/choose-rings.js';
import { SCORING_VERSION } from './domain/leg/score-leg.js';

/** Standing of a participant the trust service has said nothing about, millionths. */
const STANDING_DEFAULT = 350_000;

/** What a search starts from, and a name for all of it. */
export interface SearchSnapshot extends SearchProblem {
  /** Changes with everything that could change the outcome, except the time. */
  readonly graphHash: string;
}

interface Row extends ListingRow {
  readonly standing: number;
  readonly isProposed: boolean;
}

/** Reads the exchange graph. */
@Injectable()
export class SearchSnapshots {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode, private readonly policy: MatchingPolicy, private readonly clock: Clock) {}

  /** The graph as it is now. */
  async take(): Promise<SearchSnapshot> {
    const nowMs = this.clock.now().getTime();
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${LISTING_COLUMNS}, coalesce(s.standing, $2) AS standing, p.ring_id IS NOT NULL AS "isProposed"
       FROM listing l LEFT JOIN standing s ON s.participant_id = l.participant_id LEFT JOIN proposed_ring_listing p ON p.listing_id = l.listing_id
       WHERE l.state = 'open' AND l.free > 0 AND l.available_until_ms > $1 ORDER BY l.listing_id`, [nowMs, STANDING_DEFAULT],
    );
    // What a completed ring used up is not free any more, so it cannot be found again.
    const ended = await this.dataSource.query<{ ring_id: string }[]>(`SELECT ring_id FROM proposed_ring WHERE outcome <> 'completed' ORDER BY ring_id`);
    const { threshold, ringLengthMax } = this.policy;
    const endedRings = ended.map(({ ring_id: ringId }) => ringId);
    const graph = rows.map(({ listingId, free, standing, isProposed }) => [listingId, free, standing, isProposed]);
    return {
      ownNode: this.own.nodeId, nowMs, threshold, ringLengthMax, endedRings: new Set(endedRings),
      listings: rows.filter(({ isProposed }) => !isProposed).map((row) => ({ ...listingOfRow(row), standing: row.standing })),
      graphHash: hashDocument({ graph, endedRings, threshold, ringLengthMax, scoringVersion: SCORING_VERSION }),
    };
  }
}
