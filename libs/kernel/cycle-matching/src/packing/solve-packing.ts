import type { StepBudget } from '../pool/step-budget.js';
import { searchPacking, type SearchOutcome } from './branch-and-bound.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { improvePacking } from './local-search.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';

/**
 * The best packing that can be found in the steps given, and a bound.
 */
export function solvePacking(problem: PackingProblem, budget: StepBudget): SearchOutcome {
  const start = greedyStart(problem, budget);
  const quickBudget = budget.share(0.1);
  const quick = searchPacking(problem, start, quickBudget);
  budget.settle(quickBudget);
  if (quick.exhausted) return quick;
  const share = budget.share(0.5);
  const improved = improvePacking(problem, quick.best, { prices: quick.prices, bound: quick.bound, budget: share });
  budget.settle(share);
  const last = searchPacking(problem, improved, budget);
  return { ...last, bound: Math.min(last.bound, quick.bound) };
}

function greedyStart(problem: PackingProblem, budget: StepBudget): Packing {
  const size = (column: number): number => problem.start[column + 1]! - problem.start[column]!;
  const merits = [
    (column: number) => problem.value[column]!,
    (column: number) => problem.value[column]! / size(column),
  ];
  return merits.map((merit) => greedyPacking(problem, [columnsByMerit(problem, merit)], budget)).reduce(betterPacking);
}
