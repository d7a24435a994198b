import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import type { Listing } from '../listing/domain/listing.js';
import { candidateOf } from '../summary/summary.presenter.js';
import { Pseudonyms } from '../visibility/pseudonyms.js';
import { DisclosureRepository } from './disclosure.repository.js';
import { FindOwnListings } from './own-listings.query.js';

type Question = z.output<typeof matching.candidatesQuestion>;
type Answer = z.input<typeof matching.candidatesAnswer>;
type Candidate = z.input<typeof matching.candidate>;

/** Listings of one page. */
const PAGE_MAX = 100;
/** Bytes of the listings of one page: the whole answer stays well below 200 KB. */
const PAGE_BYTES_MAX = 100_000;
/** How long the asker may use an answer. */
const VALID_MS = 600_000;

/** Tells a peer which listings could be of use to it, of those that are only shown to those who ask. */
@Injectable()
export class AnswerCandidates {
  constructor(
    private readonly listings: FindOwnListings, private readonly disclosures: DisclosureRepository, private readonly pseudonyms: Pseudonyms,
    private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {}

  /** One page. What is told is recorded in the transaction that reads it. */
  async run(nodeId: string, question: Question): Promise<Answer> {
    const now = this.clock.now();
    return this.unitOfWork.retrying(async (tx) => {
      const useful = await this.listings.useful(question, { nowMs: now.getTime(), limit: PAGE_MAX + 1 }, tx);
      const { told, next } = this.page(useful);
      await this.disclosures.record(nodeId, 'summary', { listingIds: told.map(({ listing_id: listingId }) => listingId), at: now }, tx);
      return { candidates: told, next, valid_until: new Date(now.getTime() + VALID_MS).toISOString() };
    });
  }

  /** As many listings as fit in one page. One that is too large for any is passed over. */
  private page(useful: readonly Listing[]): { readonly told: Candidate[]; readonly next: string | null } {
    const told: Candidate[] = [];
    let bytes = 0;
    let last: string | null = null;
    for (const listing of useful) {
      const candidate = candidateOf(listing, this.pseudonyms.refOf(listing.participantId));
      const size = Buffer.byteLength(JSON.stringify(candidate));
      if (told.length === PAGE_MAX || (bytes + size > PAGE_BYTES_MAX && told.length > 0)) return { told, next: last };
      last = listing.listingId;
      if (size > PAGE_BYTES_MAX) continue;
      told.push(candidate);
      bytes += size;
    }
    return { told, next: null };
  }
}
