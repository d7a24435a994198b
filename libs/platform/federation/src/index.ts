export { AwaitsCause } from './awaiting-entries.js';
export { FederationClientModule } from './federation-client.module.js';
export { FederationInbox, onMessage, type EntryRoute, type FederatedEntry } from './federation-inbox.js';
export { FederationOutbox, type DraftBody, type EntryAddress } from './federation-outbox.js';
export { natsConfig, type NatsConfigOptions, type NatsPeer } from './nats-config.js';
export { OnFederated } from './on-federated.decorator.js';
export { isSignedByCooperative, isSignedByParticipant } from './party-announcements.js';
