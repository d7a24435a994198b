import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, hash, instant, line, pageOf, pageRequest, recordId, signature, text } from '../core/values.js';
import { agreementParty, agreementTerms, agreementType, clearingTerms } from '../messages/agreements.js';

export const agreementState = z.enum(['draft', 'proposed', 'active', 'suspended', 'terminated']).meta({ id: 'AgreementState' });

export const agreement = z.strictObject({
  agreementId: recordId, state: agreementState, termsHash: hash, terms: agreementTerms, draftedBy: did,
  signatures: z.array(z.strictObject({ party: did, madeAt: instant, signature })),
  actions: z.array(z.strictObject({ party: did, action: z.enum(['suspend', 'resume', 'terminate']), sequence: z.int(), reason: z.string(), madeAt: instant })),
  waitingFor: z.array(did),
}).meta({ id: 'Agreement' });

export const draftAgreement = defineOperation({
  subject: 'agreement.v1.agreement.draft', roles: ['cooperative'],
  summary: 'Drafts an agreement. A draft is seen only on this node. The drafting cooperative must be a party.',
  input: z.strictObject({
    agreementId: recordId, type: agreementType, title: line(120), text: text(20_000), parties: z.array(agreementParty).min(2).max(50),
    clearing: clearingTerms.nullable().default(null), effectiveFrom: instant, effectiveUntil: instant.nullable().default(null),
  }),
  output: agreement,
  errors: ['agreement.not_a_party', 'agreement.party_repeated', 'agreement.party_unknown', 'agreement.clearing_terms_missing', 'agreement.period_reversed', 'agreement.exists'],
});

export const proposeAgreement = defineOperation({
  subject: 'agreement.v1.agreement.propose', summary: 'Proposes a draft to all its parties. Its terms cannot change any more.', roles: ['cooperative'],
  input: z.strictObject({ agreementId: recordId }), output: agreement,
  errors: ['agreement.unknown', 'agreement.not_a_party', 'agreement.wrong_state'],
});

export const signAgreement = defineOperation({
  subject: 'agreement.v1.agreement.sign', roles: ['cooperative'],
  summary: 'Signs the full terms with the cooperative\'s own key (domain sep/agreement/v1). Active when every party has signed.',
  input: z.strictObject({ agreementId: recordId, termsHash: hash, madeAt: instant, signature }), output: agreement,
  errors: ['agreement.unknown', 'agreement.not_a_party', 'agreement.other_terms', 'agreement.bad_signature', 'agreement.already_signed', 'agreement.wrong_state'],
});

export const actOnAgreement = defineOperation({
  subject: 'agreement.v1.agreement.act', roles: ['cooperative'],
  summary: 'Suspends, resumes or terminates an agreement with the cooperative\'s own signature (domain sep/agreement-action/v1).',
  input: z.strictObject({
    agreementId: recordId, termsHash: hash, action: z.enum(['suspend', 'resume', 'terminate']), sequence: z.int().min(1), reason: line(500), madeAt: instant, signature,
  }),
  output: agreement,
  errors: ['agreement.unknown', 'agreement.not_a_party', 'agreement.other_terms', 'agreement.bad_signature', 'agreement.sequence_used', 'agreement.wrong_state'],
});

export const getAgreement = defineOperation({
  subject: 'agreement.v1.agreement.get', summary: 'One agreement with its terms, signatures and who has yet to sign.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ agreementId: recordId }), output: agreement, errors: ['agreement.unknown'],
});

export const listAgreements = defineOperation({
  subject: 'agreement.v1.agreement.list', summary: 'Agreements known to this node.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest, state: agreementState.optional() }), output: pageOf(agreement), errors: [],
});
