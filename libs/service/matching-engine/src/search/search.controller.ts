import { Controller } from '@nestjs/common';
import { exchange, matching } from '@kula/contracts';
import { OnEvent, Operation } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { FindRings } from './find-rings.query.js';
import { ProposedRingRepository } from './proposed-ring.repository.js';
import { RunSearch } from './run-search.js';

/** Searches and their rings over request/reply, and the ends of proposed rings. */
@Controller()
export class SearchController {
  constructor(
    private readonly search: RunSearch, private readonly find: FindRings, private readonly proposed: ProposedRingRepository, private readonly inbox: Inbox,
  ) {}

  @Operation(matching.runSearch)
  async run(): Promise<z.input<typeof matching.runSearch.output>> {
    return this.search.run();
  }

  @Operation(matching.listRings)
  async list(page: z.output<typeof matching.listRings.input>): Promise<z.input<typeof matching.listRings.output>> {
    return this.find.latest(page);
  }

  @OnEvent(exchange.chainEnded)
  async ended({ chainId, endedAt, outcome }: z.output<typeof exchange.chainEnded.payload>, messageId: string): Promise<void> {
    await this.inbox.once('ended rings', messageId, (tx) => this.proposed.end({ ringId: chainId, endedAt, outcome }, tx));
  }
}
