import type { GraphListing } from './leg/graph-listing.js';
import { closedGate, scoreLeg } from './leg/score-leg.js';
import { ringOf, type Ring } from './ring.js';

/** What a summary leaves out, as the home node has told it. */
export interface Details {
  readonly participantId: string;
  readonly title: string;
  readonly place: string | null;
  /** Trust standing of the participant, millionths. */
  readonly standing: number;
}

/** Why a ring that fitted in summary does not fit once everything is known. */
export type Misfit = 'same_person' | 'gate' | 'threshold';

/**
 * The ring with the details of its listings, or why it is none.
 *
 * One person may go by several names as long as details are not told, so that only now it shows whether the members are
 * distinct. The id of the ring and the node that proposes it stay the same.
 */
export function knownRing(
  ring: Ring, details: ReadonlyMap<string, Details>, { nowMs, threshold }: { readonly nowMs: number; readonly threshold: number },
): Ring | Misfit {
  const known = (listing: GraphListing): GraphListing => {
    const told = details.get(listing.listingId);
    return told === undefined ? listing : { ...listing, ...told, isSummary: false };
  };
  const pairings = ring.legs.map(({ offering, need }) => ({ offering: known(offering), need: known(need) }));
  const providers = pairings.map(({ offering }) => offering.participantId);
  const isLinked = pairings.every(({ need }, at) => need.participantId === providers[(at + 1) % providers.length]);
  if (!isLinked || new Set(providers).size !== providers.length) return 'same_person';
  if (pairings.some((pairing) => closedGate(pairing, nowMs) !== undefined)) return 'gate';
  const legs = pairings.map((pairing) => ({ ...pairing, score: scoreLeg(pairing).score }));
  return legs.some(({ score }) => score < threshold) ? 'threshold' : ringOf(legs);
}
