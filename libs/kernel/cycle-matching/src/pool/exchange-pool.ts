import { byCodeUnit, invariant } from '@kula/kernel-primitives';

/** One way `from` can give what `to` needs. Arcs between the same two vertices are variants: the best one counts. */
export interface PoolArc {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Micro-units, 0 to SCORE_MAX. */
  readonly score: number;
}

/** How many selected cycles may pass through one vertex. Vertices not named have capacity 1. */
export interface VertexCapacity {
  readonly vertex: string;
  readonly units: number;
}

/**
 * What a selection maximises: each cycle is worth `served` for every vertex on it plus `score` times its score.
 *
 * Non-negative integers. The total is what counts, so a `served` larger than any possible score total
 * makes the objective lexicographic; `servedThenScore` computes such weights.
 */
export interface Objective {
  readonly served: number;
  readonly score: number;
}

/** A matching problem: plain data, any order. */
export interface ExchangePool {
  readonly vertices: readonly string[];
  readonly arcs: readonly PoolArc[];
  /** Longest cycle that counts, in vertices: 2 to 10. */
  readonly cycleCap: number;
  /** Elementary steps one call may spend: a counted budget, the same on every machine. */
  readonly stepsMax: number;
  readonly capacities?: readonly VertexCapacity[];
  /** Score alone where absent. */
  readonly objective?: Objective;
}

export const SCORE_MAX = 2 ** 32;
export const CYCLE_CAP_MAX = 10;
export const VERTEX_COUNT_MAX = 2 ** 20;
/** Largest value of one cycle: leaves room to scale prices and sum them exactly. */
export const VALUE_MAX = 2 ** 46;

/** Score alone. */
export const SCORE_ALONE: Objective = { served: 0, score: 1 };

/** The value of a cycle of `length` vertices whose arcs score `score` together, under an objective. */
export const cycleValue = (objective: Objective, length: number, score: number): number =>
  objective.served * length + objective.score * score;

/** Objective under which serving one vertex more outweighs any score: vertices served first, then score. */
export function servedThenScore(pool: ExchangePool): Objective {
  const best = new Map<string, number>();
  for (const { to, score } of pool.arcs) best.set(to, Math.max(score, best.get(to) ?? 0));
  const units = new Map(pool.capacities?.map(({ vertex, units: count }) => [vertex, count]));
  const total = [...best].reduce((sum, [vertex, score]) => sum + score * (units.get(vertex) ?? 1), 0);
  return { served: total + 1, score: 1 };
}

/**
 * Asserts what every kernel here relies on. O(vertices + arcs).
 *
 * @throws InvariantError naming the first fact that does not hold.
 */
export function checkPool(pool: ExchangePool): void {
  const { vertices, arcs, cycleCap, stepsMax } = pool;
  invariant(Number.isInteger(cycleCap) && cycleCap >= 2 && cycleCap <= CYCLE_CAP_MAX, `cycle cap lies between 2 and ${CYCLE_CAP_MAX}`);
  invariant(Number.isSafeInteger(stepsMax) && stepsMax >= 0, 'steps are a non-negative integer');
  invariant(vertices.length <= VERTEX_COUNT_MAX, `a pool has at most ${VERTEX_COUNT_MAX} vertices`);
  const known = new Set(vertices);
  invariant(known.size === vertices.length, 'vertex ids are unique');
  invariant(new Set(arcs.map(({ id }) => id)).size === arcs.length, 'arc ids are unique');
  for (const { id, from, to, score } of arcs) {
    invariant(known.has(from) && known.has(to), `arc ${id} joins vertices of the pool`);
    invariant(Number.isInteger(score) && score >= 0 && score <= SCORE_MAX, `arc ${id} has an integer score from 0 to ${SCORE_MAX}`);
  }
  checkCapacities(pool, known);
  checkObjective(pool);
}

function checkCapacities({ capacities = [] }: ExchangePool, known: ReadonlySet<string>): void {
  invariant(new Set(capacities.map(({ vertex }) => vertex)).size === capacities.length, 'a vertex has one capacity');
  for (const { vertex, units } of capacities) {
    invariant(known.has(vertex), `capacity is given for a vertex of the pool, not ${vertex}`);
    invariant(Number.isInteger(units) && units >= 0 && units <= VERTEX_COUNT_MAX, `capacity of ${vertex} is a non-negative integer`);
  }
}

function checkObjective({ objective = SCORE_ALONE, arcs, cycleCap }: ExchangePool): void {
  invariant(Number.isSafeInteger(objective.served) && objective.served >= 0, 'weight of vertices served is a non-negative integer');
  invariant(Number.isSafeInteger(objective.score) && objective.score >= 0, 'weight of the score is a non-negative integer');
  const scoreMax = arcs.reduce((most, { score }) => Math.max(most, score), 0);
  invariant(cycleValue(objective, cycleCap, cycleCap * scoreMax) <= VALUE_MAX, `the value of a cycle is at most ${VALUE_MAX}`);
}

/** Vertex ids in canonical order: by code unit. Everything derived from a pool numbers vertices in this order. */
export const canonicalVertices = (pool: ExchangePool): string[] => [...pool.vertices].sort(byCodeUnit);
