import { invariant } from '@kula/kernel-primitives';
import { canonicalVertices, cycleValue, SCORE_ALONE, type ExchangePool } from '../pool/exchange-pool.js';
import { poolGraph } from '../pool/pool-graph.js';
import { StepBudget } from '../pool/step-budget.js';
import { countCycles } from './count-cycles.js';
import type { CycleTable } from './cycle-table.js';
import { enumerateCycles, type Enumeration } from './enumerate-cycles.js';

/** A closed ring of arcs through distinct vertices, written from its smallest vertex: arc i leaves vertex i. */
export interface PoolCycle {
  readonly vertices: readonly string[];
  readonly arcIds: readonly string[];
  /** Sum of the arcs' scores, micro-units. */
  readonly score: number;
  /** What selecting it is worth under the pool's objective. */
  readonly value: number;
}

/** What an incomplete answer does not hold. */
export interface LeftOut {
  readonly reason: 'count' | 'steps';
  /** No cycle up to this length is left out. */
  readonly lengthComplete: number;
  /** Cycles left out. Exact where `isExact`; otherwise at least so many, because counting them ran out of steps too. */
  readonly count: bigint;
  readonly isExact: boolean;
}

export interface FoundCycles {
  readonly cycles: readonly PoolCycle[];
  readonly complete: boolean;
  readonly leftOut?: LeftOut;
  readonly steps: number;
}

/** Enough for every pool that is worth enumerating; about 200 bytes each. */
export const CYCLE_COUNT_MAX = 1_000_000;

/**
 * The cycles of a pool up to its cycle cap, best variant of every arc, shortest first, then by their vertices.
 *
 * Stops at `cycleCountMax` cycles or when the pool's steps are spent, and then says what it left out.
 * The same whatever the order of the pool.
 * @throws InvariantError on a pool that breaks its rules.
 */
export function findCycles(pool: ExchangePool, cycleCountMax: number = CYCLE_COUNT_MAX): FoundCycles {
  invariant(Number.isSafeInteger(cycleCountMax) && cycleCountMax >= 0, 'the number of cycles to keep is a non-negative integer');
  const budget = new StepBudget(pool.stepsMax);
  const found = enumerateCycles(poolGraph(pool), { cycleCap: pool.cycleCap, cycleCountMax, budget });
  const vertices = canonicalVertices(pool);
  const cycles = Array.from({ length: found.table.count }, (_, cycle) => poolCycle(pool, vertices, found.table, cycle));
  if (found.stoppedBy === undefined) return { cycles, complete: true, steps: budget.spent };
  return { cycles, complete: false, leftOut: leftOut(pool, found, found.stoppedBy), steps: budget.spent };
}

/** One row of a table as plain data. */
export function poolCycle(pool: ExchangePool, vertices: readonly string[], table: CycleTable, cycle: number): PoolCycle {
  const [from, to] = [table.start[cycle]!, table.start[cycle + 1]!];
  const score = table.score[cycle]!;
  return {
    vertices: Array.from(table.vertex.subarray(from, to), (vertex) => vertices[vertex]!),
    arcIds: Array.from(table.arc.subarray(from, to), (arc) => pool.arcs[arc]!.id),
    score,
    value: cycleValue(pool.objective ?? SCORE_ALONE, to - from, score),
  };
}

function leftOut(pool: ExchangePool, { table, lengthComplete }: Enumeration, reason: 'count' | 'steps'): LeftOut {
  const counts = countCycles(pool);
  const total = counts.byLength.reduce((sum, { count }) => sum + count, 0n);
  const missing = total - BigInt(table.count);
  return { reason, lengthComplete, count: missing > 0n ? missing : 0n, isExact: counts.complete };
}
