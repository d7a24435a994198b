import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, hash, instant, line, nodeId, recordId, signature, text, unit } from '../core/values.js';

export const agreementType = z.enum(['ResourceSharing', 'ClearingArrangement', 'MutualRecognition', 'JointGovernance', 'Custom']).meta({ id: 'AgreementType' });

/** A party of an agreement: a cooperative and the node that hosts it. */
export const agreementParty = z.strictObject({ cooperative_id: did, home_node: nodeId });

/** The unit in which obligations under a clearing arrangement are counted; `scale` is its decimals. */
export const clearingTerms = z.strictObject({ unit, scale: z.int().min(0).max(9), period_days: z.int().min(1).max(366) });

/** The full text the parties sign; `terms_hash` is the hash of exactly this document. */
export const agreementTerms = z.looseObject({
  agreement_id: recordId, version: z.int().min(1), type: agreementType, title: line(120), text: text(20_000),
  parties: z.array(agreementParty).min(2).max(50), clearing: clearingTerms.nullable(),
  effective_from: instant, effective_until: instant.nullable(),
});

export const agreementProposed = defineMessage({
  topic: 'agreements', type: 'agreement.proposed',
  body: z.looseObject({ terms: agreementTerms, terms_hash: hash, proposed_by: did }),
});

/** What a party signs (domain `sep/agreement/v1`). */
export const agreementSignature = z.strictObject({ agreement_id: recordId, version: z.int().min(1), terms_hash: hash, party: did, made_at: instant });

export const agreementSigned = defineMessage({
  topic: 'agreements', type: 'agreement.signed', body: z.looseObject({ statement: agreementSignature, signature }),
});

/**
 * What a party signs to suspend, resume or terminate (domain `sep/agreement-action/v1`).
 * `sequence` counts the actions on one agreement from 1, so that a signed action is never used twice.
 */
export const agreementAction = z.strictObject({
  agreement_id: recordId, terms_hash: hash, party: did, action: z.enum(['suspend', 'resume', 'terminate']),
  sequence: z.int().min(1), reason: line(500), made_at: instant,
});

export const agreementActed = defineMessage({
  topic: 'agreements', type: 'agreement.acted', body: z.looseObject({ statement: agreementAction, signature }),
});
