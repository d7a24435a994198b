import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { withFree } from '../listing/domain/listing.js';
import { ListingAnnouncer } from '../listing/listing-announcer.js';
import { ListingRepository } from '../listing/listing.repository.js';

/** Keeps what is free of this node's own listings as the exchange manager says. */
@Injectable()
export class FollowCapacity {
  constructor(private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly announcer: ListingAnnouncer) {}

  /** Takes a change in, unless a later one was taken in before, and tells other nodes. */
  async apply({ listingId, free, version }: z.output<typeof matching.capacityChanged.payload>, tx: Transaction): Promise<void> {
    const listing = await this.listings.find(listingId, tx);
    invariant(listing?.homeNode === this.own.nodeId, 'capacity is kept of listings that this node opened');
    if (version <= listing.capacityVersion) return;
    const next = { ...withFree(listing, BigInt(free)), capacityVersion: version };
    await this.listings.save(next, tx);
    if (next.state === 'open' && next.free !== listing.free) await this.announcer.replicateFree(next, tx);
  }
}
