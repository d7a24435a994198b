import { StepBudget } from '../pool/step-budget.js';
import { searchPacking, type SearchOutcome } from './branch-and-bound.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { PackingImprovement } from './local-search.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';

const STEPS_FIRST = 10_000_000;
const STEPS_GROWTH = 3;

/**
 * The best packing that can be found in the steps given, and a bound.
 *
 * Exact search and improvement take turns with growing shares: the search needs a good packing to discard most columns,
 * and once it has one it often ends quickly.
 */
export function solvePacking(problem: PackingProblem, budget: StepBudget): SearchOutcome {
  let outcome: SearchOutcome | undefined;
  let improvement: PackingImprovement | undefined;
  let best = greedyStart(problem, budget);
  for (let steps = STEPS_FIRST; outcome === undefined || budget.hasLeft; steps *= STEPS_GROWTH) {
    const share = new StepBudget(Math.min(budget.left, steps));
    const found = searchPacking(problem, best, share);
    budget.settle(share);
    outcome = { ...found, bound: Math.min(found.bound, outcome?.bound ?? Infinity), prices: outcome?.prices ?? found.prices };
    if (outcome.exhausted) break;
    improvement ??= new PackingImprovement(problem, outcome.prices);
    const improvementShare = new StepBudget(Math.min(budget.left, steps));
    best = improvement.run(outcome.best, outcome.bound, improvementShare);
    budget.settle(improvementShare);
    outcome = { ...outcome, best };
    if (best.value >= outcome.bound) outcome = { ...outcome, exhausted: true };
  }
  return outcome;
}

function greedyStart(problem: PackingProblem, budget: StepBudget): Packing {
  const size = (column: number): number => problem.start[column + 1]! - problem.start[column]!;
  const merits = [
    (column: number) => problem.value[column]!,
    (column: number) => problem.value[column]! / size(column),
  ];
  return merits.map((merit) => greedyPacking(problem, [columnsByMerit(problem, merit)], budget)).reduce(betterPacking);
}
