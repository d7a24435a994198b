import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, hash, instant, line, nodeId, pageOf, pageRequest, quantity, recordId, signature } from '../core/values.js';
import { chainTerms } from '../messages/chains.js';

export const chainState = z.enum(['proposed', 'confirming', 'consented', 'held', 'executing', 'completed', 'aborted', 'failed']).meta({ id: 'ChainState' });
export const legState = z.enum(['agreed', 'started', 'delivered', 'fulfilled', 'disputed']).meta({ id: 'LegState' });

export const leg = z.strictObject({
  legId: recordId, providerId: did, providerNode: nodeId, recipientId: did, recipientNode: nodeId, offeringId: recordId, needId: recordId,
  description: z.string(), quantity, state: legState,
  providerAnswer: z.enum(['yes', 'partially', 'no']).nullable(), recipientAnswer: z.enum(['yes', 'partially', 'no']).nullable(),
}).meta({ id: 'Leg' });

/** One step in the life of a chain, with the node whose entry caused it. */
export const timelineStep = z.strictObject({ at: instant, node: nodeId, entryId: z.string().nullable(), step: z.string(), sentence: z.string() });

export const chain = z.strictObject({
  chainId: recordId, state: chainState, reason: z.string().nullable(), proposingNode: nodeId, termsHash: hash, terms: chainTerms,
  legs: z.array(leg),
  answers: z.array(z.strictObject({ node: nodeId, status: z.enum(['validated', 'rejected']), reason: z.string().nullable() })),
  consents: z.array(z.strictObject({ participantId: did, decision: z.enum(['confirm', 'decline']), madeAt: instant })),
  acknowledgements: z.array(z.strictObject({ node: nodeId, status: z.enum(['held', 'refused']) })),
  waitingFor: z.array(z.string()).meta({ description: 'In plain words: who has to act next.' }),
}).meta({ id: 'Chain' });

export const getChain = defineOperation({
  subject: 'exchange.v1.chain.get', summary: 'One chain with its terms, consents, legs and who has to act next.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ chainId: recordId }), output: chain, errors: ['exchange.chain_unknown'],
});

export const listChains = defineOperation({
  subject: 'exchange.v1.chain.list', summary: 'Chains this node takes part in. Participants see their own.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest, state: chainState.optional() }), output: pageOf(chain), errors: [],
});

export const getTimeline = defineOperation({
  subject: 'exchange.v1.timeline.get', summary: 'Every step of a chain, with the node and the log entry that caused it.',
  roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ chainId: recordId }), output: z.strictObject({ steps: z.array(timelineStep) }), errors: ['exchange.chain_unknown'],
});

export const giveConsent = defineOperation({
  subject: 'exchange.v1.consent.give', roles: ['participant'],
  summary: 'Confirms or declines a chain with the participant\'s own signature (domain sep/consent/v1) over the hash of the full terms.',
  input: z.strictObject({
    chainId: recordId, termsHash: hash, decision: z.enum(['confirm', 'decline']), reason: line(300).optional(), madeAt: instant, signature,
  }),
  output: chain,
  errors: ['exchange.chain_unknown', 'exchange.not_a_member', 'exchange.other_terms', 'exchange.bad_signature', 'exchange.consent_already_given', 'exchange.consent_expired', 'exchange.wrong_state'],
});

export const giveSignal = defineOperation({
  subject: 'exchange.v1.signal.give', roles: ['participant'],
  summary: 'Signals on a leg, signed by the member (domain sep/signal/v1): started and delivered by the provider, fulfilment answered by both sides.',
  input: z.strictObject({
    chainId: recordId, legId: recordId, signal: z.enum(['started', 'delivered', 'fulfilment']),
    answer: z.enum(['yes', 'partially', 'no']).nullable().default(null), evidenceHash: hash.nullable().default(null),
    note: line(500).optional(), madeAt: instant, signature,
  }),
  output: chain,
  errors: ['exchange.chain_unknown', 'exchange.leg_unknown', 'exchange.not_your_leg', 'exchange.bad_signature', 'exchange.answer_missing', 'exchange.signal_already_given', 'exchange.wrong_state'],
});
