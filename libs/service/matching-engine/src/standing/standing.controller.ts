import { Controller } from '@nestjs/common';
import { trust } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { StandingRepository } from './standing.repository.js';

/** Standings, as the trust service tells them. */
@Controller()
export class StandingController {
  constructor(private readonly inbox: Inbox, private readonly standings: StandingRepository) {}

  @OnEvent(trust.standingChanged)
  async changed(standing: z.output<typeof trust.standingChanged.payload>, messageId: string): Promise<void> {
    await this.inbox.once('standing', messageId, (tx) => this.standings.save(standing, tx));
  }
}
