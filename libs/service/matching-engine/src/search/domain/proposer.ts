import { hashDocument } from '@kula/kernel-crypto';
import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import type { GraphListing, Pairing } from './leg/graph-listing.js';

/** A home node that may propose a ring, and what its lot is drawn by. */
interface Entrant { readonly homeNode: string; readonly name: string }

/**
 * The one node that proposes the ring of these legs: the one whose lot, a hash together with the ring's id, is lowest.
 *
 * Where the log tells everything of the ring, the homes of all providers draw, each by the provider's id. Where some home
 * nodes keep details of their listings, only those draw, each by its listings: they know most, so as little as possible is
 * told to others. A node that cannot see the whole ring does not draw.
 */
export function proposerOf(ringId: string, legs: readonly Pairing[]): string {
  const drawn = entrantsOf(legs).map(({ homeNode, name }) => ({ lot: hashDocument([ringId, name]), homeNode }));
  const [lowest] = drawn.sort((left, right) => byCodeUnit(left.lot, right.lot));
  invariant(lowest !== undefined, 'a ring has a node to propose it');
  return lowest.homeNode;
}

const isKept = ({ visibility }: GraphListing): boolean => visibility !== 'network';

function entrantsOf(legs: readonly Pairing[]): readonly Entrant[] {
  const listings = legs.flatMap(({ offering, need }) => [offering, need]);
  if (!listings.some(isKept)) return legs.map(({ offering: { homeNode, participantId } }) => ({ homeNode, name: participantId }));
  const homes = [...new Set(listings.filter(isKept).map(({ homeNode }) => homeNode))].filter((homeNode) => canLink(homeNode, listings));
  const seeing = homes.filter((homeNode) => legs.every((leg) => canAskAbout(homeNode, leg)));
  const drawing = seeing.length > 0 ? seeing : homes;
  return listings.filter((listing) => isKept(listing) && drawing.includes(listing.homeNode)).map(({ homeNode, listingId: name }) => ({ homeNode, name }));
}

/**
 * True where the node can tell that the participants of the ring give and take in one person.
 *
 * A participant with one listing told in full and one in summary goes by two names: only its home node knows that they are
 * one. Nobody else finds such a ring, so only participants of the finding node can be so.
 */
function canLink(homeNode: string, listings: readonly GraphListing[]): boolean {
  const twofold = listings.filter((listing) => !isKept(listing)
    && listings.some((other) => isKept(other) && other.participantId === listing.participantId));
  return twofold.every((listing) => listing.homeNode === homeNode);
}

/** True where a node that lacks a listing of the leg can ask for it: it knows what stands opposite. */
const canAskAbout = (homeNode: string, { offering, need }: Pairing): boolean =>
  isKnownTo(homeNode, offering) || isKnownTo(homeNode, need);

const isKnownTo = (nodeId: string, { homeNode, visibility }: GraphListing): boolean => homeNode === nodeId || visibility === 'network' || visibility === 'summary';
