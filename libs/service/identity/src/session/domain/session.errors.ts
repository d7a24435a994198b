import { DomainError } from '@kula/kernel-primitives';

/** The key belongs to nobody who may sign in at this node. */
export class PartyUnknownError extends DomainError<'identity.party_unknown'> {
  override readonly name = 'PartyUnknownError';
  readonly code = 'identity.party_unknown';

  constructor(did: string) {
    super(`${did} is neither a participant nor a cooperative of this node, nor its operator`, { did });
  }
}

/** The challenge was never given to that party, or has been used. */
export class ChallengeUnknownError extends DomainError<'identity.challenge_unknown'> {
  override readonly name = 'ChallengeUnknownError';
  readonly code = 'identity.challenge_unknown';

  constructor(did: string) {
    super(`no such challenge is open for ${did}`, { did });
  }
}

/** The challenge was signed too late. */
export class ChallengeExpiredError extends DomainError<'identity.challenge_expired'> {
  override readonly name = 'ChallengeExpiredError';
  readonly code = 'identity.challenge_expired';

  constructor(did: string) {
    super(`the challenge of ${did} has expired; ask for another`, { did });
  }
}
