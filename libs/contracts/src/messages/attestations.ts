import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, instant, nodeId, recordId, signature } from '../core/values.js';

export const trustTier = z.enum(['newcomer', 'probationary', 'established', 'anchor']).meta({ id: 'TrustTier' });

/** Verifiable claims about one participant. `satisfaction_rate` lies in 0..1. */
export const trustClaims = z.looseObject({
  exchanges_completed: z.int().min(0), satisfaction_rate: z.number().min(0).max(1), partner_count: z.int().min(0),
  member_since: instant, vouches_received: z.int().min(0), trust_tier: trustTier,
});

/** The seed's TrustAttestation, with an id and an expiry. `node_signature` covers all other fields. */
export const trustAttestation = z.looseObject({
  attestation_id: recordId, issuing_node: nodeId, participant_id: did, timestamp: instant, expires_at: instant,
  claims: trustClaims, node_signature: signature,
});

export const attestationIssued = defineMessage({
  topic: 'attestations', type: 'attestation.issued', body: trustAttestation,
  nodeSignature: { field: 'node_signature', domain: 'sep/trust-attestation/v1' },
});
