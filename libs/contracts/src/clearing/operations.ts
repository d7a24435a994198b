import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, hash, instant, line, minorUnits, naturalNumber, nodeId, pageOf, pageRequest, recordId, signature, unit, wholeNumber } from '../core/values.js';

export const obligationState = z.enum(['recorded', 'open', 'frozen', 'discharged']).meta({ id: 'ObligationState' });

export const obligation = z.strictObject({
  obligationId: recordId, agreementId: recordId, debtor: did, creditor: did, amount: minorUnits, remaining: naturalNumber, unit,
  reference: z.string(), dueAt: instant.nullable(), state: obligationState, recordedBy: did, confirmedBy: did.nullable(),
  statementHash: hash, madeAt: instant,
}).meta({ id: 'Obligation' });

export const recordObligation = defineOperation({
  subject: 'clearing.v1.obligation.record', roles: ['cooperative'],
  summary: 'Records an obligation under an active clearing arrangement, signed by debtor or creditor (domain sep/obligation/v1).',
  input: z.strictObject({
    obligationId: recordId, agreementId: recordId, debtor: did, creditor: did, amount: minorUnits, unit, reference: line(140),
    dueAt: instant.nullable().default(null), madeAt: instant, signature,
  }),
  output: obligation,
  errors: ['clearing.agreement_unknown', 'clearing.agreement_not_active', 'clearing.same_party', 'clearing.not_a_party', 'clearing.not_your_obligation', 'clearing.other_unit', 'clearing.bad_signature', 'clearing.obligation_exists'],
});

export const confirmObligation = defineOperation({
  subject: 'clearing.v1.obligation.confirm', roles: ['cooperative'],
  summary: 'Confirms an obligation the other side recorded, by signing the same statement (domain sep/obligation/v1).',
  input: z.strictObject({ obligationId: recordId, statementHash: hash, signature }), output: obligation,
  errors: ['clearing.obligation_unknown', 'clearing.not_your_obligation', 'clearing.other_statement', 'clearing.bad_signature', 'clearing.wrong_state'],
});

export const getObligation = defineOperation({
  subject: 'clearing.v1.obligation.get', summary: 'One obligation.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ obligationId: recordId }), output: obligation, errors: ['clearing.obligation_unknown'],
});

export const listObligations = defineOperation({
  subject: 'clearing.v1.obligation.list', summary: 'Obligations known to this node.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest, agreementId: recordId.optional(), state: obligationState.optional() }), output: pageOf(obligation), errors: [],
});

export const clearingRunState = z.enum(['open', 'computed', 'agreed', 'settled', 'disputed']).meta({ id: 'ClearingRunState' });

/** The calculation of a run on this node. */
export const runResult = z.strictObject({
  obligationCount: z.int(), grossTotal: naturalNumber, cleared: naturalNumber, netTotal: naturalNumber,
  positions: z.array(z.strictObject({ party: did, position: wholeNumber })),
  remaining: z.array(z.strictObject({ obligationId: recordId, debtor: did, creditor: did, before: minorUnits, after: naturalNumber })),
  potentials: z.array(z.strictObject({ party: did, potential: z.int() })),
}).meta({ id: 'ClearingResult' });

export const clearingRun = z.strictObject({
  runId: recordId, agreementId: recordId, unit, state: clearingRunState, openedBy: did, openedAt: instant, cutoff: z.record(nodeId, z.int()),
  setRoot: hash.nullable(), resultHash: hash.nullable(), result: runResult.nullable(),
  computations: z.array(z.strictObject({ node: nodeId, setRoot: hash, resultHash: hash, isEqual: z.boolean() })),
  approvals: z.array(z.strictObject({ party: did, madeAt: instant, signature })), waitingFor: z.array(z.string()),
}).meta({ id: 'ClearingRun' });

export const openClearingRun = defineOperation({
  subject: 'clearing.v1.run.open', roles: ['cooperative'],
  summary: 'Opens a run over everything confirmed so far. Only the first party of the agreement opens runs, so that every node sees one order.',
  input: z.strictObject({ runId: recordId, agreementId: recordId }), output: clearingRun,
  errors: ['clearing.agreement_unknown', 'clearing.agreement_not_active', 'clearing.not_the_clerk', 'clearing.run_exists', 'clearing.run_in_progress', 'clearing.nothing_to_clear'],
});

export const approveClearingRun = defineOperation({
  subject: 'clearing.v1.run.approve', roles: ['cooperative'],
  summary: 'Accepts a result that this node computed itself, with the cooperative\'s signature (domain sep/clearing-result/v1).',
  input: z.strictObject({ runId: recordId, setRoot: hash, resultHash: hash, madeAt: instant, signature }), output: clearingRun,
  errors: ['clearing.run_unknown', 'clearing.not_a_party', 'clearing.other_result', 'clearing.bad_signature', 'clearing.wrong_state'],
});

export const getClearingRun = defineOperation({
  subject: 'clearing.v1.run.get', summary: 'One run: its set, this node\'s result, every node\'s result and the approvals.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ runId: recordId }), output: clearingRun, errors: ['clearing.run_unknown'],
});

export const listClearingRuns = defineOperation({
  subject: 'clearing.v1.run.list', summary: 'Clearing runs known to this node.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ ...pageRequest, agreementId: recordId.optional() }), output: pageOf(clearingRun), errors: [],
});

export const listPositions = defineOperation({
  subject: 'clearing.v1.position.list', summary: 'Net position of every party of an agreement over its open obligations.', roles: ['cooperative', 'operator'],
  input: z.strictObject({ agreementId: recordId }),
  output: z.strictObject({ unit, positions: z.array(z.strictObject({ party: did, owedToParty: naturalNumber, owedByParty: naturalNumber, position: wholeNumber })) }),
  errors: ['clearing.agreement_unknown'],
});
