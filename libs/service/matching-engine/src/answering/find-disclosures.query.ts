import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { ListingUnknownError, NotYourListingError } from '../listing/domain/listing.errors.js';
import { ListingRepository } from '../listing/listing.repository.js';
import { OwnNode } from '../own-node.js';
import { DisclosureRepository } from './disclosure.repository.js';

/** What members see of the questions about their listings. */
@Injectable()
export class FindDisclosures {
  constructor(
    private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly disclosures: DisclosureRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Who was told of a listing because it asked. @throws ListingUnknownError, NotYourListingError. */
  async of(listingId: string, participantId: string): Promise<z.input<typeof matching.listDisclosures.output>> {
    return this.unitOfWork.run(async (tx) => {
      const listing = await this.listings.find(listingId, tx);
      if (listing === undefined) throw new ListingUnknownError(listingId);
      if (listing.participantId !== participantId || listing.homeNode !== this.own.nodeId) throw new NotYourListingError(listingId);
      const disclosures = await this.disclosures.findOf(listingId, tx);
      return { items: disclosures.map(({ firstAt, lastAt, ...disclosure }) => ({ ...disclosure, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() })) };
    });
  }
}
