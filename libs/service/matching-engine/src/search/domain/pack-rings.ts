import { findCycles, selectCycles, verifySelection, type CycleSelection, type ExchangePool, type PoolCycle } from '@kula/kernel-cycle-matching';
import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import { MICRO } from './leg/graph-listing.js';
import { ringOf, type Leg, type Ring } from './ring.js';
import { worthOfValue, type Worth } from './worth.js';

/** What to choose from, and how. */
export interface PackingRules {
  /** Members of the longest ring: 2 to 10. */
  readonly ringLengthMax: number;
  /** Whether a ring that the graph allows may be chosen. */
  readonly isUsable: (ring: Ring) => boolean;
  /** Whether a ring that is not chosen is worth telling. */
  readonly isShown: (legs: readonly Leg[]) => boolean;
  /** Rings that are not chosen and told all the same. */
  readonly passedOverMax: number;
}

/** Rings without a participant in common, and the best of those passed over. */
export interface Packing {
  readonly chosen: readonly Ring[];
  readonly passedOver: readonly Ring[];
  readonly ringsFound: number;
  readonly worth: Worth;
  /** No choice is worth more. */
  readonly bound: Worth;
  /** Every ring was looked at. */
  readonly isComplete: boolean;
}

/** Elementary steps of the kernel per call: about a second. Counted, so that every node stops at the same place. */
const STEPS_MAX = 40_000_000;
/** Rings listed one by one; the choice itself has no such limit. */
const RINGS_LISTED_MAX = 20_000;
/** Times the choice is made again without a leg, because it held a ring that may not be chosen. */
const ROUNDS_MAX = 20;

/** Chooses among the rings that the legs can form: people served first, then score. The same whatever the order of the legs. */
export function packRings(legs: readonly Leg[], rules: PackingRules): Packing {
  const pool = poolOf(legs, rules.ringLengthMax);
  const legOf = new Map(legs.map((leg) => [arcId(leg), leg]));
  const legsOn = ({ arcIds }: PoolCycle): Leg[] => arcIds.map((id) => {
    const leg = legOf.get(id);
    invariant(leg !== undefined, `arc ${id} stands for a leg`);
    return leg;
  });
  const { chosen, value, bound } = choose(pool, (cycle) => ringOf(legsOn(cycle)), rules.isUsable);
  const found = findCycles(pool, RINGS_LISTED_MAX);
  const shown = found.cycles.filter((cycle) => rules.isShown(legsOn(cycle)));
  const ids = new Set(chosen.map(({ ringId }) => ringId));
  // One more than may be told for each chosen ring, which is among them.
  const best = [...shown].sort((left, right) => right.value - left.value).slice(0, rules.passedOverMax + chosen.length);
  const weight = servedWeight(pool);
  return {
    chosen, passedOver: best.map((cycle) => ringOf(legsOn(cycle))).filter(({ ringId }) => !ids.has(ringId)).slice(0, rules.passedOverMax),
    ringsFound: shown.length + Number(found.leftOut?.count ?? 0n), worth: worthOfValue(value, weight), bound: worthOfValue(bound, weight), isComplete: found.complete,
  };
}

const arcId = ({ offering, need }: Leg): string => `${offering.listingId} ${need.listingId}`;

/** One person more outweighs every score that all of them can have together. */
const servedWeight = ({ vertices }: ExchangePool): number => MICRO * vertices.length + 1;

function poolOf(legs: readonly Leg[], ringLengthMax: number): ExchangePool {
  const pool = {
    vertices: [...new Set(legs.flatMap(({ offering, need }) => [offering.participantId, need.participantId]))],
    arcs: legs.map((leg) => ({ id: arcId(leg), from: leg.offering.participantId, to: leg.need.participantId, score: leg.score })),
    cycleCap: ringLengthMax, stepsMax: STEPS_MAX,
  };
  return { ...pool, objective: { served: servedWeight(pool), score: 1 } };
}

/**
 * The best selection in which every ring may be chosen.
 *
 * The kernel knows graphs, not rings: where its selection holds a ring that may not be chosen, the leg that is missed
 * least is taken out of that ring and the choice is made again. The bound of the first choice holds for all of them.
 */
function choose(pool: ExchangePool, ringOn: (cycle: PoolCycle) => Ring, isUsable: (ring: Ring) => boolean): { chosen: Ring[]; value: number; bound: number } {
  let selection = verified(pool);
  const { bound } = selection;
  let left = pool;
  for (let round = 1; round < ROUNDS_MAX; round += 1) {
    const forbidden = selection.cycles.filter((cycle) => !isUsable(ringOn(cycle)));
    if (forbidden.length === 0) break;
    const without = new Set(forbidden.map((cycle) => leastMissed(left, cycle)));
    left = { ...left, arcs: left.arcs.filter(({ id }) => !without.has(id)) };
    selection = verified(left);
  }
  const usable = selection.cycles.filter((cycle) => isUsable(ringOn(cycle)));
  return { chosen: usable.map(ringOn), value: usable.reduce((sum, { value }) => sum + value, 0), bound };
}

/** The kernel's selection after the independent check. @throws InvariantError where it does not hold. */
function verified(pool: ExchangePool): CycleSelection {
  const selection = selectCycles(pool);
  verifySelection(pool, selection);
  return selection;
}

/** The arc of a cycle whose score is the least above that of the next best one between the same two. */
function leastMissed(pool: ExchangePool, { arcIds }: PoolCycle): string {
  const losses = pool.arcs.filter(({ id }) => arcIds.includes(id)).map(({ id, from, to, score }) => {
    const others = pool.arcs.filter((other) => other.from === from && other.to === to && other.id !== id);
    return { id, loss: others.length === 0 ? MICRO + score : score - others.reduce((best, other) => Math.max(best, other.score), 0) };
  });
  const [least] = losses.sort((left, right) => left.loss - right.loss || byCodeUnit(left.id, right.id));
  invariant(least !== undefined, 'a cycle has arcs');
  return least.id;
}
