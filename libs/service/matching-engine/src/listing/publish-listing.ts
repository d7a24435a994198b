import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { VisibilityPolicy } from '../visibility/visibility-policy.js';
import { checkWindowAhead, type Listing } from './domain/listing.js';
import { ListingAdmission } from './listing-admission.js';
import { ListingAnnouncer } from './listing-announcer.js';
import { ListingAuthor } from './listing-author.js';

/** Publishes a listing of a participant of this node. */
@Injectable()
export class PublishListing {
  constructor(
    private readonly author: ListingAuthor, private readonly policy: VisibilityPolicy, private readonly admission: ListingAdmission,
    private readonly announcer: ListingAnnouncer, private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * The listing as it now stands.
   *
   * @throws VisibilityNotOfferedError, WindowReversedError, WindowPastError, ListingExistsError, TooManyListingsError, the first that applies.
   */
  async run(input: z.output<typeof matching.publishListing.input>, participantId: string): Promise<Listing> {
    const { claim, otherId } = this.author.write(input, participantId);
    return this.unitOfWork.retrying(async (tx) => {
      const known = await this.admission.repetitionOf(claim, tx);
      if (known !== undefined) return known;
      this.policy.check(claim.visibility);
      checkWindowAhead(claim, claim.publishedAtMs);
      const admitted = await this.admission.admit(claim, tx, otherId);
      if (admitted === claim) await this.announcer.replicate(claim, tx);
      return admitted;
    });
  }
}
