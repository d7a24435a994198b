import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { Chance, Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { listingIdOfReference, newListing, type Listing } from './domain/listing.js';

/** Makes listings of this node's participants. */
@Injectable()
export class ListingAuthor {
  constructor(private readonly own: OwnNode, private readonly clock: Clock, private readonly chance: Chance) {}

  /** The listing a participant asks to publish: under the id its reference stands for, or under a new one. */
  write({ reference, quantity, availableFrom, availableUntil, ...content }: z.output<typeof matching.publishListing.input>, participantId: string): Listing {
    const listingId = reference === undefined ? `l-${this.chance.uuid()}` : listingIdOfReference(participantId, reference);
    return newListing(
      {
        ...content, amount: BigInt(quantity.amount), unit: quantity.unit,
        availableFromMs: Date.parse(availableFrom), availableUntilMs: Date.parse(availableUntil),
      },
      { listingId, participantId, homeNode: this.own.nodeId, publishedAtMs: this.clock.now().getTime() },
    );
  }
}
