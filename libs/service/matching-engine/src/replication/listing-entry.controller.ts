import { Controller } from '@nestjs/common';
import { listingPublished, listingReserved, listingWithdrawn, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { checkHome, checkWindow, withFree, type Listing } from '../listing/domain/listing.js';
import { ListingUnknownError } from '../listing/domain/listing.errors.js';
import { ListingAdmission } from '../listing/listing-admission.js';
import { listingOfBody } from '../listing/listing.presenter.js';
import { ListingRepository } from '../listing/listing.repository.js';

/**
 * Entries about listings, of this node and of others, all on one path.
 *
 * Everything about a listing is said by its home node, and entries of one node arrive in order: whatever is said about a
 * listing that is unknown here follows a publication that was refused, so it is refused as well.
 */
@Controller()
export class ListingEntryController {
  private readonly routes: readonly EntryRoute[];

  constructor(private readonly inbox: FederationInbox, private readonly listings: ListingRepository, admission: ListingAdmission) {
    this.routes = [
      onMessage(listingPublished, async ({ issuer, body }, tx) => {
        const claim = listingOfBody(body);
        checkHome(claim, issuer);
        checkWindow(claim);
        await admission.admit(claim, tx);
      }),
      onMessage(listingWithdrawn, async ({ issuer, body }, tx) => {
        await admission.close(await this.listingOf(issuer, body.listing_id, tx), 'withdraw', tx);
      }),
      onMessage(listingReserved, async ({ issuer, isOwn, body }, tx) => {
        const listing = await this.listingOf(issuer, body.listing_id, tx);
        const next = withFree(listing, BigInt(body.free));
        // What this node said about its own listing comes back late; the exchange manager has the last word.
        if (!isOwn && next.free !== listing.free) await this.listings.save(next, tx);
      }),
    ];
  }

  @OnFederated('graph')
  async arrived(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('matching-engine', entry, this.routes);
  }

  /** @throws ListingUnknownError; ForeignListingError where the issuer is not the home of the listing. */
  private async listingOf(issuer: string, listingId: string, tx: Transaction): Promise<Listing> {
    const listing = await this.listings.find(listingId, tx);
    if (listing === undefined) throw new ListingUnknownError(listingId);
    checkHome(listing, issuer);
    return listing;
  }
}
