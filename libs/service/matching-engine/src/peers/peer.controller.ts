import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { SummaryRepository } from '../summary/summary.repository.js';
import { PeerStandingRepository } from './peer-standing.repository.js';

/** Changes of peers, as the federation service tells them. */
@Controller()
export class PeerController {
  constructor(private readonly inbox: Inbox, private readonly peers: PeerStandingRepository, private readonly summaries: SummaryRepository) {}

  /** What stands in the log is kept and used again when the peer is open again; what it answered is forgotten. */
  @OnEvent(federation.peerChanged)
  async changed({ nodeId, isOpen, changedAt }: z.output<typeof federation.peerChanged.payload>, messageId: string): Promise<void> {
    await this.inbox.once('peer standing', messageId, async (tx) => {
      const isKept = await this.peers.save({ nodeId, isOpen, changedAt }, tx);
      if (isKept && !isOpen) await this.summaries.forgetAnswersOf(nodeId, tx);
    });
  }
}
