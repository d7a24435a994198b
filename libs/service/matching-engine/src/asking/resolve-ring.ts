import { Injectable } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { MatchingPolicy } from '../matching-policy.js';
import { knownRing, type Details, type Misfit } from '../search/domain/known-ring.js';
import { listingsOf, type Ring } from '../search/domain/ring.js';
import { STANDING_DEFAULT } from '../search/search-snapshot.query.js';
import { saysSame, type Summary } from '../summary/domain/summary.js';
import { summaryOfBody } from '../summary/summary.presenter.js';
import { SummaryRepository } from '../summary/summary.repository.js';
import { PeerAsking } from './peer-asking.js';

type Told = z.output<typeof matching.listingDetails>;

/** The ring with every member known, or why it cannot be proposed and when it is worth looking at again. */
export type Resolution = { readonly ring: Ring } | { readonly reason: string; readonly pauseMs: number };

const PATIENCE_MS = 3_000;
const MINUTE_MS = 60_000;
/** A node that was away may be back. */
const SILENCE_PAUSE_MS = 10 * MINUTE_MS;
/** What a listing says never changes; standings and homes of participants do. */
const MISFIT_PAUSE_MS = 7 * 24 * 60 * MINUTE_MS;

const MISFITS: Readonly<Record<Misfit | 'contradiction' | 'two_homes', string>> = {
  contradiction: 'Not chosen: what a home node told of its listing is not what it had told in summary.',
  two_homes: 'Not chosen: several nodes claim one of its members.',
  same_person: 'Not chosen: once its members were known, it was no ring of distinct people.',
  gate: 'Not chosen: once everything was known, one of its deliveries was not possible.',
  threshold: 'Not chosen: once everything was known, one of its deliveries did not fit well enough.',
};

const misfit = (name: keyof typeof MISFITS): Resolution => ({ reason: MISFITS[name], pauseMs: MISFIT_PAUSE_MS });

/** Asks the home nodes of a ring that is about to be proposed for what they have not told. */
@Injectable()
export class ResolveRing {
  constructor(
    private readonly asking: PeerAsking, private readonly summaries: SummaryRepository, private readonly policy: MatchingPolicy, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** One home node after the other is asked, and none once the ring is lost: nobody tells details in vain. */
  async run(ring: Ring, nowMs: number): Promise<Resolution> {
    const kept = listingsOf(ring).filter(({ isSummary }) => isSummary === true);
    if (kept.length === 0) return { ring };
    const summaries = await this.unitOfWork.run((tx) => this.summaries.findAll(kept.map(({ listingId }) => listingId), tx));
    const told: Told[] = [];
    for (const nodeId of new Set(kept.map(({ homeNode }) => homeNode))) {
      const ids = kept.filter(({ homeNode }) => homeNode === nodeId).map(({ listingId }) => listingId);
      const answer = await this.detailsOf(nodeId, ids);
      if ('silence' in answer) return { reason: `Not chosen: node ${nodeId} was asked for the details of its listings and ${answer.silence}. It is asked again later.`, pauseMs: SILENCE_PAUSE_MS };
      if (!answer.details.every((each) => isAsTold(each, summaries.get(each.listing_id)))) return misfit('contradiction');
      told.push(...answer.details);
    }
    return this.fitted(ring, told, nowMs);
  }

  private async detailsOf(nodeId: string, ids: readonly string[]): Promise<{ readonly details: readonly Told[] } | { readonly silence: string }> {
    const reply = await this.asking.ask({
      nodeId, kind: 'matching.details', body: { listing_ids: ids }, answer: matching.detailsAnswer, patienceMs: PATIENCE_MS,
    });
    if ('silence' in reply) return reply;
    const details = ids.flatMap((id) => reply.answer.listings.find(({ listing_id: told }) => told === id) ?? []);
    return details.length === ids.length ? { details } : { silence: 'it does not tell them' };
  }

  private async fitted(ring: Ring, told: readonly Told[], nowMs: number): Promise<Resolution> {
    const details = await this.unitOfWork.run((tx) => this.withStandings(told, tx));
    if (details === undefined) return misfit('two_homes');
    const known = knownRing(ring, details, { nowMs, threshold: this.policy.threshold });
    return typeof known === 'string' ? misfit(known) : { ring: known };
  }

  /** The details under the ids of the listings, or undefined where another node speaks for one of the participants. */
  private async withStandings(told: readonly Told[], tx: Transaction): Promise<ReadonlyMap<string, Details> | undefined> {
    const people = told.map(({ participant_id: participantId }) => participantId);
    const claimed = await tx.query<unknown[]>(
      `SELECT 1 FROM unnest($1::text[], $2::text[]) AS t (participant_id, home_node)
       JOIN listing l ON l.participant_id = t.participant_id AND l.home_node <> t.home_node AND l.state = 'open' LIMIT 1`,
      [people, told.map(({ home_node: homeNode }) => homeNode)],
    );
    if (claimed.length > 0) return undefined;
    const rows = await tx.query<{ participant_id: string; standing: number }[]>('SELECT participant_id, standing FROM standing WHERE participant_id = ANY($1)', [people]);
    const standings = new Map(rows.map((row) => [row.participant_id, row.standing]));
    return new Map(told.map(({ listing_id: listingId, participant_id: participantId, title, place }) => (
      [listingId, { participantId, title, place, standing: standings.get(participantId) ?? STANDING_DEFAULT }])));
  }
}

/** True where the details are those of the summary the ring was found with. */
const isAsTold = (told: Told, summary: Summary | undefined): boolean => summary !== undefined && saysSame(summaryOfBody(told), summary);
