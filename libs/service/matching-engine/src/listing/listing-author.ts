import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { Chance, Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { Pseudonyms } from '../visibility/pseudonyms.js';
import { VisibilityPolicy } from '../visibility/visibility-policy.js';
import { listingIdOfReference, newListing, type Listing } from './domain/listing.js';

type Publication = z.output<typeof matching.publishListing.input>;

/** A listing to be published, and where the same reference would have put it with another visibility. */
export interface Draft {
  readonly claim: Listing;
  readonly otherId: string | null;
}

/** Makes listings of this node's participants. */
@Injectable()
export class ListingAuthor {
  constructor(
    private readonly own: OwnNode, private readonly clock: Clock, private readonly chance: Chance, private readonly pseudonyms: Pseudonyms,
    private readonly policy: VisibilityPolicy,
  ) {}

  /** The listing a participant asks to publish: under the id its reference stands for, or under a new one. */
  write({ reference, quantity, availableFrom, availableUntil, visibility = this.policy.default, ...content }: Publication, participantId: string): Draft {
    const { listingId, otherId } = this.idsOf(reference, participantId, visibility === 'network');
    const claim = newListing(
      {
        ...content, visibility, amount: BigInt(quantity.amount), unit: quantity.unit,
        availableFromMs: Date.parse(availableFrom), availableUntilMs: Date.parse(availableUntil),
      },
      { listingId, participantId, homeNode: this.own.nodeId, publishedAtMs: this.clock.now().getTime() },
    );
    return { claim, otherId };
  }

  private idsOf(reference: string | undefined, participantId: string, isOpenToAll: boolean): { readonly listingId: string; readonly otherId: string | null } {
    if (reference === undefined) return { listingId: `l-${this.chance.uuid()}`, otherId: null };
    const open = listingIdOfReference(participantId, reference);
    const hidden = this.pseudonyms.listingIdOf(participantId, reference);
    return isOpenToAll ? { listingId: open, otherId: hidden } : { listingId: hidden, otherId: open };
  }
}
