import { Injectable } from '@nestjs/common';
import { listingPublished, listingReserved, listingSummarised, listingWithdrawn, matching } from '@kula/contracts';
import { FederationOutbox, type EntryAddress } from '@kula/platform-federation';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { summaryBodyOf } from '../summary/summary.presenter.js';
import { Pseudonyms } from '../visibility/pseudonyms.js';
import type { Listing } from './domain/listing.js';
import { isInLog } from './domain/visibility.js';
import { listingBodyOf, listingView } from './listing.presenter.js';

/** Everything that is said of a listing stands under its id, and may be dropped from the log once its time is over. */
const addressOf = ({ listingId, availableUntilMs }: Listing): EntryAddress => ({ subject: listingId, exp: availableUntilMs });

/** Says what has become of this node's own listings: to its other services, and to other nodes as far as the listing's visibility allows. */
@Injectable()
export class ListingAnnouncer {
  constructor(
    private readonly outbox: Outbox, private readonly federation: FederationOutbox, private readonly pseudonyms: Pseudonyms, private readonly clock: Clock,
  ) {}

  /** Tells the node's services that the listing may be reserved. */
  async opened(listing: Listing, tx: Transaction): Promise<void> {
    await this.outbox.add(matching.listingOpened, listingView(listing), tx);
  }

  /** Tells the node's services that the listing may not be reserved any more. */
  async closed({ listingId, participantId }: Listing, tx: Transaction): Promise<void> {
    await this.outbox.add(matching.listingClosed, { listingId, participantId, closedAt: this.clock.now().toISOString() }, tx);
  }

  /** Replicates the listing, in full or in summary. */
  async replicate(listing: Listing, tx: Transaction): Promise<void> {
    if (listing.visibility === 'network') await this.federation.add(listingPublished, listingBodyOf(listing), addressOf(listing), tx);
    if (listing.visibility !== 'summary') return;
    await this.federation.add(listingSummarised, summaryBodyOf(listing, this.pseudonyms.refOf(listing.participantId)), addressOf(listing), tx);
  }

  /** Tells other nodes that the listing is closed. */
  async replicateClosing(listing: Listing, tx: Transaction): Promise<void> {
    if (!isInLog(listing.visibility)) return;
    await this.federation.add(listingWithdrawn, { listing_id: listing.listingId, home_node: listing.homeNode }, addressOf(listing), tx);
  }

  /** Tells other nodes how much of the listing is free. */
  async replicateFree(listing: Listing, tx: Transaction): Promise<void> {
    if (!isInLog(listing.visibility)) return;
    await this.federation.add(listingReserved, { listing_id: listing.listingId, home_node: listing.homeNode, free: String(listing.free) }, addressOf(listing), tx);
  }

  /** Tells other nodes that a listing of which this node has told them a summary is not known here any more. */
  async replicateLoss({ listingId, homeNode, availableUntilMs }: Pick<Listing, 'listingId' | 'homeNode' | 'availableUntilMs'>, tx: Transaction): Promise<void> {
    await this.federation.add(listingWithdrawn, { listing_id: listingId, home_node: homeNode }, { subject: listingId, exp: availableUntilMs }, tx);
  }
}
