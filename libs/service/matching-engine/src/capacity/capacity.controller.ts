import { Controller } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { FollowCapacity } from './follow-capacity.js';

/** Changes of capacity, as the exchange manager tells them. */
@Controller()
export class CapacityController {
  constructor(private readonly inbox: Inbox, private readonly follow: FollowCapacity) {}

  @OnEvent(matching.capacityChanged)
  async changed(change: z.output<typeof matching.capacityChanged.payload>, messageId: string): Promise<void> {
    await this.inbox.once('listing capacity', messageId, (tx) => this.follow.apply(change, tx));
  }
}
