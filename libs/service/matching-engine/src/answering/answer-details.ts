import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { detailsOf } from '../summary/summary.presenter.js';
import { Pseudonyms } from '../visibility/pseudonyms.js';
import { DisclosureRepository } from './disclosure.repository.js';
import { FindOwnListings } from './own-listings.query.js';

/** Tells a peer that is about to propose a ring whose listings these are, what they are called and where. */
@Injectable()
export class AnswerDetails {
  constructor(
    private readonly listings: FindOwnListings, private readonly disclosures: DisclosureRepository, private readonly pseudonyms: Pseudonyms,
    private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {}

  /** Of listings that the asker may not know nothing is said, not even that there are any. */
  async run(nodeId: string, listingIds: readonly string[]): Promise<z.input<typeof matching.detailsAnswer>> {
    const now = this.clock.now();
    return this.unitOfWork.retrying(async (tx) => {
      const known = await this.listings.known(listingIds, { nodeId, nowMs: now.getTime() }, tx);
      await this.disclosures.record(nodeId, 'details', { listingIds: known.map(({ listingId }) => listingId), at: now }, tx);
      return { listings: known.map((listing) => detailsOf(listing, this.pseudonyms.refOf(listing.participantId))) };
    });
  }
}
