import { hashDocument } from '@kula/kernel-crypto';
import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import type { GraphListing, Pairing } from './leg/graph-listing.js';
import { sharedWindow } from './leg/score-leg.js';
import { proposerOf } from './proposer.js';

/** A delivery from one participant to another: the need is met whole. */
export interface Leg extends Pairing {
  /** Millionths. */
  readonly score: number;
}

/** A closed ring of legs, from the participant with the smallest id on. */
export interface Ring {
  readonly ringId: string;
  readonly legs: readonly Leg[];
  /** Mean of the legs' scores, millionths, rounded down. */
  readonly score: number;
  /** The one node that proposes it. */
  readonly proposingNode: string;
}

/** Every listing of a ring. */
export const listingsOf = ({ legs }: Pick<Ring, 'legs'>): GraphListing[] => legs.flatMap(({ offering, need }) => [offering, need]);

/** Time in which the whole ring can be carried out, from `nowMs` on, or undefined where there is none. */
export function executionWindow(ring: Pick<Ring, 'legs'>, nowMs: number): { readonly startMs: number; readonly endMs: number } | undefined {
  const { startMs, endMs } = sharedWindow(listingsOf(ring));
  const window = { startMs: Math.max(startMs, nowMs), endMs };
  return window.endMs > window.startMs ? window : undefined;
}

/** Name of the ring these legs close, wherever it is entered. Made from its listings and amounts alone. */
export function ringIdOf(legs: readonly Pairing[]): string {
  const tuples = legs.map(({ offering, need }) => [offering.listingId, need.listingId, String(need.free)]);
  return `r-${hashDocument(tuples.sort((left, right) => byCodeUnit(left.join(' '), right.join(' '))))}`;
}

/**
 * The ring of these legs, whichever of them comes first.
 *
 * Every node that finds the ring names the same one to propose it.
 * @throws InvariantError where the legs do not close a ring of distinct participants.
 */
export function ringOf(legs: readonly Leg[]): Ring {
  const ordered = fromSmallest(legs);
  const ringId = ringIdOf(ordered);
  const score = Math.floor(ordered.reduce((sum, leg) => sum + leg.score, 0) / ordered.length);
  return { ringId, legs: ordered, score, proposingNode: proposerOf(ringId, ordered) };
}

function fromSmallest(legs: readonly Leg[]): Leg[] {
  const providers = legs.map(({ offering }) => offering.participantId);
  invariant(legs.length >= 2 && new Set(providers).size === legs.length, 'a ring has two or more distinct participants');
  legs.forEach(({ need }, at) => invariant(need.participantId === providers[(at + 1) % legs.length], 'each leg leads to the provider of the next'));
  const first = providers.indexOf([...providers].sort(byCodeUnit)[0] ?? '');
  return [...legs.slice(first), ...legs.slice(0, first)];
}
