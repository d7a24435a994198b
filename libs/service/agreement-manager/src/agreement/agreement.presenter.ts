import { agreement as contract, agreementTerms } from '@kula/contracts';
import type { z } from 'zod';
import type { Agreement } from './domain/agreement.js';

/** An agreement as it is shown. */
export function presentAgreement(agreement: Agreement): z.input<typeof contract.agreement> {
  const { terms, termsHash, draftedBy, signatures, actions } = agreement.props;
  return {
    agreementId: agreement.id, state: agreement.state, termsHash, terms: agreementTerms.parse(terms), draftedBy,
    signatures: signatures.map(({ party, madeAt, signature }) => ({ party, madeAt, signature })),
    actions: actions.map(({ party, action, sequence, reason, madeAt }) => ({ party, action, sequence, reason, madeAt })),
    waitingFor: [...agreement.waitingFor],
  };
}

/** What other services learn when the state has changed. */
export function changedEvent(agreement: Agreement): z.input<typeof contract.agreementChanged.payload> {
  return { state: agreement.state, termsHash: agreement.props.termsHash, terms: agreementTerms.parse(agreement.props.terms), version: agreement.props.version + 1 };
}
