import { DomainError } from '@kula/kernel-primitives';

/** The signature is not one by that key over that statement for that purpose. */
export class BadSignatureError extends DomainError<'identity.bad_signature'> {
  override readonly name = 'BadSignatureError';
  readonly code = 'identity.bad_signature';

  constructor(signer: string) {
    super(`the signature is not one of ${signer} over this statement`, { signer });
  }
}

/** A node announces what was stated for another node. Only entries are refused so. */
export class ForeignStatementError extends DomainError<'identity.foreign_statement'> {
  override readonly name = 'ForeignStatementError';
  readonly code = 'identity.foreign_statement';

  constructor(nodeId: string, issuer: string) {
    super(`the statement speaks of node ${nodeId}, but ${issuer} announces it`, { nodeId, issuer });
  }
}

/** Another node was known by that domain first. Only entries are refused so. */
export class DomainTakenError extends DomainError<'identity.domain_taken'> {
  override readonly name = 'DomainTakenError';
  readonly code = 'identity.domain_taken';

  constructor(domain: string, holder: string) {
    super(`the domain ${domain} is the one of node ${holder}`, { domain, holder });
  }
}

/** No such node has announced itself here, or its announcement was refused. */
export class NodeUnknownError extends DomainError<'identity.node_unknown'> {
  override readonly name = 'NodeUnknownError';
  readonly code = 'identity.node_unknown';

  constructor(nodeId: string) {
    super(`there is no node ${nodeId} in this registry`, { nodeId });
  }
}

/** The node in question hosts no such cooperative. */
export class CooperativeUnknownError extends DomainError<'identity.cooperative_unknown'> {
  override readonly name = 'CooperativeUnknownError';
  readonly code = 'identity.cooperative_unknown';

  constructor(cooperativeId: string) {
    super(`there is no cooperative ${cooperativeId} here`, { cooperativeId });
  }
}

/** A cooperative acts for another one, or for a member of another one. */
export class NotYourCooperativeError extends DomainError<'identity.not_your_cooperative'> {
  override readonly name = 'NotYourCooperativeError';
  readonly code = 'identity.not_your_cooperative';

  constructor(cooperativeId: string) {
    super(`only cooperative ${cooperativeId} itself may do this, and only the operator may register members in its stead`, { cooperativeId });
  }
}

/** The did already stands for something else: another statement, another node, another kind of party. */
export class CooperativeExistsError extends DomainError<'identity.cooperative_exists'> {
  override readonly name = 'CooperativeExistsError';
  readonly code = 'identity.cooperative_exists';

  constructor(cooperativeId: string) {
    super(`${cooperativeId} is already registered otherwise`, { cooperativeId });
  }
}

/** The did already stands for something else: another statement, another node, another kind of party. */
export class ParticipantExistsError extends DomainError<'identity.participant_exists'> {
  override readonly name = 'ParticipantExistsError';
  readonly code = 'identity.participant_exists';

  constructor(participantId: string) {
    super(`${participantId} is already registered otherwise`, { participantId });
  }
}

/** Another participant of the node has the handle. */
export class HandleTakenError extends DomainError<'identity.handle_taken'> {
  override readonly name = 'HandleTakenError';
  readonly code = 'identity.handle_taken';

  constructor(handle: string) {
    super(`another participant of this node has the handle ${handle}`, { handle });
  }
}

/** No node known here has announced such a participant. */
export class ParticipantUnknownError extends DomainError<'identity.participant_unknown'> {
  override readonly name = 'ParticipantUnknownError';
  readonly code = 'identity.participant_unknown';

  constructor(participantId: string) {
    super(`there is no participant ${participantId}`, { participantId });
  }
}
