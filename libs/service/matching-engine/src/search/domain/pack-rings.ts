import { selectCycles, verifySelection, type ExchangePool, type FoundCycles, type PoolCycle, type Selection } from '@kula/kernel-cycle-matching';
import { LegPool } from './leg-pool.js';
import { ringOf, type Leg, type Ring } from './ring.js';
import { worthOfValue, type Worth } from './worth.js';

/** What to choose from, and how. */
export interface PackingRules {
  /** Members of the longest ring: 2 to 10. */
  readonly ringLengthMax: number;
  /** Whether a ring that the graph allows may be chosen. */
  readonly isUsable: (legs: readonly Leg[]) => boolean;
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

/** Chooses among the rings that the legs can form: people served first, then score. The same whatever the order of the legs. */
export function packRings(legs: readonly Leg[], rules: PackingRules): Packing {
  const graph = new LegPool(legs, rules.ringLengthMax);
  const found = graph.find();
  const { cycles, objective, bound } = select(graph, found, rules);
  const chosen = cycles.map((cycle) => ringOf(graph.legsOn(cycle)));
  const shown = found.cycles.filter((cycle) => rules.isShown(graph.legsOn(cycle)));
  return {
    chosen, passedOver: passedOver(graph, shown, { chosen, passedOverMax: rules.passedOverMax }),
    ringsFound: shown.length + Number(found.leftOut?.count ?? 0n), isComplete: found.complete,
    worth: worthOfValue(objective, graph.servedWeight), bound: worthOfValue(bound, graph.servedWeight),
  };
}

function passedOver(graph: LegPool, shown: readonly PoolCycle[], { chosen, passedOverMax }: { readonly chosen: readonly Ring[]; readonly passedOverMax: number }): Ring[] {
  const ids = new Set(chosen.map(({ ringId }) => ringId));
  // The chosen rings are among the best, so as many more are looked at.
  const best = [...shown].sort((left, right) => right.value - left.value).slice(0, passedOverMax + chosen.length);
  return best.map((cycle) => ringOf(graph.legsOn(cycle))).filter(({ ringId }) => !ids.has(ringId)).slice(0, passedOverMax);
}

/**
 * The best selection of rings that may be chosen.
 *
 * The kernel proves its bound over every ring of the graph. So where a ring may not be chosen, the legs that only such
 * rings use are taken out of the graph; where that does not remove them all, the bound covers them and may stay too high.
 */
function select(graph: LegPool, found: FoundCycles, { isUsable }: PackingRules): Selection {
  const mayBeChosen = (cycle: PoolCycle): boolean => isUsable(graph.legsOn(cycle));
  if (found.cycles.every(mayBeChosen)) return verified(graph.pool, found);
  const usable = found.cycles.flatMap((cycle) => [cycle, ...graph.variantsOf(cycle)].find(mayBeChosen) ?? []);
  if (!found.complete) return verified(graph.pool, { ...found, cycles: usable });
  const used = new Set(usable.flatMap(({ arcIds }) => arcIds));
  const pool = { ...graph.pool, arcs: graph.pool.arcs.filter(({ id }) => used.has(id)) };
  const complete = graph.find(pool).cycles.every(mayBeChosen);
  return verified(pool, { ...found, cycles: usable, complete });
}

/** The kernel's selection after the independent check. @throws InvariantError where it does not hold. */
function verified(pool: ExchangePool, found: FoundCycles): Selection {
  const selection = selectCycles(pool, found);
  verifySelection(pool, selection);
  return selection;
}
