export { PeerAdmission, type AdmissionVerdict, type DecideAdmission, type PeerAdmissionOptions } from './admission/peer-admission.js';
export { AwaitsCause } from './awaiting-entries.js';
export { FederationClientModule } from './federation-client.module.js';
export { FederationInbox, onMessage, type EntryRoute, type FederatedEntry } from './federation-inbox.js';
export { FederationOutbox, type DraftBody, type EntryAddress } from './federation-outbox.js';
export { linkCertificate, type LinkCertificate } from './link-certificate.js';
export { natsConfig, type NatsConfigOptions } from './nats-config.js';
export { OnFederated } from './on-federated.decorator.js';
export { isSignedByCooperative, isSignedByParticipant } from './party-announcements.js';
