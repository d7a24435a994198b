import { DomainError } from '@kula/kernel-primitives';

export class SamePartyError extends DomainError<'clearing.same_party'> {
  override readonly name = 'SamePartyError';
  readonly code = 'clearing.same_party';
  constructor(party: string) { super(`${party} cannot owe anything to itself`, { party }); }
}

export class NotYourObligationError extends DomainError<'clearing.not_your_obligation'> {
  override readonly name = 'NotYourObligationError';
  readonly code = 'clearing.not_your_obligation';
  constructor(party: string) { super(`it is not for ${party} to do this here`, { party }); }
}

export class ObligationExistsError extends DomainError<'clearing.obligation_exists'> {
  override readonly name = 'ObligationExistsError';
  readonly code = 'clearing.obligation_exists';
  constructor(obligationId: string) { super(`obligation ${obligationId} exists with another statement`, { obligationId }); }
}

export class ObligationUnknownError extends DomainError<'clearing.obligation_unknown'> {
  override readonly name = 'ObligationUnknownError';
  readonly code = 'clearing.obligation_unknown';
  constructor(obligationId: string) { super(`no obligation ${obligationId} is known here`, { obligationId }); }
}

export class OtherStatementError extends DomainError<'clearing.other_statement'> {
  override readonly name = 'OtherStatementError';
  readonly code = 'clearing.other_statement';
  constructor(statementHash: string) { super('the hash is not that of this obligation\'s statement', { statementHash }); }
}

export class WrongObligationStateError extends DomainError<'clearing.wrong_state'> {
  override readonly name = 'WrongObligationStateError';
  readonly code = 'clearing.wrong_state';
  constructor(reason: string) { super(`the obligation cannot be confirmed: ${reason}`, { reason }); }
}
