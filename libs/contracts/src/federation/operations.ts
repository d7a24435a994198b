import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { hash, instant, nodeId } from '../core/values.js';
import { linkState } from './peers.js';

/** Entries that are on one side of a link and not on the other. */
const lag = z.strictObject({
  entries: z.int().nullable(), seconds: z.int().nullable().meta({ description: 'For how long at least the oldest of them has been missing; 0 where none is. Null: not known.' }),
});

export const federationStatus = z.strictObject({
  nodeId, network: z.string(),
  fault: z.string().nullable().meta({ description: 'Why this node seals and publishes nothing, in words; null where it works.' }),
  heads: z.array(z.strictObject({
    issuer: nodeId, seq: z.int(), hash,
    agreedUpTo: z.int().nullable().meta({ description: 'Where the issuer has contradicted itself: its last agreed entry. It is frozen there. Null otherwise.' }),
    isFrozen: z.boolean().optional().meta({ description: 'Nothing of the issuer is taken until people decide.' }),
    lastSealedAt: instant.optional().meta({ description: 'When the last entry was sealed, by the clock of its issuer.' }),
    lastStoredAt: instant.optional().meta({ description: 'When the last entry arrived here, or was sealed here.' }),
  })),
  links: z.array(z.strictObject({
    peer: nodeId, name: z.string(), state: linkState, lastError: z.string().nullable(), lastEntryAt: instant.nullable(),
    received: z.int(), refused: z.int(), behind: lag.optional().meta({ description: 'What the peer says it has of its own log and we lack.' }),
    undelivered: lag.optional().meta({ description: 'What we have of our own log and the peer has not said it holds.' }),
  })),
  sealing: z.strictObject({ isAllowed: z.boolean(), reason: z.string().nullable() }).optional()
    .meta({ description: 'Whether this node signs, and why not, in words.' }),
  unsealed: z.int().meta({ description: 'Drafts waiting to be sealed.' }),
  setAside: z.int().meta({ description: 'Drafts that cannot be sealed, kept with the reason.' }),
  unpublished: z.int().meta({ description: 'Sealed entries not yet handed to the stream.' }),
}).meta({ id: 'FederationStatus' });

export const getFederationStatus = defineOperation({
  subject: 'federation.v1.status.get', summary: 'The state of the log: heads per issuer, links to peers with their last error, backlog.', roles: ['public'],
  input: z.strictObject({}), output: federationStatus, errors: [],
});

/** `working`: all is well. `behind`: entries wait longer than they should. `waiting`: nothing is signed for now. `stopped`: nothing is signed or taken in until somebody helps. */
export const nodeState = z.enum(['working', 'behind', 'waiting', 'stopped']).meta({ id: 'NodeState' });

/** How a node does, for anybody: no address, no error text, only peers with whom a link is agreed. */
export const publicStatus = z.strictObject({
  nodeId, name: z.string(), state: nodeState, sentence: z.string().meta({ description: 'The state in a sentence for people.' }),
  at: instant.meta({ description: 'Now, by the clock of the node.' }),
  backlog: z.strictObject({
    entries: z.int().meta({ description: 'Drafts that are not sealed yet, and own entries that the peer who lacks most has not said it holds.' }),
    oldestSeconds: z.int().meta({ description: 'Age of the oldest of them; 0 where there is none.' }),
  }),
  peers: z.array(z.strictObject({
    name: z.string(), state: z.string().meta({ description: 'How the link does, in words.' }),
    behindEntries: z.int().nullable().meta({ description: 'Entries of the peer that this node lacks. Null: the peer has not said.' }),
    undeliveredEntries: z.int().nullable().meta({ description: 'Entries of this node that the peer has not said it holds. Null: it has said nothing.' }),
    oldestSeconds: z.int().nullable().meta({ description: 'For how long the oldest of either has been missing at least. Null: not known.' }),
  })),
}).meta({ id: 'PublicStatus' });

export const getPublicStatus = defineOperation({
  subject: 'federation.v1.health.get', summary: 'How this node does: its state in words, its backlog with the age of the oldest item, and its links. Up to two seconds old.',
  roles: ['public'], input: z.strictObject({}), output: publicStatus, errors: [],
});

export const logEntry = z.strictObject({
  issuer: nodeId, seq: z.int(), hash, topic: z.string(), type: z.string(), subject: z.string(), sealedAt: instant, jws: z.string(),
}).meta({ id: 'LogEntry' });

export const listEntries = defineOperation({
  subject: 'federation.v1.entry.list', summary: 'Signed entries of one issuer in order, as the exact bytes that were signed.', roles: ['public'],
  input: z.strictObject({ issuer: nodeId, from: z.coerce.number().int().min(1).default(1), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.strictObject({ items: z.array(logEntry), nextFrom: z.int().nullable() }), errors: ['federation.issuer_unknown'],
});
