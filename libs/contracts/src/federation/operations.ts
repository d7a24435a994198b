import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { hash, instant, nodeId } from '../core/values.js';
import { linkState } from './peers.js';

export const federationStatus = z.strictObject({
  nodeId, network: z.string(),
  fault: z.string().nullable().meta({ description: 'Why this node seals and publishes nothing, in words; null where it works.' }),
  heads: z.array(z.strictObject({
    issuer: nodeId, seq: z.int(), hash,
    agreedUpTo: z.int().nullable().meta({ description: 'Where the issuer has contradicted itself: its last agreed entry. It is frozen there. Null otherwise.' }),
  })),
  links: z.array(z.strictObject({
    peer: nodeId, name: z.string(), state: linkState, lastError: z.string().nullable(), lastEntryAt: instant.nullable(),
    received: z.int(), refused: z.int(),
  })),
  unsealed: z.int().meta({ description: 'Drafts waiting to be sealed.' }),
  setAside: z.int().meta({ description: 'Drafts that cannot be sealed, kept with the reason.' }),
  unpublished: z.int().meta({ description: 'Sealed entries not yet handed to the stream.' }),
}).meta({ id: 'FederationStatus' });

export const getFederationStatus = defineOperation({
  subject: 'federation.v1.status.get', summary: 'The state of the log: heads per issuer, links to peers with their last error, backlog.', roles: ['public'],
  input: z.strictObject({}), output: federationStatus, errors: [],
});

export const logEntry = z.strictObject({
  issuer: nodeId, seq: z.int(), hash, topic: z.string(), type: z.string(), subject: z.string(), sealedAt: instant, jws: z.string(),
}).meta({ id: 'LogEntry' });

export const listEntries = defineOperation({
  subject: 'federation.v1.entry.list', summary: 'Signed entries of one issuer in order, as the exact bytes that were signed.', roles: ['public'],
  input: z.strictObject({ issuer: nodeId, from: z.coerce.number().int().min(1).default(1), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.strictObject({ items: z.array(logEntry), nextFrom: z.int().nullable() }), errors: ['federation.issuer_unknown'],
});
