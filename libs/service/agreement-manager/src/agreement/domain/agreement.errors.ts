import { DomainError } from '@kula/kernel-primitives';
import type { AgreementState } from './agreement.transitions.js';

export class AgreementUnknownError extends DomainError<'agreement.unknown'> {
  override readonly name = 'AgreementUnknownError';
  readonly code = 'agreement.unknown';
  constructor(agreementId: string) { super(`no agreement ${agreementId} is known here`, { agreementId }); }
}

export class AgreementExistsError extends DomainError<'agreement.exists'> {
  override readonly name = 'AgreementExistsError';
  readonly code = 'agreement.exists';
  constructor(agreementId: string) { super(`agreement ${agreementId} exists with other terms`, { agreementId }); }
}

export class NotAPartyError extends DomainError<'agreement.not_a_party'> {
  override readonly name = 'NotAPartyError';
  readonly code = 'agreement.not_a_party';
  constructor(party: string) { super(`${party} is no party of this agreement at this node`, { party }); }
}

export class PartyRepeatedError extends DomainError<'agreement.party_repeated'> {
  override readonly name = 'PartyRepeatedError';
  readonly code = 'agreement.party_repeated';
  constructor(party: string) { super(`${party} is listed twice as a party`, { party }); }
}

export class PartyUnknownError extends DomainError<'agreement.party_unknown'> {
  override readonly name = 'PartyUnknownError';
  readonly code = 'agreement.party_unknown';
  constructor(party: string) { super(`no node has announced ${party} at the home node given`, { party }); }
}

export class ClearingTermsMissingError extends DomainError<'agreement.clearing_terms_missing'> {
  override readonly name = 'ClearingTermsMissingError';
  readonly code = 'agreement.clearing_terms_missing';
  constructor() { super('a clearing arrangement names its unit, scale and period, and only a clearing arrangement does'); }
}

export class PeriodReversedError extends DomainError<'agreement.period_reversed'> {
  override readonly name = 'PeriodReversedError';
  readonly code = 'agreement.period_reversed';
  constructor() { super('effectiveUntil must be later than effectiveFrom'); }
}

export class OtherTermsError extends DomainError<'agreement.other_terms'> {
  override readonly name = 'OtherTermsError';
  readonly code = 'agreement.other_terms';
  constructor(termsHash: string) { super('the hash is not that of this agreement\'s terms', { termsHash }); }
}

export class BadAgreementSignatureError extends DomainError<'agreement.bad_signature'> {
  override readonly name = 'BadAgreementSignatureError';
  readonly code = 'agreement.bad_signature';
  constructor(party: string) { super(`the signature is not ${party}'s over this statement`, { party }); }
}

export class AlreadySignedError extends DomainError<'agreement.already_signed'> {
  override readonly name = 'AlreadySignedError';
  readonly code = 'agreement.already_signed';
  constructor(party: string) { super(`${party} has signed already, at another time`, { party }); }
}

export class SequenceUsedError extends DomainError<'agreement.sequence_used'> {
  override readonly name = 'SequenceUsedError';
  readonly code = 'agreement.sequence_used';
  constructor(expected: number) { super(`the next action on this agreement has sequence ${expected}`, { expected }); }
}

export class WrongAgreementStateError extends DomainError<'agreement.wrong_state'> {
  override readonly name = 'WrongAgreementStateError';
  readonly code = 'agreement.wrong_state';
  constructor(state: AgreementState, wanted: string) { super(`the agreement is ${state}: it cannot ${wanted}`, { state }); }
}
