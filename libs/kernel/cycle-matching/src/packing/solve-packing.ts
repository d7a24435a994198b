import type { StepBudget } from '../pool/step-budget.js';
import { PackingSearch } from './branch-and-bound.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { PackingImprovement } from './local-search.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';
import { canBoundExactly } from './relaxation.js';
import { subgradientPrices, type PricesFound } from './subgradient-prices.js';

const TURN_GROWTH = 1.5;
const TURN_STEPS_MIN = 500_000;
/** Rows up to which the simplex method is tried straight away, and at all. */
const ROWS_AT_ONCE_MAX = 600;
const ROWS_FOR_SIMPLEX_MAX = 5000;
/** Part of the steps after which a relaxation that is not solved is given up: where it looks affordable, and where it does not. */
const SIMPLEX_SHARE = 0.4;
const SIMPLEX_SHARE_SMALL = 0.05;

/** A packing, what proves how good it is, and whether it is proven best. */
export interface PackingSolution {
  readonly best: Packing;
  /** Row prices in units of value: the bound they prove is worked out afterwards, exactly. */
  readonly prices: Float64Array;
  /** True where the search ended: nothing better exists. */
  readonly isExhausted: boolean;
}

/**
 * The best packing that can be found in the steps left, with prices that bound it.
 *
 * Exact search and improvement take turns with growing shares: the search needs a good packing to discard most columns,
 * and once it has one it often ends quickly.
 */
export function solvePacking(problem: PackingProblem, budget: StepBudget): PackingSolution {
  const start = greedyStart(problem, budget);
  if (problem.rowCount > ROWS_FOR_SIMPLEX_MAX || !canBoundExactly(problem)) {
    return improved(problem, subgradientPrices(problem, start, budget), budget);
  }
  const isLarge = problem.rowCount > ROWS_AT_ONCE_MAX;
  const rough = isLarge ? subgradientPrices(problem, start, budget) : undefined;
  const search = new PackingSearch(problem, rough?.best ?? start, budget);
  search.run(isLarge ? simplexSteps(problem, budget.left) : budget.left);
  if (search.isRootSolved) return solveInTurns(problem, search, budget);
  return improved(problem, { ...(rough ?? subgradientPrices(problem, start, budget)), best: search.best }, budget);
}

/** Steps to try the simplex method for. On dense problems it takes about twice the cube of the rows; sparse ones may surprise. */
function simplexSteps({ rowCount }: PackingProblem, stepsLeft: number): number {
  return stepsLeft * (2 * rowCount ** 3 <= stepsLeft * SIMPLEX_SHARE ? SIMPLEX_SHARE : SIMPLEX_SHARE_SMALL);
}

function solveInTurns(problem: PackingProblem, search: PackingSearch, budget: StepBudget): PackingSolution {
  const improvement = new PackingImprovement(problem, search.prices, budget);
  for (let turn = Math.max(TURN_STEPS_MIN, search.rootSteps); search.canGoOn && budget.hasLeft; turn *= TURN_GROWTH) {
    search.run(turn);
    if (search.canGoOn) search.improve(improvement.run(search.best, search.bound, turn));
  }
  return { best: search.best, prices: search.prices, isExhausted: search.isExhausted };
}

function improved(problem: PackingProblem, { prices, bound, best }: PricesFound, budget: StepBudget): PackingSolution {
  const improvement = new PackingImprovement(problem, prices, budget);
  return { best: improvement.run(best, Math.floor(bound), budget.left), prices, isExhausted: false };
}

function greedyStart(problem: PackingProblem, budget: StepBudget): Packing {
  const size = (column: number): number => problem.start[column + 1]! - problem.start[column]!;
  const merits = [
    (column: number) => problem.value[column]!,
    (column: number) => problem.value[column]! / size(column),
  ];
  return merits.map((merit) => greedyPacking(problem, [columnsByMerit(problem, merit)], budget)).reduce(betterPacking);
}
