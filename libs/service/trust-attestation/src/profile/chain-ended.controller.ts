import { Controller } from '@nestjs/common';
import { exchange } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { RecordChain } from './record-chain.js';

/** Learns from the exchange manager what chains came to. */
@Controller()
export class ChainEndedController {
  constructor(private readonly inbox: Inbox, private readonly recording: RecordChain) {}

  @OnEvent(exchange.chainEnded)
  async ended(chain: z.output<typeof exchange.chainEnded.payload>, messageId: string): Promise<void> {
    await this.inbox.once('chain-ended', messageId, (tx) => this.recording.handle(chain, tx));
  }
}
