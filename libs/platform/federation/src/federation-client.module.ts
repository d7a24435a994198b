import { Module } from '@nestjs/common';
import { AwaitingEntries } from './awaiting-entries.js';
import { FederationInbox } from './federation-inbox.js';
import { FederationOutbox } from './federation-outbox.js';

/** Lets a service write to and read from the federation log. Needs PersistenceModule. */
@Module({ providers: [FederationOutbox, FederationInbox, AwaitingEntries], exports: [FederationOutbox, FederationInbox] })
export class FederationClientModule {}
