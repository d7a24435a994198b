import { hashDocument } from '@kula/kernel-crypto';
import { nextState } from '@kula/kernel-primitives';
import {
  ForeignListingError, FreeExceedsAmountError, ListingExistsError, TooManyListingsError, WindowPastError, WindowReversedError,
} from './listing.errors.js';
import { LISTING_TRANSITIONS, type ListingEvent, type ListingState } from './listing.transitions.js';
import type { Visibility } from './visibility.js';

/** Open listings one participant may have, counted alike by its home node and by every node that holds a copy. */
export const OPEN_LISTINGS_MAX = 200;

const REFERENCE_HASH_LENGTH = 22;

/** What a listing says. Never changes; times in milliseconds since 1970. */
export interface ListingContent {
  readonly kind: 'offering' | 'need';
  readonly title: string;
  readonly capability: string;
  readonly amount: bigint;
  readonly unit: string;
  readonly availableFromMs: number;
  readonly availableUntilMs: number;
  readonly place: string | null;
  readonly delivery: 'onsite' | 'remote';
  readonly visibility: Visibility;
}

/** An offering or a need, wherever it was published. */
export interface Listing extends ListingContent {
  readonly listingId: string;
  readonly participantId: string;
  readonly homeNode: string;
  readonly publishedAtMs: number;
  readonly state: ListingState;
  /** What of the amount is not spoken for: of an offering what can still be given, of a need what is still sought. */
  readonly free: bigint;
  /** Latest change of `free` that was taken in. 0 before the first. */
  readonly capacityVersion: number;
  readonly version: number;
}

/** The listing as it begins: open, all of it free. */
export function newListing(
  content: ListingContent, identity: Pick<Listing, 'listingId' | 'participantId' | 'homeNode' | 'publishedAtMs'>,
): Listing {
  return { ...content, ...identity, state: 'open', free: content.amount, capacityVersion: 0, version: 1 };
}

/** The id that a participant's own reference stands for where everybody may know whose listing it is: the same on every repetition. */
export function listingIdOfReference(participantId: string, reference: string): string {
  return `l-${hashDocument({ participant_id: participantId, reference }).slice(0, REFERENCE_HASH_LENGTH)}`;
}

const CONTENT: readonly (keyof ListingContent)[] = [
  'kind', 'title', 'capability', 'amount', 'unit', 'availableFromMs', 'availableUntilMs', 'place', 'delivery', 'visibility',
];

/** True where both are the same listing and say the same, whatever has become of them since. */
export function isSameListing(left: Listing, right: Listing): boolean {
  const hasSameOwner = left.participantId === right.participantId && left.homeNode === right.homeNode;
  return hasSameOwner && left.listingId === right.listingId && CONTENT.every((field) => left[field] === right[field]);
}

/** Continues where the listing is new or only repeated. @throws ListingExistsError where the id names another one, then TooManyListingsError. */
export function checkNovelty(claim: Listing, known: Listing | undefined, openCount: number): void {
  if (known !== undefined && isSameListing(claim, known)) return;
  if (known !== undefined) throw new ListingExistsError(claim.listingId);
  if (openCount >= OPEN_LISTINGS_MAX) throw new TooManyListingsError(claim.participantId, OPEN_LISTINGS_MAX);
}

/** Continues where the window has a length. @throws WindowReversedError. */
export function checkWindow({ listingId, availableFromMs, availableUntilMs }: Pick<Listing, 'listingId' | 'availableFromMs' | 'availableUntilMs'>): void {
  if (availableUntilMs <= availableFromMs) throw new WindowReversedError(listingId);
}

/** Continues where the window has a length and is not over. @throws WindowReversedError, then WindowPastError. */
export function checkWindowAhead(listing: Listing, nowMs: number): void {
  checkWindow(listing);
  if (listing.availableUntilMs <= nowMs) throw new WindowPastError(listing.listingId);
}

/** Continues where the node is the home of the listing. @throws ForeignListingError. */
export function checkHome({ listingId, homeNode }: Pick<Listing, 'listingId' | 'homeNode'>, issuer: string): void {
  if (homeNode !== issuer) throw new ForeignListingError(listingId, homeNode, issuer);
}

/** The listing after an event, or undefined where it is closed already. */
export function closed(listing: Listing, event: ListingEvent): Listing | undefined {
  const state = nextState(LISTING_TRANSITIONS, listing.state, event);
  return state === undefined ? undefined : { ...listing, state };
}

/** The listing with another amount free. @throws FreeExceedsAmountError. */
export function withFree<Known extends Pick<Listing, 'listingId' | 'amount' | 'free'>>(listing: Known, free: bigint): Known {
  if (free > listing.amount) throw new FreeExceedsAmountError(listing.listingId, free, listing.amount);
  return { ...listing, free };
}
