import { Module } from '@nestjs/common';
import { FederationInbox } from './federation-inbox.js';
import { FederationOutbox } from './federation-outbox.js';

/** Lets a service write to and read from the federation log. Needs PersistenceModule. */
@Module({ providers: [FederationOutbox, FederationInbox], exports: [FederationOutbox, FederationInbox] })
export class FederationClientModule {}
