import { Controller } from '@nestjs/common';
import { listingPublished, listingReserved, listingSummarised, listingWithdrawn, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { FollowListings } from './follow-listings.js';
import { FollowSummaries } from './follow-summaries.js';
import { ListingWords } from './listing-words.js';

/** Entries about listings, of this node and of others, all on one path. Everything about a listing is said by its home node. */
@Controller()
export class ListingEntryController {
  private readonly routes: readonly EntryRoute[];

  constructor(private readonly inbox: FederationInbox, listings: FollowListings, summaries: FollowSummaries, words: ListingWords) {
    this.routes = [
      onMessage(listingPublished, (entry, tx) => listings.published(entry, tx)),
      onMessage(listingSummarised, (entry, tx) => summaries.summarised(entry, tx)),
      onMessage(listingWithdrawn, async (entry, tx) => {
        if (await listings.withdrawn(entry, tx) || await summaries.withdrawn(entry, tx)) return;
        await words.keep(entry, { free: null, isClosed: true }, tx);
      }),
      onMessage(listingReserved, async (entry, tx) => {
        if (await listings.reserved(entry, tx) || await summaries.reserved(entry, tx)) return;
        await words.keep(entry, { free: BigInt(entry.body.free), isClosed: false }, tx);
      }),
    ];
  }

  @OnFederated('graph')
  async arrived(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('matching-engine', entry, this.routes);
  }
}
