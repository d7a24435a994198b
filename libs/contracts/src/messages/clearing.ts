import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, hash, instant, line, minorUnits, naturalNumber, nodeId, recordId, signature, unit } from '../core/values.js';

/** What both sides sign (domain `sep/obligation/v1`): debtor owes creditor an amount under an agreement. */
export const obligationStatement = z.strictObject({
  obligation_id: recordId, agreement_id: recordId, debtor: did, creditor: did, amount: minorUnits, unit,
  reference: line(140), due_at: instant.nullable(), made_at: instant,
});

export const obligationRecorded = defineMessage({
  topic: 'clearing', type: 'obligation.recorded', body: z.looseObject({ statement: obligationStatement, signed_by: did, signature }),
});

export const obligationConfirmed = defineMessage({
  topic: 'clearing', type: 'obligation.confirmed',
  body: z.looseObject({ obligation_id: recordId, statement_hash: hash, signed_by: did, signature }),
});

/** Opens a run. The set is every confirmed obligation recorded in entries up to the cut-off of each issuer, and no other. */
export const clearingRunOpened = defineMessage({
  topic: 'clearing', type: 'run.opened',
  body: z.looseObject({
    run_id: recordId, agreement_id: recordId, unit, cutoff: z.record(nodeId, z.int().min(0)), opened_by: did, opened_at: instant,
  }),
});

/** One node's own calculation of a run. Equal roots and equal result hashes on every node are the condition to settle. */
export const clearingRunComputed = defineMessage({
  topic: 'clearing', type: 'run.computed',
  body: z.looseObject({
    run_id: recordId, set_root: hash, result_hash: hash, obligations: z.int().min(0), gross_total: naturalNumber, net_total: naturalNumber,
  }),
});

/** What a party signs to accept a result (domain `sep/clearing-result/v1`). */
export const clearingApproval = z.strictObject({ run_id: recordId, set_root: hash, result_hash: hash, party: did, made_at: instant });

export const clearingRunApproved = defineMessage({
  topic: 'clearing', type: 'run.approved', body: z.looseObject({ statement: clearingApproval, signature }),
});
