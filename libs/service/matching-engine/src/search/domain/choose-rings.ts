import { legsBetween, withOneHome } from './exchange-graph.js';
import { MICRO, type GraphListing } from './leg/graph-listing.js';
import { packRings, type Packing, type PackingRules } from './pack-rings.js';
import { HINDRANCES, reasonChosen, reasonPassedOver, type Hindrance } from './reasons.js';
import { executionWindow, listingsOf, ringIdOf, type Ring } from './ring.js';
import { NO_WORTH, sumOfWorths, valueOfWorth } from './worth.js';

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
  /** Rings that cannot be proposed for now, each with the reason in plain words. */
  readonly setAside?: ReadonlyMap<string, string>;
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
 * What stands in the log is searched first and alone, so that nodes that know the same graph choose the same rings whatever
 * each of them keeps or has been told. Then the participants that are left are searched with the listings that are only
 * shown to those who ask; and then this node's own participants that are still left with the listings that stay at home.
 * What is found there is shown and never chosen: a chain is agreed in the log, which every node reads, and its terms would
 * tell what was to stay at home. The same whatever the order of the listings.
 */
export function chooseRings(problem: SearchProblem): SearchOutcome {
  const listings = withOneHome(problem.listings, problem.ownNode);
  const inLog = search(listings.filter(({ visibility }) => visibility === 'network' || visibility === 'summary'), () => true, problem);
  const left = without(listings, inLog);
  const asked = searchFor(({ visibility }) => visibility === 'query', left.filter((listing) => !isHeldBack(listing)), problem);
  const atHome = searchFor(isHeldBack, without(left, asked).filter(({ homeNode }) => homeNode === problem.ownNode), problem);
  return judged({ proposable: [inLog, asked], atHome }, problem);
}

/** The listings of those who are in no chosen ring. */
function without(listings: readonly GraphListing[], { chosen }: Packing): readonly GraphListing[] {
  const taken = new Set(chosen.flatMap(participantsOf));
  return listings.filter(({ participantId }) => !taken.has(participantId));
}

/** Rings with at least one listing of a sort. Those without were found before. */
function searchFor(isOfSort: (listing: GraphListing) => boolean, listings: readonly GraphListing[], problem: SearchProblem): Packing {
  if (!listings.some(isOfSort)) return NOTHING;
  return search(listings, (legs) => listingsOf({ legs }).some(isOfSort), problem);
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
function hindranceOf(ring: Pick<Ring, 'legs'>, { endedRings, setAside = NONE_SET_ASIDE, nowMs }: SearchProblem): Hindrance | undefined {
  if (executionWindow(ring, nowMs) === undefined) return 'no_shared_time';
  if (listingsOf(ring).some(isHeldBack)) return 'held_back';
  if (endedRings.size + setAside.size === 0) return undefined;
  const ringId = ringIdOf(ring.legs);
  if (endedRings.has(ringId)) return 'ended';
  return setAside.has(ringId) ? 'set_aside' : undefined;
}

const NONE_SET_ASIDE: ReadonlyMap<string, string> = new Map();

/** The same in plain words. */
function hindranceTo(ring: Ring, problem: SearchProblem): string | undefined {
  const hindrance = hindranceOf(ring, problem);
  if (hindrance === undefined) return undefined;
  return hindrance === 'set_aside' ? problem.setAside?.get(ring.ringId) : HINDRANCES[hindrance];
}

interface Packings { readonly proposable: readonly Packing[]; readonly atHome: Packing }

function judged({ proposable, atHome }: Packings, problem: SearchProblem): SearchOutcome {
  const all = [...proposable, atHome];
  const chosen = proposable.flatMap((packing) => packing.chosen);
  const weight = BigInt(MICRO) * BigInt(new Set(problem.listings.map(({ participantId }) => participantId)).size) + 1n;
  const outcome = {
    ringsFound: all.reduce((sum, { ringsFound }) => sum + ringsFound, 0), isComplete: all.every(({ isComplete }) => isComplete),
    objective: valueOfWorth(sumOfWorths(proposable.map(({ worth }) => worth)), weight), bound: valueOfWorth(sumOfWorths(proposable.map(({ bound }) => bound)), weight),
  };
  const reason = reasonChosen(chosen, outcome.objective === outcome.bound);
  const passedOver = [...proposable.flatMap((packing) => packing.passedOver), ...atHome.chosen, ...atHome.passedOver].sort(bestFirst).slice(0, CONSIDERED_MAX);
  return {
    ...outcome,
    rings: [
      ...[...chosen].sort(bestFirst).map((ring) => ({ ring, state: 'selected' as const, reason })),
      ...passedOver.map((ring) => ({ ring, state: 'considered' as const, reason: reasonPassedOver(ring, chosen, hindranceTo(ring, problem)) })),
    ],
  };
}

const bestFirst = (left: Ring, right: Ring): number =>
  right.legs.length - left.legs.length || right.score - left.score || (left.ringId < right.ringId ? -1 : 1);
