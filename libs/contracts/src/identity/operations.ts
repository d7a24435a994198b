import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { caller } from '../core/caller.js';
import { did, hash, instant, nodeId, pageOf, pageRequest, signature, unit } from '../core/values.js';
import { linkState } from '../federation/peers.js';
import { domainName, handle, plainLine, profileFields } from '../messages/announce.js';
import { capability } from '../messages/graph.js';

export const node = z.strictObject({
  nodeId, name: z.string(), domain: domainName, gatewayUrl: z.string(), operatorId: did, isSelf: z.boolean(),
}).meta({ id: 'Node' });

/** A node with what this one has learned beside its announcement. What is not known, or not answered in time, is null. */
export const nodeRecord = z.strictObject({
  ...node.shape,
  keyNo: z.int().meta({ description: 'Number of the key the node signs with now: 1 until it has rotated or recovered its key.' }),
  disputedClaims: z.int().meta({ description: 'Claims of this node to what somebody else holds: see the list of claims.' }),
  lastEntry: z.strictObject({
    seq: z.int().meta({ description: 'Its number, which is how many entries the log has.' }),
    sealedAt: instant.meta({ description: 'By the clock of the node that sealed it.' }), receivedAt: instant,
  }).nullable().meta({ description: 'The last entry of its log that has arrived here.' }),
  link: z.strictObject({ state: linkState, lastEntryAt: instant.nullable(), lastError: z.string().nullable() }).nullable()
    .meta({ description: 'The link by which its log is pulled. Null: there is none, or the federation service does not say.' }),
  behind: z.strictObject({ entries: z.int().nullable(), seconds: z.int().nullable() }).nullable()
    .meta({ description: 'What the node has and this one lacks. Null: not known.' }),
}).meta({ id: 'NodeRecord' });

export const cooperativeProfile = z.strictObject({ ...profileFields, madeAt: instant }).meta({ id: 'CooperativeProfile' });

export const cooperative = z.strictObject({
  cooperativeId: did, name: z.string(), place: z.string().nullable(), homeNode: nodeId, isLocal: z.boolean(), joinedAt: instant,
  profile: cooperativeProfile.nullable().default(null).meta({ description: 'What it last said about itself. Null: nothing.' }),
}).meta({ id: 'Cooperative' });

export const participant = z.strictObject({
  participantId: did, handle, address: z.string().meta({ example: 'sep://alice@north.example' }), displayName: z.string(),
  cooperativeId: did, homeNode: nodeId, isLocal: z.boolean(), joinedAt: instant,
}).meta({ id: 'Participant' });

export const getNode = defineOperation({
  subject: 'identity.v1.node.get', summary: 'This node: its id, name and address.', roles: ['public'],
  input: z.strictObject({}), output: node, errors: [],
});

export const listNodes = defineOperation({
  subject: 'identity.v1.node.list', summary: 'Nodes learned from their announcements, this one included.', roles: ['public'],
  input: z.strictObject({ ...pageRequest }), output: pageOf(nodeRecord), errors: [],
});

export const findNode = defineOperation({
  subject: 'identity.v1.node.find', roles: ['public'],
  summary: 'One node: what it announced, its key, its last entry, and how the link to it does.',
  input: z.strictObject({ nodeId }), output: nodeRecord, errors: ['identity.node_unknown'],
});

export const registerCooperative = defineOperation({
  subject: 'identity.v1.cooperative.register', roles: ['operator'],
  summary: 'Registers a cooperative with its own key. Repeating it with the same statement answers the same.',
  input: z.strictObject({ cooperativeId: did, name: plainLine, place: plainLine.nullable().default(null), madeAt: instant, signature }),
  output: cooperative,
  errors: ['identity.bad_signature', 'identity.cooperative_exists'],
});

export const listCooperatives = defineOperation({
  subject: 'identity.v1.cooperative.list', summary: 'Cooperatives of all known nodes.', roles: ['public'],
  input: z.strictObject({ ...pageRequest }), output: pageOf(cooperative), errors: [],
});

export const getCooperative = defineOperation({
  subject: 'identity.v1.cooperative.get', summary: 'One cooperative.', roles: ['public'],
  input: z.strictObject({ cooperativeId: did }), output: cooperative, errors: ['identity.cooperative_unknown'],
});

export const setCooperativeProfile = defineOperation({
  subject: 'identity.v1.profile.set', roles: ['cooperative'],
  summary: 'Says for everybody what the signed-in cooperative is and offers (domain sep/cooperative-profile/v1). Replaces what it said before; repeating it answers the same.',
  input: z.strictObject({
    cooperativeId: did, ...profileFields, description: profileFields.description.default(null), place: profileFields.place.default(null),
    contact: profileFields.contact.default(null), madeAt: instant, signature,
  }),
  output: cooperative,
  errors: [
    'identity.bad_signature', 'identity.not_your_cooperative', 'identity.cooperative_unknown', 'identity.profile_from_future', 'identity.profile_outdated',
  ],
});

export const registerParticipant = defineOperation({
  subject: 'identity.v1.participant.register', roles: ['cooperative', 'operator'],
  summary: 'Registers a participant with its own key as a member of a cooperative of this node.',
  input: z.strictObject({ participantId: did, cooperativeId: did, handle, displayName: plainLine, madeAt: instant, signature }),
  output: participant,
  errors: ['identity.bad_signature', 'identity.cooperative_unknown', 'identity.not_your_cooperative', 'identity.participant_exists', 'identity.handle_taken'],
});

export const listParticipants = defineOperation({
  subject: 'identity.v1.participant.list', summary: 'Participants of all known nodes.', roles: ['public'],
  input: z.strictObject({ ...pageRequest, cooperativeId: did.optional() }), output: pageOf(participant), errors: [],
});

export const getParticipant = defineOperation({
  subject: 'identity.v1.participant.get', summary: 'One participant.', roles: ['public'],
  input: z.strictObject({ participantId: did }), output: participant, errors: ['identity.participant_unknown'],
});

/** A claim to something that somebody else holds, as an entry made it. It was refused; the holder holds on. */
export const claim = z.strictObject({
  what: z.enum(['node', 'domain', 'cooperative', 'participant', 'handle']).meta({ description: 'What was claimed: an id, a domain, or a handle on its node.' }),
  name: z.string().meta({ description: 'The id, the domain or the handle itself.' }),
  claimedBy: z.string().meta({ description: 'Node id or did of whoever claimed it.' }), claimedAt: nodeId.meta({ description: 'The node whose entry claims it.' }),
  heldBy: z.string().meta({ description: 'Node id or did of whoever holds it.' }), heldAt: nodeId.meta({ description: 'The node at which it is held.' }),
  refusedAs: z.string().meta({ description: 'Why the entry was refused: a code.' }),
  entry: z.strictObject({ issuer: nodeId, seq: z.int(), hash }),
  sealedAt: instant.meta({ description: 'By the clock of the node that sealed the entry.' }), recordedAt: instant,
}).meta({ id: 'Claim' });

export const listClaims = defineOperation({
  subject: 'identity.v1.claim.list', roles: ['operator'],
  summary: 'Claims of nodes to ids, domains and handles that somebody else holds, the latest first. All were refused here.',
  input: z.strictObject({ ...pageRequest, nodeId: nodeId.optional().meta({ description: 'Only claims made by this node.' }) }),
  output: pageOf(claim), errors: [],
});

const words = z.string().max(80).regex(/[\p{L}\p{N}]/u, 'must have a letter or a digit')
  .refine((written) => (written.match(/[\p{L}\p{N}]+/gu) ?? []).length <= 8, 'must be at most 8 words');

export const searchRegistry = defineOperation({
  subject: 'identity.v1.registry.search', roles: ['public'],
  summary: 'Cooperatives, then nodes, that match everything asked for. A node has the places, capabilities and units of its cooperatives.',
  input: z.strictObject({
    ...pageRequest, kind: z.enum(['node', 'cooperative']).optional(),
    text: words.optional().meta({ description: 'Words of the name, or their beginnings, whatever the case and the accents. Of a node also of its domain.' }),
    place: words.optional().meta({ description: 'Words of the place, or their beginnings.' }),
    capability: capability.optional().meta({ description: 'The capability or one below it: food finds food.catering.' }), unit: unit.optional(),
  }),
  output: pageOf(z.strictObject({ kind: z.enum(['node', 'cooperative']), node: nodeRecord.nullable(), cooperative: cooperative.nullable() }).meta({ id: 'RegistryHit' })),
  errors: [],
});

export const openChallenge = defineOperation({
  subject: 'identity.v1.challenge.open', roles: ['public'],
  summary: 'A one-time challenge that the holder of a key signs to sign in. Valid for two minutes.',
  input: z.strictObject({ did }), output: z.strictObject({ challenge: z.string(), nodeId, expiresAt: instant }),
  errors: ['identity.party_unknown'],
});

export const openSession = defineOperation({
  subject: 'identity.v1.session.open', roles: ['public'],
  summary: 'Exchanges a signed challenge (domain sep/login/v1 over {challenge, did, node_id}) for a bearer token of 15 minutes.',
  input: z.strictObject({ did, challenge: z.string().max(200).regex(/^[A-Za-z0-9_-]+$/, 'must be a challenge as it was given'), signature }),
  output: z.strictObject({ token: z.string(), expiresAt: instant, caller }),
  errors: ['identity.challenge_unknown', 'identity.challenge_expired', 'identity.bad_signature', 'identity.party_unknown'],
});

export const listSessionKeys = defineOperation({
  subject: 'identity.v1.session-key.list', summary: 'Public keys with which session tokens are verified (JWKS).', roles: ['public'],
  input: z.strictObject({}),
  output: z.strictObject({ keys: z.array(z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string() })) }),
  errors: [],
});
