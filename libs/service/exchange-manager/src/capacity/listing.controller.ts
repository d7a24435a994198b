import { Controller } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { CapacityAccountRepository } from './capacity-account.repository.js';

/** Local listings come and go: their accounts follow. */
@Controller()
export class ListingController {
  constructor(private readonly inbox: Inbox, private readonly accounts: CapacityAccountRepository, private readonly own: OwnNode) {}

  @OnEvent(matching.listingOpened)
  async opened(listing: z.output<typeof matching.listing>, messageId: string): Promise<void> {
    const { listingId, participantId, kind, quantity } = listing;
    // A listing that stays at home is in no chain: without an account, whoever proposes one with it is told that it is unknown.
    if (listing.homeNode !== this.own.nodeId || listing.visibility === 'node') return;
    await this.inbox.once('listing opened', messageId, (tx) =>
      this.accounts.open({ listingId, participantId, kind, unit: quantity.unit, capacity: BigInt(quantity.amount) }, tx));
  }

  @OnEvent(matching.listingClosed)
  async closed({ listingId, participantId }: z.output<typeof matching.listingClosed.payload>, messageId: string): Promise<void> {
    await this.inbox.once('listing closed', messageId, (tx) => this.accounts.close(listingId, participantId, tx));
  }
}
