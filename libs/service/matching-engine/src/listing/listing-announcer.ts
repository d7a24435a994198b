import { Injectable } from '@nestjs/common';
import { listingPublished, listingReserved, listingWithdrawn, matching } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { Listing } from './domain/listing.js';
import { listingBodyOf, listingView } from './listing.presenter.js';

/** Says what has become of this node's own listings: to its other services, and to other nodes unless the listing stays at home. */
@Injectable()
export class ListingAnnouncer {
  constructor(private readonly outbox: Outbox, private readonly federation: FederationOutbox, private readonly clock: Clock) {}

  /** Tells the node's services that the listing may be reserved. */
  async opened(listing: Listing, tx: Transaction): Promise<void> {
    await this.outbox.add(matching.listingOpened, listingView(listing), tx);
  }

  /** Tells the node's services that the listing may not be reserved any more. */
  async closed({ listingId, participantId }: Listing, tx: Transaction): Promise<void> {
    await this.outbox.add(matching.listingClosed, { listingId, participantId, closedAt: this.clock.now().toISOString() }, tx);
  }

  /** Replicates the listing. */
  async replicate(listing: Listing, tx: Transaction): Promise<void> {
    if (listing.visibility === 'node') return;
    await this.federation.add(listingPublished, listingBodyOf(listing), { subject: listing.listingId }, tx);
  }

  /** Tells other nodes that the listing is closed. */
  async replicateClosing({ listingId, homeNode, visibility }: Listing, tx: Transaction): Promise<void> {
    if (visibility === 'node') return;
    await this.federation.add(listingWithdrawn, { listing_id: listingId, home_node: homeNode }, { subject: listingId }, tx);
  }

  /** Tells other nodes how much of the listing is free. */
  async replicateFree({ listingId, homeNode, visibility, free }: Listing, tx: Transaction): Promise<void> {
    if (visibility === 'node') return;
    await this.federation.add(listingReserved, { listing_id: listingId, home_node: homeNode, free: String(free) }, { subject: listingId }, tx);
  }
}
