import { invariant } from '@kula/kernel-primitives';
import { CycleTableBuilder, type CycleTable } from '../enumeration/cycle-table.js';
import { enumerateCycles } from '../enumeration/enumerate-cycles.js';
import { CYCLE_COUNT_MAX, poolCycle, type FoundCycles, type PoolCycle } from '../enumeration/find-cycles.js';
import { canonicalVertices, cycleValue, SCORE_ALONE, type ExchangePool } from '../pool/exchange-pool.js';
import { poolGraph, type PoolGraph } from '../pool/pool-graph.js';
import { StepBudget } from '../pool/step-budget.js';
import { certifiedSelection } from './certify.js';
import type { Selection } from './selection.types.js';
import { solveParts } from './solve-parts.js';
import { capacities, valuedCycles } from './valued-cycles.js';

/**
 * The best set of the given cycles: each at most once, no vertex beyond its capacity, greatest total value.
 *
 * Exact on small pools; otherwise the best set found within the pool's steps, with a bound that holds whatever happens:
 * it covers every cycle of the pool, also those that `found` left out.
 * The same whatever the order of pool and cycles.
 * @throws InvariantError on a pool that breaks its rules, or on cycles that are not cycles of it.
 */
export function selectCycles(pool: ExchangePool, found: FoundCycles): Selection {
  const graph = poolGraph(pool);
  const table = tableOf(pool, found.cycles);
  const value = Float64Array.from(table.order, (at) => found.cycles[at]!.value);
  return select({ pool, graph, table: table.table, value, isComplete: found.complete }, new StepBudget(pool.stepsMax));
}

/**
 * The best selection over all cycles of a pool: what `findCycles` and `selectCycles` give, without the list between them.
 *
 * Finding and selecting share the pool's steps.
 */
export function bestSelection(pool: ExchangePool, cycleCountMax: number = CYCLE_COUNT_MAX): Selection {
  const graph = poolGraph(pool);
  const budget = new StepBudget(pool.stepsMax);
  const { table, stoppedBy } = enumerateCycles(graph, { cycleCap: pool.cycleCap, cycleCountMax, budget });
  const value = new Float64Array(table.count).map((_, cycle) =>
    cycleValue(pool.objective ?? SCORE_ALONE, table.start[cycle + 1]! - table.start[cycle]!, table.score[cycle]!));
  return select({ pool, graph, table, value, isComplete: stoppedBy === undefined }, budget);
}

interface Choice {
  readonly pool: ExchangePool;
  readonly graph: PoolGraph;
  readonly table: CycleTable;
  readonly value: Float64Array;
  readonly isComplete: boolean;
}

function select({ pool, graph, table, value, isComplete }: Choice, budget: StepBudget): Selection {
  const vertices = canonicalVertices(pool);
  const cycles = valuedCycles(table, value, capacities(pool, vertices));
  const solved = solveParts(cycles, budget);
  return certifiedSelection({ pool, graph, vertices, cycles, solved, isComplete, budget, cycleAt: (cycle) => poolCycle(pool, vertices, table, cycle) });
}
