import type { StepBudget } from '../pool/step-budget.js';
import { PackingSearch } from './branch-and-bound.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { PackingImprovement } from './local-search.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';

const TURN_GROWTH = 1.5;
const TURN_STEPS_MIN = 5_000_000;

/**
 * The best packing that can be found in the steps given, and a bound.
 *
 * Exact search and improvement take turns with growing shares: the search needs a good packing to discard most columns,
 * and once it has one it often ends quickly.
 */
export function solvePacking(problem: PackingProblem, budget: StepBudget): PackingSearch {
  const search = new PackingSearch(problem, greedyStart(problem, budget), budget);
  const before = budget.spent;
  search.run(budget.max);
  let turn = Math.max(TURN_STEPS_MIN, budget.spent - before);
  const improvement = new PackingImprovement(problem, search.prices, budget);
  for (; search.canGoOn && budget.hasLeft; turn *= TURN_GROWTH) {
    search.improve(improvement.run(search.best, search.bound, Math.min(budget.max, budget.spent + turn)));
    search.run(Math.min(budget.max, budget.spent + turn));
  }
  return search;
}

function greedyStart(problem: PackingProblem, budget: StepBudget): Packing {
  const size = (column: number): number => problem.start[column + 1]! - problem.start[column]!;
  const merits = [
    (column: number) => problem.value[column]!,
    (column: number) => problem.value[column]! / size(column),
  ];
  return merits.map((merit) => greedyPacking(problem, [columnsByMerit(problem, merit)], budget)).reduce(betterPacking);
}
