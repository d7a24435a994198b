import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { OwnNode } from '../own-node.js';
import { closed, noveltyOf, type Listing } from './domain/listing.js';
import type { ListingEvent } from './domain/listing.transitions.js';
import { ListingAnnouncer } from './listing-announcer.js';
import { ListingRepository } from './listing.repository.js';

/** The one way a listing comes into the graph and leaves it: for what members do here, and for entries of this node and of others alike. */
@Injectable()
export class ListingAdmission {
  constructor(private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly announcer: ListingAnnouncer) {}

  /** Takes a listing in. A repetition changes nothing. @throws ListingExistsError, then TooManyListingsError. */
  async admit(claim: Listing, tx: Transaction): Promise<'new' | 'same'> {
    const openCount = await this.listings.countOpen(claim.participantId, tx);
    const novelty = noveltyOf(claim, await this.listings.find(claim.listingId, tx), openCount);
    if (novelty === 'same') return 'same';
    await this.listings.add(claim, tx);
    if (claim.homeNode === this.own.nodeId) await this.announcer.opened(claim, tx);
    return 'new';
  }

  /** Closes a listing. True where it was open; a closed one stays as it is. */
  async close(listing: Listing, event: ListingEvent, tx: Transaction): Promise<boolean> {
    const next = closed(listing, event);
    if (next === undefined) return false;
    await this.listings.save(next, tx);
    if (listing.homeNode === this.own.nodeId) await this.announcer.closed(listing, tx);
    return true;
  }
}
