import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, instant, micro, nodeId, pageOf, pageRequest } from '../core/values.js';
import { trustAttestation, trustTier } from '../messages/attestations.js';

export const trustProfile = z.strictObject({
  participantId: did, homeNode: nodeId, tier: trustTier, exchangesCompleted: z.int(), exchangesFailed: z.int(),
  satisfactionRate: micro.nullable().meta({ description: 'Share of fulfilled legs in millionths; null before the first signal.' }),
  partnerCount: z.int(), memberSince: instant, standing: micro.meta({ description: 'What matching uses, in millionths.' }),
  source: z.enum(['own_record', 'attested']),
}).meta({ id: 'TrustProfile' });

export const nodeCredibility = z.strictObject({
  nodeId, credibility: micro, attestationsReceived: z.int(), experiences: z.int(), inGoodStanding: z.boolean(),
}).meta({ id: 'NodeCredibility' });

export const getTrustProfile = defineOperation({
  subject: 'trust.v1.profile.get', summary: 'What this node knows of a participant: own record or attested by the home node.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ participantId: did }), output: trustProfile, errors: ['trust.participant_unknown'],
});

export const listAttestations = defineOperation({
  subject: 'trust.v1.attestation.list', summary: 'Signed attestations about a participant, newest first.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest, participantId: did }), output: pageOf(trustAttestation), errors: [],
});

export const verifyAttestation = defineOperation({
  subject: 'trust.v1.attestation.verify', summary: 'Checks an attestation someone shows: signature, issuer in good standing, expiry.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ attestation: trustAttestation }),
  output: z.strictObject({
    isValid: z.boolean(), checks: z.array(z.strictObject({ check: z.enum(['issuer_known', 'issuer_in_good_standing', 'signature', 'not_expired']), passed: z.boolean(), sentence: z.string() })),
  }),
  errors: [],
});

export const listNodeCredibility = defineOperation({
  subject: 'trust.v1.node.list', summary: 'How far this node credits other nodes\' attestations, moved by experience.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest }), output: pageOf(nodeCredibility), errors: [],
});
