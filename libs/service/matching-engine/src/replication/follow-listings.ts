import { Injectable } from '@nestjs/common';
import type { listingPublished, listingReserved, listingWithdrawn } from '@kula/contracts';
import type { FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { checkHome, checkWindow, withFree, type Listing } from '../listing/domain/listing.js';
import { ListingAdmission } from '../listing/listing-admission.js';
import { listingOfBody } from '../listing/listing.presenter.js';
import { ListingRepository } from '../listing/listing.repository.js';
import { ListingWords } from './listing-words.js';

type Entry<Message extends { readonly body: z.ZodType }> = FederatedEntry<z.output<Message['body']>>;

/** Listings that are replicated in full. */
@Injectable()
export class FollowListings {
  constructor(private readonly listings: ListingRepository, private readonly admission: ListingAdmission, private readonly words: ListingWords) {}

  /** @throws ForeignListingError, WindowReversedError, ListingExistsError, TooManyListingsError. */
  async published(entry: Entry<typeof listingPublished>, tx: Transaction): Promise<void> {
    const claim = listingOfBody(entry.body);
    checkHome(claim, entry.issuer);
    checkWindow(claim);
    if (await this.admission.admit(claim, tx) !== claim || entry.isOwn) return;
    const { free, isClosed } = await this.words.take(entry, claim.amount, tx);
    if (free !== null) await this.listings.save(withFree(claim, free), tx);
    if (isClosed) await this.admission.close({ ...claim, free: free ?? claim.free, version: claim.version + (free === null ? 0 : 1) }, 'withdraw', tx);
  }

  /** False where no such listing is known in full. @throws ForeignListingError. */
  async withdrawn({ issuer, body }: Entry<typeof listingWithdrawn>, tx: Transaction): Promise<boolean> {
    const listing = await this.listingOf(issuer, body.listing_id, tx);
    if (listing === undefined) return false;
    await this.admission.close(listing, 'withdraw', tx);
    return true;
  }

  /** False where no such listing is known in full. @throws ForeignListingError, FreeExceedsAmountError. */
  async reserved({ issuer, isOwn, body }: Entry<typeof listingReserved>, tx: Transaction): Promise<boolean> {
    const listing = await this.listingOf(issuer, body.listing_id, tx);
    if (listing === undefined) return false;
    const next = withFree(listing, BigInt(body.free));
    // What this node said about its own listing comes back late; the exchange manager has the last word.
    if (!isOwn && next.free !== listing.free) await this.listings.save(next, tx);
    return true;
  }

  private async listingOf(issuer: string, listingId: string, tx: Transaction): Promise<Listing | undefined> {
    const listing = await this.listings.find(listingId, tx);
    if (listing !== undefined) checkHome(listing, issuer);
    return listing;
  }
}
