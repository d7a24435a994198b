import { legsBetween, withOneHome } from './exchange-graph.js';
import { MICRO, type GraphListing } from './graph-listing.js';
import { packRings, type Packing } from './pack-rings.js';
import { reasonChosen, reasonPassedOver, type Hindrance } from './reasons.js';
import { executionWindow, listingsOf, type Ring } from './ring.js';

/** What a search starts from. */
export interface SearchProblem {
  /** Open listings with something free, none of them in a ring that was proposed and has not ended. Any order. */
  readonly listings: readonly GraphListing[];
  readonly ownNode: string;
  readonly nowMs: number;
  /** Score below which a leg is not used, millionths. */
  readonly threshold: number;
  /** Members of the longest ring: 2 to 10. */
  readonly ringLengthMax: number;
  /** Rings that were proposed and came to an end. The id of a ring names one chain, so none is proposed twice. */
  readonly endedRings: ReadonlySet<string>;
}

/** A ring, whether it is chosen, and why in plain words. */
export interface JudgedRing {
  readonly ring: Ring;
  readonly state: 'selected' | 'considered';
  readonly reason: string;
}

export interface SearchOutcome {
  /** The chosen rings, then the best of those that were not chosen. */
  readonly rings: readonly JudgedRing[];
  readonly ringsFound: number;
  /** Value of the chosen rings: people served first, then score. */
  readonly objective: bigint;
  /** No choice of rings is worth more. */
  readonly bound: bigint;
  /** Every pair and every ring was looked at. */
  readonly isComplete: boolean;
}

/** Rings that are kept for people to see though they are not chosen. */
export const CONSIDERED_MAX = 200;

interface Stage extends Packing { readonly isComplete: boolean }

const NOTHING: Stage = { chosen: [], passedOver: [], ringsFound: 0, objective: 0n, bound: 0n, isComplete: true };

/**
 * The best set of rings without a participant in common: people served first, then score.
 *
 * Network listings are searched first and alone, so that nodes that know the same graph choose the same rings whatever
 * each of them holds back. Then this node's own participants that are left are searched once more, together with the
 * listings that stay at home: what is found there is entirely local. The same whatever the order of the listings.
 */
export function chooseRings(problem: SearchProblem): SearchOutcome {
  const listings = withOneHome(problem.listings, problem.ownNode);
  const network = search(listings.filter(({ visibility }) => visibility === 'network'), problem);
  const taken = new Set(network.chosen.flatMap(participantsOf));
  const atHome = search(listings.filter(({ homeNode, participantId }) => homeNode === problem.ownNode && !taken.has(participantId)), problem);
  return judged(network, staysAtHome(atHome), problem);
}

const participantsOf = ({ legs }: Ring): string[] => legs.map(({ offering }) => offering.participantId);

const isHeldBack = (ring: Ring): boolean => listingsOf(ring).some(({ visibility }) => visibility === 'node');

/** The rings with a listing that stays at home. The others are network rings and were found before. */
function staysAtHome(stage: Stage): Stage {
  const passedOver = stage.passedOver.filter(isHeldBack);
  return { ...stage, passedOver, ringsFound: passedOver.length + stage.chosen.length };
}

function search(listings: readonly GraphListing[], problem: SearchProblem): Stage {
  if (listings.length === 0) return NOTHING;
  const { legs, isComplete } = legsBetween(listings, problem);
  const packing = packRings(legs, {
    ringLengthMax: problem.ringLengthMax, servedWeight: servedWeight(problem), isUsable: (ring) => hindranceOf(ring, problem) === undefined,
  });
  return { ...packing, isComplete: isComplete && packing.isComplete };
}

/** One person more outweighs every score that all of them can have together. */
const servedWeight = ({ listings }: SearchProblem): number => MICRO * new Set(listings.map(({ participantId }) => participantId)).size + 1;

/** What forbids a ring that the graph would allow. */
function hindranceOf(ring: Ring, { endedRings, nowMs }: SearchProblem): Hindrance | undefined {
  if (endedRings.has(ring.ringId)) return 'ended';
  return executionWindow(ring, nowMs) === undefined ? 'no_shared_time' : undefined;
}

function judged(network: Stage, atHome: Stage, problem: SearchProblem): SearchOutcome {
  const chosen = [...network.chosen, ...atHome.chosen];
  const outcome = {
    ringsFound: network.ringsFound + atHome.ringsFound, objective: network.objective + atHome.objective,
    bound: network.bound + atHome.bound, isComplete: network.isComplete && atHome.isComplete,
  };
  const reason = reasonChosen(chosen, outcome.objective === outcome.bound);
  const passedOver = [...network.passedOver, ...atHome.passedOver].sort(bestFirst).slice(0, CONSIDERED_MAX);
  return {
    ...outcome,
    rings: [
      ...chosen.sort(bestFirst).map((ring) => ({ ring, state: 'selected' as const, reason })),
      ...passedOver.map((ring) => ({ ring, state: 'considered' as const, reason: reasonPassedOver(ring, chosen, hindranceOf(ring, problem)) })),
    ],
  };
}

const bestFirst = (left: Ring, right: Ring): number =>
  right.legs.length - left.legs.length || right.score - left.score || (left.ringId < right.ringId ? -1 : 1);
