import { Injectable } from '@nestjs/common';
import { hashDocument } from '@kula/kernel-crypto';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { LISTING_COLUMNS, listingOfRow, type ListingRow } from '../listing/listing.repository.js';
import type { Summary } from '../summary/domain/summary.js';
import { SUMMARY_COLUMNS, summaryOfRow, type SummaryRow } from '../summary/summary.repository.js';
import { MatchingPolicy } from '../matching-policy.js';
import { OwnNode } from '../own-node.js';
import type { SearchProblem } from './domain/choose-rings.js';
import type { GraphListing } from './domain/leg/graph-listing.js';
import { SCORING_VERSION } from './domain/leg/score-leg.js';

/** Standing of a participant the trust service has said nothing about, or who is not told, millionths. */
export const STANDING_DEFAULT = 350_000;

/** What a search starts from, and a name for all of it. */
export interface SearchSnapshot extends SearchProblem {
  /** Changes with everything that could change the outcome, except the time and what peers answer. */
  readonly graphHash: string;
}

interface Row extends ListingRow {
  readonly standing: number;
  readonly isProposed: boolean;
}

/** True of the listings of a node with which no new business is begun. */
const IS_CLOSED = (homeNode: string): string => `EXISTS (SELECT 1 FROM peer_standing c WHERE c.node_id = ${homeNode} AND NOT c.is_open)`;

/** What a search makes of a summary: a participant that goes by its reference, with nothing known of place and record. */
export function graphListingOf({ homeNode, participantRef, capability, validUntilMs, ...summary }: Summary): GraphListing {
  return {
    ...summary, homeNode, capability, participantId: `${homeNode}:${participantRef}`, title: capability, place: null, standing: STANDING_DEFAULT,
    visibility: validUntilMs === null ? 'summary' : 'query', isSummary: true,
  };
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
       WHERE l.state = 'open' AND l.free > 0 AND l.available_until_ms > $1 AND NOT ${IS_CLOSED('l.home_node')} ORDER BY l.listing_id`,
      [nowMs, STANDING_DEFAULT],
    );
    // What a completed ring used up is not free any more, so it cannot be found again.
    const ended = await this.dataSource.query<{ ring_id: string }[]>(`SELECT ring_id FROM proposed_ring WHERE outcome <> 'completed' ORDER BY ring_id`);
    const summaries = await this.summaries(nowMs);
    const setAside = await this.dataSource.query<{ ring_id: string; reason: string }[]>('SELECT ring_id, reason FROM ring_set_aside WHERE until_ms > $1', [nowMs]);
    const { threshold, ringLengthMax } = this.policy;
    const endedRings = ended.map(({ ring_id: ringId }) => ringId);
    const inLog = summaries.filter(({ validUntilMs }) => validUntilMs === null);
    const graph = [
      ...rows.map(({ listingId, free, standing, isProposed }) => [listingId, free, standing, isProposed]),
      ...inLog.map(({ listingId, free, isProposed }) => [listingId, String(free), isProposed]),
    ];
    return {
      ownNode: this.own.nodeId, nowMs, threshold, ringLengthMax, endedRings: new Set(endedRings),
      setAside: new Map(setAside.map(({ ring_id: ringId, reason }) => [ringId, reason])),
      listings: [
        ...rows.filter(({ isProposed }) => !isProposed).map((row) => ({ ...listingOfRow(row), standing: row.standing })),
        ...summaries.filter(({ isProposed }) => !isProposed).map(graphListingOf),
      ],
      graphHash: hashDocument({ graph, endedRings, threshold, ringLengthMax, scoringVersion: SCORING_VERSION }),
    };
  }

  private async summaries(nowMs: number): Promise<(Summary & { readonly isProposed: boolean })[]> {
    const rows = await this.dataSource.query<(SummaryRow & { readonly isProposed: boolean })[]>(
      `SELECT ${SUMMARY_COLUMNS}, p.ring_id IS NOT NULL AS "isProposed" FROM listing_summary s LEFT JOIN proposed_ring_listing p ON p.listing_id = s.listing_id
       WHERE s.state = 'open' AND s.free > 0 AND s.available_until_ms > $1 AND coalesce(s.valid_until_ms > $1, true) AND NOT ${IS_CLOSED('s.home_node')}
       ORDER BY s.listing_id`, [nowMs],
    );
    return rows.map((row) => ({ ...summaryOfRow(row), isProposed: row.isProposed }));
  }
}
