import { Controller } from '@nestjs/common';
import { matching, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { FindDisclosures } from '../answering/find-disclosures.query.js';
import { NotSignedInError } from './domain/listing.errors.js';
import { FindListings } from './find-listings.query.js';
import { listingView } from './listing.presenter.js';
import { PublishListing } from './publish-listing.js';
import { WithdrawListing } from './withdraw-listing.js';

type ListingView = z.input<typeof matching.listing>;

/** Listings over request/reply. */
@Controller()
export class ListingController {
  constructor(
    private readonly publishListing: PublishListing, private readonly withdrawListing: WithdrawListing, private readonly find: FindListings,
    private readonly findDisclosures: FindDisclosures,
  ) {}

  @Operation(matching.publishListing)
  async publish(input: z.output<typeof matching.publishListing.input>, meta: RequestMeta): Promise<ListingView> {
    return listingView(await this.publishListing.run(input, callerOf(meta)));
  }

  @Operation(matching.withdrawListing)
  async withdraw({ listingId }: z.output<typeof matching.withdrawListing.input>, meta: RequestMeta): Promise<ListingView> {
    return listingView(await this.withdrawListing.run(listingId, callerOf(meta)));
  }

  @Operation(matching.getListing)
  async get({ listingId }: z.output<typeof matching.getListing.input>): Promise<ListingView> {
    return this.find.one(listingId);
  }

  @Operation(matching.listDisclosures)
  async disclosures({ listingId }: z.output<typeof matching.listDisclosures.input>, meta: RequestMeta): Promise<z.input<typeof matching.listDisclosures.output>> {
    return this.findDisclosures.of(listingId, callerOf(meta));
  }

  @Operation(matching.listListings)
  async list(page: z.output<typeof matching.listListings.input>): Promise<z.input<typeof matching.listListings.output>> {
    return this.find.open(page);
  }
}

/** Who is signed in. @throws NotSignedInError. */
function callerOf({ caller }: RequestMeta): string {
  if (caller === null) throw new NotSignedInError();
  return caller.did;
}
