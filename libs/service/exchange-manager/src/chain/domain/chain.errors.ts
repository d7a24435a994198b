import { DomainError } from '@kula/kernel-primitives';

/** No chain of this id takes place on this node, or none that the caller may see. */
export class ChainUnknownError extends DomainError<'exchange.chain_unknown'> {
  override readonly name = 'ChainUnknownError';
  readonly code = 'exchange.chain_unknown';
  constructor(chainId: string) { super(`this node knows no chain ${chainId}`, { chainId }); }
}

/** Terms that are no ring of seats and legs. */
export class MalformedProposalError extends DomainError<'exchange.malformed_proposal'> {
  override readonly name = 'MalformedProposalError';
  readonly code = 'exchange.malformed_proposal';
  constructor(chainId: string, expected: string) { super(`the terms of chain ${chainId} are not right: ${expected}`, { chainId, expected }); }
}

/** Another proposal came first under this id. */
export class ChainIdTakenError extends DomainError<'exchange.chain_id_taken'> {
  override readonly name = 'ChainIdTakenError';
  readonly code = 'exchange.chain_id_taken';
  constructor(chainId: string) { super(`another chain has the id ${chainId}`, { chainId }); }
}

/** A node says what only another node may say. */
export class ForeignIssuerError extends DomainError<'exchange.foreign_issuer'> {
  override readonly name = 'ForeignIssuerError';
  readonly code = 'exchange.foreign_issuer';
  constructor(issuer: string, role: string) { super(`node ${issuer} speaks as ${role} and is not`, { issuer, role }); }
}

/** What was said refers to other terms than those of the chain. */
export class OtherTermsError extends DomainError<'exchange.other_terms'> {
  override readonly name = 'OtherTermsError';
  readonly code = 'exchange.other_terms';
  constructor(chainId: string, termsHash: string) { super(`chain ${chainId} has other terms than ${termsHash}`, { chainId, termsHash }); }
}

/** A node says something else than it said before. */
export class ContradictionError extends DomainError<'exchange.contradiction'> {
  override readonly name = 'ContradictionError';
  readonly code = 'exchange.contradiction';
  constructor(issuer: string, kind: string) { super(`node ${issuer} has ${kind} otherwise before`, { issuer, kind }); }
}

/** A certificate that does not carry exactly one valid confirmation of each member over these terms. */
export class IncompleteCertificateError extends DomainError<'exchange.incomplete_certificate'> {
  override readonly name = 'IncompleteCertificateError';
  readonly code = 'exchange.incomplete_certificate';
  constructor(chainId: string, lacking: string) { super(`the certificate of chain ${chainId} lacks ${lacking}`, { chainId, lacking }); }
}

/** A decision whose reason belongs to the other outcome. */
export class MalformedDecisionError extends DomainError<'exchange.malformed_decision'> {
  override readonly name = 'MalformedDecisionError';
  readonly code = 'exchange.malformed_decision';
  constructor(outcome: string, reason: string) { super(`${reason} is no reason to ${outcome}`, { outcome, reason }); }
}

/** A decision to commit although a home node does not hold the commitment. */
export class NotAllHeldError extends DomainError<'exchange.not_all_held'> {
  override readonly name = 'NotAllHeldError';
  readonly code = 'exchange.not_all_held';
  constructor(chainId: string) { super(`not every home node holds the commitment of chain ${chainId}`, { chainId }); }
}

/** The participant has no seat at this node. */
export class NotAMemberError extends DomainError<'exchange.not_a_member'> {
  override readonly name = 'NotAMemberError';
  readonly code = 'exchange.not_a_member';
  constructor(chainId: string, participantId: string) { super(`${participantId} is not a member of chain ${chainId} at this node`, { chainId, participantId }); }
}

/** The signature was not made by the signer over exactly this statement for this purpose. */
export class BadSignatureError extends DomainError<'exchange.bad_signature'> {
  override readonly name = 'BadSignatureError';
  readonly code = 'exchange.bad_signature';
  constructor(signer: string) { super(`the signature is not that of ${signer} over this statement`, { signer }); }
}

/** The participant has answered otherwise, or has answered before with another statement. */
export class ConsentAlreadyGivenError extends DomainError<'exchange.consent_already_given'> {
  override readonly name = 'ConsentAlreadyGivenError';
  readonly code = 'exchange.consent_already_given';
  constructor(participantId: string, decision: string) { super(`${participantId} has already answered: ${decision}`, { participantId, decision }); }
}

/** The consent deadline has passed. */
export class ConsentExpiredError extends DomainError<'exchange.consent_expired'> {
  override readonly name = 'ConsentExpiredError';
  readonly code = 'exchange.consent_expired';
  constructor(chainId: string, deadline: string) { super(`consents to chain ${chainId} were due by ${deadline}`, { chainId, deadline }); }
}

/** The chain or the leg is in a state that does not take this. */
export class WrongStateError extends DomainError<'exchange.wrong_state'> {
  override readonly name = 'WrongStateError';
  readonly code = 'exchange.wrong_state';
  constructor(what: string, state: string) { super(`${what} is ${state}`, { what, state }); }
}

/** The chain has no leg of this id. */
export class LegUnknownError extends DomainError<'exchange.leg_unknown'> {
  override readonly name = 'LegUnknownError';
  readonly code = 'exchange.leg_unknown';
  constructor(chainId: string, legId: string) { super(`chain ${chainId} has no leg ${legId}`, { chainId, legId }); }
}

/** The signal on this leg is another member's to give, or the member's at another node. */
export class NotYourLegError extends DomainError<'exchange.not_your_leg'> {
  override readonly name = 'NotYourLegError';
  readonly code = 'exchange.not_your_leg';
  constructor(legId: string, signal: string) { super(`${signal} on leg ${legId} is another member's to signal`, { legId, signal }); }
}

/** A fulfilment without an answer, or an answer where none is asked. */
export class AnswerMissingError extends DomainError<'exchange.answer_missing'> {
  override readonly name = 'AnswerMissingError';
  readonly code = 'exchange.answer_missing';
  constructor(signal: string) { super(`an answer goes with fulfilment and only with it, not as given with ${signal}`, { signal }); }
}

/** The member has given this signal before with another statement. */
export class SignalAlreadyGivenError extends DomainError<'exchange.signal_already_given'> {
  override readonly name = 'SignalAlreadyGivenError';
  readonly code = 'exchange.signal_already_given';
  constructor(legId: string, signal: string) { super(`${signal} on leg ${legId} was signalled before`, { legId, signal }); }
}

/** A node has sent more that cannot be applied yet than this node keeps for it. */
export class TooManyParkedError extends DomainError<'exchange.too_many_parked'> {
  override readonly name = 'TooManyParkedError';
  readonly code = 'exchange.too_many_parked';
  constructor(issuer: string, limit: number) { super(`${limit} entries of node ${issuer} already wait for their causes`, { issuer, limit }); }
}
