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
  const vertices = canonicalVertices(pool);
  const ordered = inCanonicalOrder(pool, vertices, found.cycles);
  const table = tableOf(pool, vertices, ordered);
  const value = Float64Array.from(ordered, (cycle) => cycle.value);
  return select({ pool, graph, table, value, isComplete: found.complete }, new StepBudget(pool.stepsMax));
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

/** By length, then by vertices, as `findCycles` lists them. Asserts that each is written as it writes them, once. */
function inCanonicalOrder(pool: ExchangePool, vertices: readonly string[], cycles: readonly PoolCycle[]): PoolCycle[] {
  const number = new Map(vertices.map((vertex, position) => [vertex, position]));
  const keyed = cycles.map((cycle) => ({ cycle, numbers: cycle.vertices.map((vertex) => number.get(vertex) ?? -1) }));
  for (const { cycle, numbers } of keyed) {
    invariant(numbers.length >= 2 && numbers.length <= pool.cycleCap, 'a cycle has two vertices up to the cycle cap');
    invariant(new Set(numbers).size === numbers.length && !numbers.includes(-1), 'a cycle visits vertices of the pool, each once');
    invariant(numbers[0] === Math.min(...numbers), 'a cycle is written from its smallest vertex');
    const value = cycleValue(pool.objective ?? SCORE_ALONE, numbers.length, cycle.score);
    invariant(cycle.value === value, 'a cycle is worth what the objective of the pool says');
  }
  keyed.sort((left, right) => compareNumbers(left.numbers, right.numbers));
  keyed.slice(1).forEach(({ numbers }, at) => invariant(compareNumbers(keyed[at]!.numbers, numbers) !== 0, 'a cycle is listed once'));
  return keyed.map(({ cycle }) => cycle);
}

function compareNumbers(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((number, position) => number !== right[position]);
  return left.length - right.length || (at < 0 ? 0 : left[at]! - right[at]!);
}

function tableOf(pool: ExchangePool, vertices: readonly string[], cycles: readonly PoolCycle[]): CycleTable {
  const number = new Map(vertices.map((vertex, position) => [vertex, position]));
  const arcAt = new Map(pool.arcs.map(({ id }, position) => [id, position]));
  const builder = new CycleTableBuilder();
  for (const cycle of cycles) {
    const numbers = Int32Array.from(cycle.vertices, (vertex) => number.get(vertex)!);
    const arcs = Int32Array.from(cycle.arcIds, (id) => arcAt.get(id) ?? -1);
    const score = arcs.reduce((sum, arc, at) => sum + scoreOf(pool, arc, cycle, at), 0);
    invariant(arcs.length === numbers.length && score === cycle.score, 'a cycle scores the sum of its arcs');
    builder.add(numbers, arcs, numbers.length, score);
  }
  return builder.table();
}

function scoreOf({ arcs }: ExchangePool, arc: number, { vertices }: PoolCycle, at: number): number {
  const found = arcs[arc];
  const joins = found?.from === vertices[at] && found?.to === vertices[(at + 1) % vertices.length];
  invariant(found !== undefined && joins, 'each arc of a cycle leads from its vertex to the next');
  return found.score;
}
