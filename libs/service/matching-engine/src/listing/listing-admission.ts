import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { OwnNode } from '../own-node.js';
import { SummaryRepository } from '../summary/summary.repository.js';
import { checkNovelty, closed, isSameListing, type Listing } from './domain/listing.js';
import type { ListingEvent } from './domain/listing.transitions.js';
import { ListingExistsError } from './domain/listing.errors.js';
import { ListingAnnouncer } from './listing-announcer.js';
import { ListingRepository } from './listing.repository.js';

/** The one way a listing comes into the graph and leaves it: for what members do here, and for entries of this node and of others alike. */
@Injectable()
export class ListingAdmission {
  constructor(
    private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly summaries: SummaryRepository,
    private readonly announcer: ListingAnnouncer,
  ) {}

  /** The listing as it stands here, where the claim only repeats it. */
  async repetitionOf(claim: Listing, tx: Transaction): Promise<Listing | undefined> {
    const known = await this.listings.find(claim.listingId, tx);
    return known !== undefined && isSameListing(claim, known) ? known : undefined;
  }

  /**
   * Takes a listing in and answers it as it now stands: the claim itself where it is new.
   *
   * @param otherId must not name a listing either. @throws ListingExistsError, then TooManyListingsError.
   */
  async admit(claim: Listing, tx: Transaction, otherId: string | null = null): Promise<Listing> {
    const openCount = await this.listings.countOpen(claim.participantId, tx);
    const known = await this.listings.find(claim.listingId, tx);
    if (known === undefined && await this.isTaken(claim.listingId, otherId, tx)) throw new ListingExistsError(claim.listingId);
    checkNovelty(claim, known, openCount);
    if (known !== undefined) return known;
    await this.listings.add(claim, tx);
    if (claim.homeNode === this.own.nodeId) await this.announcer.opened(claim, tx);
    return claim;
  }

  private async isTaken(listingId: string, otherId: string | null, tx: Transaction): Promise<boolean> {
    const isOther = otherId !== null && await this.listings.find(otherId, tx) !== undefined;
    return isOther || await this.summaries.isInLog(listingId, tx);
  }

  /** Closes a listing. A closed one stays as it is. */
  async close(listing: Listing, event: ListingEvent, tx: Transaction): Promise<Listing> {
    const next = closed(listing, event);
    if (next === undefined) return listing;
    await this.listings.save(next, tx);
    if (listing.homeNode === this.own.nodeId) await this.announcer.closed(listing, tx);
    return next;
  }

  /** Closes a listing of this node and tells the others. */
  async closeOwn(listing: Listing, event: ListingEvent, tx: Transaction): Promise<Listing> {
    const next = await this.close(listing, event, tx);
    if (next !== listing) await this.announcer.replicateClosing(next, tx);
    return next;
  }
}
