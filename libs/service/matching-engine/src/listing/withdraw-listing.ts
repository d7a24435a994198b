import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { OwnNode } from '../own-node.js';
import type { Listing } from './domain/listing.js';
import { ListingUnknownError, NotYourListingError } from './domain/listing.errors.js';
import { ListingAdmission } from './listing-admission.js';
import { ListingRepository } from './listing.repository.js';

/** Withdraws a listing of a participant of this node. Repeating it changes nothing. */
@Injectable()
export class WithdrawListing {
  constructor(
    private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly admission: ListingAdmission, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The listing as it now stands. @throws ListingUnknownError, NotYourListingError, the first that applies. */
  async run(listingId: string, participantId: string): Promise<Listing> {
    return this.unitOfWork.retrying(async (tx) => {
      const listing = await this.listings.find(listingId, tx);
      if (listing === undefined) throw new ListingUnknownError(listingId);
      if (listing.participantId !== participantId || listing.homeNode !== this.own.nodeId) throw new NotYourListingError(listingId);
      return this.admission.closeOwn(listing, 'withdraw', tx);
    });
  }
}
