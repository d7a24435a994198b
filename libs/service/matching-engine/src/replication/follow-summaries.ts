import { Injectable } from '@nestjs/common';
import type { listingReserved, listingSummarised, listingWithdrawn } from '@kula/contracts';
import type { FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { checkHome, checkWindow, withFree } from '../listing/domain/listing.js';
import { ListingExistsError } from '../listing/domain/listing.errors.js';
import { ListingAnnouncer } from '../listing/listing-announcer.js';
import { ListingRepository } from '../listing/listing.repository.js';
import { OPEN_SUMMARIES_MAX, saysSame, TooManySummariesError, type Summary } from '../summary/domain/summary.js';
import { summaryOfBody } from '../summary/summary.presenter.js';
import { SummaryRepository } from '../summary/summary.repository.js';
import { ListingWords } from './listing-words.js';

type Entry<Message extends { readonly body: z.ZodType }> = FederatedEntry<z.output<Message['body']>>;

/** Listings that are replicated in summary. */
@Injectable()
export class FollowSummaries {
  constructor(
    private readonly listings: ListingRepository, private readonly summaries: SummaryRepository, private readonly words: ListingWords,
    private readonly announcer: ListingAnnouncer,
  ) {}

  /** @throws ForeignListingError, WindowReversedError, ListingExistsError, TooManySummariesError. */
  async summarised(entry: Entry<typeof listingSummarised>, tx: Transaction): Promise<void> {
    const claim = summaryOfBody(entry.body);
    checkHome(claim, entry.issuer);
    checkWindow(claim);
    await (entry.isOwn ? this.recognise(claim, tx) : this.admit(claim, entry, tx));
  }

  /** False where no such listing is known in summary. @throws ForeignListingError. */
  async withdrawn({ issuer, body }: Entry<typeof listingWithdrawn>, tx: Transaction): Promise<boolean> {
    return this.change(issuer, body.listing_id, (summary) => ({ ...summary, state: 'withdrawn' }), tx);
  }

  /** False where no such listing is known in summary. @throws ForeignListingError, FreeExceedsAmountError. */
  async reserved({ issuer, body }: Entry<typeof listingReserved>, tx: Transaction): Promise<boolean> {
    return this.change(issuer, body.listing_id, (summary) => withFree(summary, BigInt(body.free)), tx);
  }

  private async admit(claim: Summary, entry: Entry<typeof listingSummarised>, tx: Transaction): Promise<void> {
    const openCount = await this.summaries.countOpen(claim, tx);
    const known = await this.summaries.findInLog(claim.listingId, tx);
    if (known !== undefined && saysSame(claim, known)) return;
    if (known !== undefined || await this.listings.find(claim.listingId, tx) !== undefined) throw new ListingExistsError(claim.listingId);
    if (openCount >= OPEN_SUMMARIES_MAX) throw new TooManySummariesError(claim.participantRef);
    const { free, isClosed } = await this.words.take(entry, claim.amount, tx);
    await this.summaries.add({ ...claim, free: free ?? claim.free, state: isClosed ? 'withdrawn' : 'open' }, tx);
  }

  /** A summary does not say enough to bring back a listing that a restored node has lost: it is withdrawn, so that nobody counts on it. */
  private async recognise(claim: Summary, tx: Transaction): Promise<void> {
    const listing = await this.listings.find(claim.listingId, tx);
    if (listing === undefined) await this.announcer.replicateLoss(claim, tx);
  }

  private async change(issuer: string, listingId: string, changed: (summary: Summary) => Summary, tx: Transaction): Promise<boolean> {
    const summary = await this.summaries.findInLog(listingId, tx);
    if (summary === undefined) return false;
    checkHome(summary, issuer);
    await this.summaries.save(changed(summary), tx);
    return true;
  }
}
