import { byCodeUnit } from '@kula/kernel-primitives';
import type { GraphListing } from './leg/graph-listing.js';
import type { Leg } from './ring.js';
import { closedGate, scoreLeg } from './leg/score-leg.js';

/** Pairs one search looks at. What lies beyond is left out, alike on every node. */
export const PAIRS_MAX = 500_000;

/** The legs that may be used, and whether every pair was looked at. */
export interface FoundLegs {
  readonly legs: readonly Leg[];
  readonly isComplete: boolean;
}

/**
 * Listings of the participants whose home is beyond doubt.
 *
 * Where several nodes publish for one participant, this node believes itself; whoever is claimed by other nodes alone is
 * left out until one of them gives way.
 */
export function withOneHome(listings: readonly GraphListing[], ownNode: string): GraphListing[] {
  const homes = new Map<string, Set<string>>();
  for (const { participantId, homeNode } of listings) homes.set(participantId, (homes.get(participantId) ?? new Set()).add(homeNode));
  return listings.filter(({ participantId, homeNode }) => homeNode === ownNode || homes.get(participantId)?.size === 1);
}

const byId = (left: GraphListing, right: GraphListing): number => byCodeUnit(left.listingId, right.listingId);

/** Every leg whose gates are open and whose score reaches the threshold, in the order of the needs' and the offerings' ids. */
export function legsBetween(listings: readonly GraphListing[], { nowMs, threshold }: { readonly nowMs: number; readonly threshold: number }): FoundLegs {
  const offerings = offeringsByTerm(listings.filter(({ kind }) => kind === 'offering').sort(byId));
  const legs: Leg[] = [];
  let pairs = 0;
  for (const need of listings.filter(({ kind }) => kind === 'need').sort(byId)) {
    for (const offering of offerings.get(need.capability) ?? []) {
      if (pairs === PAIRS_MAX) return { legs, isComplete: false };
      pairs += 1;
      const pairing = { offering, need };
      if (closedGate(pairing, nowMs) !== undefined) continue;
      const { score } = scoreLeg(pairing);
      if (score >= threshold) legs.push({ ...pairing, score });
    }
  }
  return { legs, isComplete: true };
}

/** Offerings under their own capability and under every broader one. */
function offeringsByTerm(offerings: readonly GraphListing[]): ReadonlyMap<string, readonly GraphListing[]> {
  const byTerm = new Map<string, GraphListing[]>();
  for (const offering of offerings) {
    const words = offering.capability.split('.');
    for (let depth = 1; depth <= words.length; depth += 1) {
      const term = words.slice(0, depth).join('.');
      const under = byTerm.get(term);
      if (under === undefined) byTerm.set(term, [offering]);
      else under.push(offering);
    }
  }
  return byTerm;
}
