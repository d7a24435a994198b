import { Controller } from '@nestjs/common';
import {
  chainAcknowledged, chainAnswered, chainCommitted, chainConsented, chainDecided, chainProposed, legSignalled, matching, type AppliedEntry,
  type FederationMessage,
} from '@kula/contracts';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import {
  acknowledgedIn, answeredIn, committedIn, consentedIn, decidedIn, proposedIn, signalledIn, type EntryOf,
} from './chain-message.mapper.js';
import type { Said } from './domain/chain.types.js';
import { ProposeChain } from './propose-chain.js';
import { TakeInEntry } from './take-in-entry.js';

/** What moves chains from outside: rings this node is to propose, and what all nodes say about chains. */
@Controller()
export class ChainLogController {
  private readonly routes: readonly EntryRoute[];

  constructor(private readonly federation: FederationInbox, private readonly inbox: Inbox, private readonly proposeChain: ProposeChain, takeIn: TakeInEntry) {
    const route = <Message extends FederationMessage>(message: Message, read: (entry: EntryOf<Message>) => Said): EntryRoute =>
      onMessage(message, (entry, tx) => takeIn.run({ id: entry.id, issuer: entry.issuer, seq: entry.seq, said: read(entry) }, tx));
    this.routes = [
      route(chainProposed, proposedIn), route(chainAnswered, answeredIn), route(chainConsented, consentedIn), route(chainCommitted, committedIn),
      route(chainAcknowledged, acknowledgedIn), route(chainDecided, decidedIn), route(legSignalled, signalledIn),
    ];
  }

  @OnFederated('chains')
  async said(entry: AppliedEntry): Promise<void> {
    await this.federation.apply('exchange-manager', entry, this.routes);
  }

  @OnEvent(matching.ringSelected)
  async ringSelected(ring: z.output<typeof matching.ringSelected.payload>, messageId: string): Promise<void> {
    await this.inbox.once('ring selected', messageId, (tx) => this.proposeChain.run(ring, tx));
  }
}
