import { legsBetween, withOneHome } from './exchange-graph.js';
import { MICRO, type GraphListing } from './leg/graph-listing.js';
import { packRings, type Packing, type PackingRules } from './pack-rings.js';
import { reasonChosen, reasonPassedOver, type Hindrance } from './reasons.js';
import { executionWindow, listingsOf, ringIdOf, type Ring } from './ring.js';
import { NO_WORTH, valueOfWorth } from './worth.js';

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

const NOTHING: Packing = { chosen: [], passedOver: [], ringsFound: 0, worth: NO_WORTH, bound: NO_WORTH, isComplete: true };

/**
 * The best set of rings without a participant in common: people served first, then score.
 *
 * Network listings are searched first and alone, so that nodes that know the same graph choose the same rings whatever
 * each of them holds back. Then this node's own participants that are left are searched once more, together with the
 * listings that stay at home. What is found there is shown and never chosen: a chain is agreed in the log, which every
 * node reads, and its terms would tell what was to stay at home. The same whatever the order of the listings.
 */
export function chooseRings(problem: SearchProblem): SearchOutcome {
  const listings = withOneHome(problem.listings, problem.ownNode);
  const network = search(listings.filter(({ visibility }) => visibility === 'network'), () => true, problem);
  const taken = new Set(network.chosen.flatMap(participantsOf));
  const left = listings.filter(({ homeNode, participantId }) => homeNode === problem.ownNode && !taken.has(participantId));
  // Rings of network listings alone were found before.
  const atHome = left.some(isHeldBack) ? search(left, (legs) => listingsOf({ legs }).some(isHeldBack), problem) : NOTHING;
  return judged(network, atHome, problem);
}

const participantsOf = ({ legs }: Ring): string[] => legs.map(({ offering }) => offering.participantId);

const isHeldBack = ({ visibility }: GraphListing): boolean => visibility === 'node';

function search(listings: readonly GraphListing[], isShown: PackingRules['isShown'], problem: SearchProblem): Packing {
  const { legs, isComplete } = legsBetween(listings, problem);
  if (legs.length === 0) return { ...NOTHING, isComplete };
  const packing = packRings(legs, {
    ringLengthMax: problem.ringLengthMax, isUsable: (each) => [undefined, 'held_back'].includes(hindranceOf({ legs: each }, problem)), isShown, passedOverMax: CONSIDERED_MAX,
  });
  return { ...packing, isComplete: isComplete && packing.isComplete };
}

/** What forbids a ring that the graph would allow. */
function hindranceOf(ring: Pick<Ring, 'legs'>, { endedRings, nowMs }: SearchProblem): Hindrance | undefined {
  if (executionWindow(ring, nowMs) === undefined) return 'no_shared_time';
  if (listingsOf(ring).some(isHeldBack)) return 'held_back';
  return endedRings.size > 0 && endedRings.has(ringIdOf(ring.legs)) ? 'ended' : undefined;
}

function judged(network: Packing, atHome: Packing, problem: SearchProblem): SearchOutcome {
  const { chosen } = network;
  const weight = BigInt(MICRO) * BigInt(new Set(problem.listings.map(({ participantId }) => participantId)).size) + 1n;
  const outcome = {
    ringsFound: network.ringsFound + atHome.ringsFound, isComplete: network.isComplete && atHome.isComplete,
    objective: valueOfWorth(network.worth, weight), bound: valueOfWorth(network.bound, weight),
  };
  const reason = reasonChosen(chosen, outcome.objective === outcome.bound);
  const passedOver = [...network.passedOver, ...atHome.chosen, ...atHome.passedOver].sort(bestFirst).slice(0, CONSIDERED_MAX);
  return {
    ...outcome,
    rings: [
      ...[...chosen].sort(bestFirst).map((ring) => ({ ring, state: 'selected' as const, reason })),
      ...passedOver.map((ring) => ({ ring, state: 'considered' as const, reason: reasonPassedOver(ring, chosen, hindranceOf(ring, problem)) })),
    ],
  };
}

const bestFirst = (left: Ring, right: Ring): number =>
  right.legs.length - left.legs.length || right.score - left.score || (left.ringId < right.ringId ? -1 : 1);
