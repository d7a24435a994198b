import type { StepBudget } from '../pool/step-budget.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';

const ITERATIONS_MAX = 400;
const ITERATIONS_IN_VAIN_MAX = 15;
const ITERATIONS_BETWEEN_PACKINGS = 20;
const STRIDE_FIRST = 1;
const STRIDE_MIN = 0.002;

/** Prices, the bound they prove in units of value (to rounding), and the best packing met on the way. */
export interface PricesFound {
  readonly prices: Float64Array;
  readonly bound: number;
  readonly best: Packing;
}

/**
 * Row prices near the best, by subgradient steps: rows wanted by too many columns become dearer, others cheaper.
 *
 * For problems too large for the simplex method. O(size of the columns) per step.
 * Source: Held, Wolfe and Crowder 1974.
 */
export function subgradientPrices(problem: PackingProblem, start: Packing, budget: StepBudget): PricesFound {
  const ascent = new PriceSteps(problem, budget);
  let best = start;
  let found = { prices: ascent.prices.slice(), bound: ascent.evaluate() };
  let stride = STRIDE_FIRST;
  for (let iteration = 1, inVain = 0; iteration <= ITERATIONS_MAX && stride > STRIDE_MIN && budget.hasLeft; iteration += 1) {
    ascent.step((stride * (found.bound - best.value * 0.999)) / Math.max(1, ascent.steepness()));
    const bound = ascent.evaluate();
    inVain = bound < found.bound ? 0 : inVain + 1;
    if (bound < found.bound) found = { prices: ascent.prices.slice(), bound };
    if (inVain === ITERATIONS_IN_VAIN_MAX) {
      ascent.prices.set(found.prices);
      ascent.evaluate();
      stride /= 2;
      inVain = 0;
    }
    if (iteration % ITERATIONS_BETWEEN_PACKINGS === 0) best = betterPacking(best, greedyPacking(problem, [ascent.columnsBySurplus()], budget));
  }
  return { ...found, best };
}

class PriceSteps {
  readonly prices: Float64Array;
  private readonly demand: Float64Array;
  private readonly surplus: Float64Array;

  constructor(private readonly problem: PackingProblem, private readonly budget: StepBudget) {
    this.prices = evenPrices(problem);
    this.demand = new Float64Array(problem.rowCount);
    this.surplus = new Float64Array(problem.columnCount);
  }

  /** The bound that the prices prove; notes which rows are wanted how often. */
  evaluate(): number {
    const { problem, prices, demand, surplus } = this;
    let bound = 0;
    for (let row = 0; row < problem.rowCount; row += 1) {
      demand[row] = -problem.capacity[row]!;
      bound += problem.capacity[row]! * prices[row]!;
    }
    for (let column = 0; column < problem.columnCount; column += 1) {
      let rest = problem.value[column]!;
      for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) rest -= prices[problem.row[at]!]!;
      surplus[column] = rest;
      if (rest <= 0) continue;
      bound += rest;
      for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) demand[problem.row[at]!]! += 1;
    }
    this.budget.spent += problem.row.length + problem.columnCount;
    return bound;
  }

  /** Square length of the direction in which prices would move. */
  steepness(): number {
    return this.demand.reduce((sum, excess, row) => (excess < 0 && this.prices[row] === 0 ? sum : sum + excess * excess), 0);
  }

  step(length: number): void {
    for (let row = 0; row < this.prices.length; row += 1) this.prices[row] = Math.max(0, this.prices[row]! + length * this.demand[row]!);
  }

  columnsBySurplus(): Int32Array {
    return columnsByMerit(this.problem, (column) => this.surplus[column]!);
  }
}

/** Prices that cover every column: each row asks the largest even part of a column through it. */
function evenPrices(problem: PackingProblem): Float64Array {
  const prices = new Float64Array(problem.rowCount);
  for (let column = 0; column < problem.columnCount; column += 1) {
    const part = problem.value[column]! / (problem.start[column + 1]! - problem.start[column]!);
    for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) {
      prices[problem.row[at]!] = Math.max(prices[problem.row[at]!]!, part);
    }
  }
  return prices;
}
