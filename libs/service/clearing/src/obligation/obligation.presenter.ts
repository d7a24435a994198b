import { clearing as contract } from '@kula/contracts';
import type { z } from 'zod';
import type { Obligation } from './domain/obligation.js';

/** An obligation as it is shown. */
export function presentObligation(obligation: Obligation): z.input<typeof contract.obligation> {
  const { statement, statementHash, recordedBy, remaining, state } = obligation.props;
  return {
    obligationId: statement.obligation_id, agreementId: statement.agreement_id, debtor: statement.debtor, creditor: statement.creditor,
    amount: statement.amount, remaining: String(remaining), unit: statement.unit, reference: statement.reference, dueAt: statement.due_at, state,
    recordedBy, confirmedBy: obligation.confirmedBy, statementHash, madeAt: statement.made_at,
  };
}
