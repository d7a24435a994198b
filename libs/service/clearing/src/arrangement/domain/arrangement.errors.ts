import { DomainError } from '@kula/kernel-primitives';

export class AgreementUnknownError extends DomainError<'clearing.agreement_unknown'> {
  override readonly name = 'AgreementUnknownError';
  readonly code = 'clearing.agreement_unknown';
  constructor(agreementId: string) { super(`no clearing arrangement ${agreementId} is known here`, { agreementId }); }
}

export class AgreementNotActiveError extends DomainError<'clearing.agreement_not_active'> {
  override readonly name = 'AgreementNotActiveError';
  readonly code = 'clearing.agreement_not_active';
  constructor(agreementId: string, state: string) { super(`agreement ${agreementId} is ${state}, not active`, { agreementId, state }); }
}

export class NotAPartyError extends DomainError<'clearing.not_a_party'> {
  override readonly name = 'NotAPartyError';
  readonly code = 'clearing.not_a_party';
  constructor(party: string) { super(`${party} is no party of this agreement, or not at this node`, { party }); }
}

export class OtherUnitError extends DomainError<'clearing.other_unit'> {
  override readonly name = 'OtherUnitError';
  readonly code = 'clearing.other_unit';
  constructor(unit: string, agreed: string) { super(`the agreement counts in ${agreed}, not in ${unit}`, { unit, agreed }); }
}

export class NotTheClerkError extends DomainError<'clearing.not_the_clerk'> {
  override readonly name = 'NotTheClerkError';
  readonly code = 'clearing.not_the_clerk';
  constructor(clerk: string) { super(`only ${clerk} opens runs of this agreement, at its home node`, { clerk }); }
}

export class BadSignatureError extends DomainError<'clearing.bad_signature'> {
  override readonly name = 'BadSignatureError';
  readonly code = 'clearing.bad_signature';
  constructor(signer: string) { super(`the signature is not ${signer}'s over this statement`, { signer }); }
}
