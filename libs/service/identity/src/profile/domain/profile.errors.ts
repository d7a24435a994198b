import { DomainError } from '@kula/kernel-primitives';

/** The profile says that it is made later than now: it would stand until that moment, whatever is signed before. */
export class ProfileFromFutureError extends DomainError<'identity.profile_from_future'> {
  override readonly name = 'ProfileFromFutureError';
  readonly code = 'identity.profile_from_future';

  constructor(cooperativeId: string, madeAt: string) {
    super(`the profile of ${cooperativeId} is made at ${madeAt}, which is still to come`, { cooperativeId, madeAt });
  }
}

/** A later profile of the cooperative stands. Only requests are refused so: of entries the later one counts, in whatever order they come. */
export class ProfileOutdatedError extends DomainError<'identity.profile_outdated'> {
  override readonly name = 'ProfileOutdatedError';
  readonly code = 'identity.profile_outdated';

  constructor(cooperativeId: string, madeAt: string) {
    super(`${cooperativeId} has said something else about itself at ${madeAt} or later`, { cooperativeId, madeAt });
  }
}
