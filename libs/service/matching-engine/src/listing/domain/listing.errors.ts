import { DomainError } from '@kula/kernel-primitives';

/** Nobody is signed in. The gateway refuses this before it asks. */
export class NotSignedInError extends DomainError<'access.not_signed_in'> {
  override readonly name = 'NotSignedInError';
  readonly code = 'access.not_signed_in';

  constructor() {
    super('sign in first');
  }
}

/** Members of this node may not choose this visibility. */
export class VisibilityNotOfferedError extends DomainError<'matching.visibility_not_offered'> {
  override readonly name = 'VisibilityNotOfferedError';
  readonly code = 'matching.visibility_not_offered';

  constructor(visibility: string, allowed: readonly string[]) {
    super(`visibility: this node does not offer ${visibility}, it offers ${allowed.join(', ')}`, { field: 'visibility', visibility, allowed: allowed.join(' ') });
  }
}

/** The window ends before it begins, or at once. */
export class WindowReversedError extends DomainError<'matching.window_reversed'> {
  override readonly name = 'WindowReversedError';
  readonly code = 'matching.window_reversed';

  constructor(listingId: string) {
    super('the listing must be available until a later time than it is available from', { listingId });
  }
}

/** The window is over. */
export class WindowPastError extends DomainError<'matching.window_past'> {
  override readonly name = 'WindowPastError';
  readonly code = 'matching.window_past';

  constructor(listingId: string) {
    super('the listing must be available until a time to come', { listingId });
  }
}

/** The id, or the reference it is made from, already names another listing. */
export class ListingExistsError extends DomainError<'matching.listing_exists'> {
  override readonly name = 'ListingExistsError';
  readonly code = 'matching.listing_exists';

  constructor(listingId: string) {
    super(`${listingId} already names another listing`, { listingId });
  }
}

/** The participant has as many open listings as one may have. */
export class TooManyListingsError extends DomainError<'matching.too_many_listings'> {
  override readonly name = 'TooManyListingsError';
  readonly code = 'matching.too_many_listings';

  constructor(participantId: string, openMax: number) {
    super(`a participant has at most ${openMax} open listings; withdraw one first`, { participantId, openMax });
  }
}

/** This node knows no such listing. */
export class ListingUnknownError extends DomainError<'matching.listing_unknown'> {
  override readonly name = 'ListingUnknownError';
  readonly code = 'matching.listing_unknown';

  constructor(listingId: string) {
    super(`there is no listing ${listingId}`, { listingId });
  }
}

/** The listing is somebody else's. */
export class NotYourListingError extends DomainError<'matching.not_your_listing'> {
  override readonly name = 'NotYourListingError';
  readonly code = 'matching.not_your_listing';

  constructor(listingId: string) {
    super(`only the participant who published ${listingId} may withdraw it`, { listingId });
  }
}

/** A node speaks about a listing of another node. Only entries are refused so. */
export class ForeignListingError extends DomainError<'matching.foreign_listing'> {
  override readonly name = 'ForeignListingError';
  readonly code = 'matching.foreign_listing';

  constructor(listingId: string, homeNode: string, issuer: string) {
    super(`listing ${listingId} is one of node ${homeNode}, not of ${issuer}`, { listingId, homeNode, issuer });
  }
}

/** A node says that more of a listing is free than there is of it. Only entries are refused so. */
export class FreeExceedsAmountError extends DomainError<'matching.free_exceeds_amount'> {
  override readonly name = 'FreeExceedsAmountError';
  readonly code = 'matching.free_exceeds_amount';

  constructor(listingId: string, free: bigint, amount: bigint) {
    super(`${free} of listing ${listingId} cannot be free, it is ${amount} in all`, { listingId, free: String(free), amount: String(amount) });
  }
}
