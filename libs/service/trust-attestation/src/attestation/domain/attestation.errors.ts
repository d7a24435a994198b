import { DomainError } from '@kula/kernel-primitives';

export class ForeignAttestationError extends DomainError<'trust.foreign_attestation'> {
  override readonly name = 'ForeignAttestationError';
  readonly code = 'trust.foreign_attestation';
  constructor(issuingNode: string, issuer: string) { super(`node ${issuer} published an attestation in the name of ${issuingNode}`, { issuingNode, issuer }); }
}

export class ForgedAttestationError extends DomainError<'trust.forged_attestation'> {
  override readonly name = 'ForgedAttestationError';
  readonly code = 'trust.forged_attestation';
  constructor(issuingNode: string) { super(`the signature is not that of node ${issuingNode} over this attestation`, { issuingNode }); }
}

export class AttestationExpiredError extends DomainError<'trust.attestation_expired'> {
  override readonly name = 'AttestationExpiredError';
  readonly code = 'trust.attestation_expired';
  constructor(expiresAt: string) { super(`the attestation expired at ${expiresAt}`, { expiresAt }); }
}

export class NotHomeNodeError extends DomainError<'trust.not_home_node'> {
  override readonly name = 'NotHomeNodeError';
  readonly code = 'trust.not_home_node';
  constructor(participantId: string, issuer: string) { super(`${participantId} does not live on node ${issuer}`, { participantId, issuer }); }
}

export class IssuerNotInGoodStandingError extends DomainError<'trust.issuer_not_in_good_standing'> {
  override readonly name = 'IssuerNotInGoodStandingError';
  readonly code = 'trust.issuer_not_in_good_standing';
  constructor(issuer: string) { super(`node ${issuer} is not in good standing here`, { issuer }); }
}

export class AttestationExistsError extends DomainError<'trust.attestation_exists'> {
  override readonly name = 'AttestationExistsError';
  readonly code = 'trust.attestation_exists';
  constructor(attestationId: string) { super(`another attestation has the id ${attestationId}`, { attestationId }); }
}
