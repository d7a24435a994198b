import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { caller } from '../core/caller.js';
import { did, instant, nodeId, pageOf, pageRequest, signature } from '../core/values.js';
import { domainName, handle, plainLine } from '../messages/announce.js';

export const node = z.strictObject({
  nodeId, name: z.string(), domain: domainName, gatewayUrl: z.string(), operatorId: did, isSelf: z.boolean(),
}).meta({ id: 'Node' });

export const cooperative = z.strictObject({
  cooperativeId: did, name: z.string(), place: z.string().nullable(), homeNode: nodeId, isLocal: z.boolean(), joinedAt: instant,
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
  input: z.strictObject({ ...pageRequest }), output: pageOf(node), errors: [],
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
