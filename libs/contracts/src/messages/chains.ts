import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, hash, instant, line, micro, minorUnits, nodeId, recordId, signature, unit } from '../core/values.js';

/** A seat of a chain. Every member sits twice: once as provider with its offering, once as recipient with its need. */
export const chainSeat = z.looseObject({
  participant_id: did, home_node: nodeId, role: z.enum(['provider', 'recipient']),
  offering_id: recordId.optional(), need_id: recordId.optional(),
});

/** One leg of a chain, as an edge of the ring. */
export const chainEdge = z.looseObject({
  leg_id: recordId, from_participant: did, to_participant: did, match_score: micro,
  offering_id: recordId, need_id: recordId, description: line(300), amount: minorUnits, unit,
});

export const chainTimeline = z.looseObject({ consent_deadline: instant, execution_start: instant, execution_end: instant });

/** The full terms a participant consents to; `terms_hash` is the hash of exactly this document. */
export const chainTerms = z.looseObject({
  chain_id: recordId, participants: z.array(chainSeat).min(4).max(20), edges: z.array(chainEdge).min(2).max(10),
  proposed_timeline: chainTimeline,
});

/** The seed's ChainProposal, with legs, full terms and their hash. */
export const chainProposed = defineMessage({
  topic: 'chains', type: 'chain.proposed',
  body: chainTerms.extend({ proposing_node: nodeId, terms_hash: hash, explanation: z.array(line(500)).max(40), proposer_signature: signature }),
  nodeSignature: { field: 'proposer_signature', domain: 'sep/chain-proposal/v1' },
});

/** The seed's ChainProposalResponse: a home node's verdict, given together with its reservation. */
export const chainAnswered = defineMessage({
  topic: 'chains', type: 'chain.answered',
  body: z.looseObject({
    chain_id: recordId, responding_node: nodeId, terms_hash: hash, status: z.enum(['validated', 'rejected']),
    rejection_reason: line(200).optional(), respondent_signature: signature,
  }),
  nodeSignature: { field: 'respondent_signature', domain: 'sep/chain-response/v1' },
});

/** What a participant signs to consent or decline (domain `sep/consent/v1`). */
export const consentStatement = z.strictObject({
  chain_id: recordId, terms_hash: hash, participant_id: did, decision: z.enum(['confirm', 'decline']), made_at: instant,
});

export const chainConsented = defineMessage({
  topic: 'chains', type: 'chain.consented',
  body: z.looseObject({ statement: consentStatement, reason: line(300).optional(), signature }),
});

/** The coordinator's complete certificate: every verdict and every consent is in. Home nodes check it and acknowledge. */
export const chainCommitted = defineMessage({
  topic: 'chains', type: 'chain.committed',
  body: z.looseObject({
    chain_id: recordId, terms_hash: hash,
    consents: z.array(z.looseObject({ statement: consentStatement, signature })).min(2).max(10),
  }),
});

/**
 * A home node holds the complete commitment of this coordinator, or could not. It names the coordinator, so that nobody else
 * counts it towards another proposal of the same terms.
 */
export const chainAcknowledged = defineMessage({
  topic: 'chains', type: 'chain.acknowledged',
  body: z.looseObject({ chain_id: recordId, terms_hash: hash, proposing_node: nodeId, status: z.enum(['held', 'refused']), reason: line(200).optional() }),
});

/** The one outcome of the commitment, written once by the coordinator. */
export const chainDecided = defineMessage({
  topic: 'chains', type: 'chain.decided',
  body: z.looseObject({
    chain_id: recordId, terms_hash: hash, outcome: z.enum(['commit', 'abort']),
    reason: z.enum(['all_held', 'rejected', 'declined', 'expired', 'refused']),
  }),
});

/** What a member signs about a leg (domain `sep/signal/v1`). */
export const signalStatement = z.strictObject({
  chain_id: recordId, leg_id: recordId, terms_hash: hash, participant_id: did,
  signal: z.enum(['started', 'delivered', 'fulfilment']), answer: z.enum(['yes', 'partially', 'no']).nullable(),
  evidence_hash: hash.nullable(), made_at: instant,
});

export const legSignalled = defineMessage({
  topic: 'chains', type: 'leg.signalled', body: z.looseObject({ statement: signalStatement, note: line(500).optional(), signature }),
});
