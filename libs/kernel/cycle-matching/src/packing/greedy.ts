import type { StepBudget } from '../pool/step-budget.js';
import { packingValue, type Packing, type PackingProblem } from './packing-problem.js';

/** Takes columns in the order of one list after another as long as they fit. O(size of the columns). */
export function greedyPacking(problem: PackingProblem, orders: readonly ArrayLike<number>[], budget: StepBudget): Packing {
  const left = problem.capacity.slice();
  const taken = new Set<number>();
  for (const order of orders) {
    for (let at = 0; at < order.length; at += 1) {
      const column = order[at]!;
      if (!fits(problem, column, left) || taken.has(column)) continue;
      take(problem, column, left, -1);
      taken.add(column);
    }
    budget.spent += 2 * order.length;
  }
  const chosen = [...taken].sort((first, second) => first - second);
  return { chosen, value: packingValue(problem, chosen) };
}

/** True where every row of the column has capacity left. */
function fits(problem: PackingProblem, column: number, left: Int32Array): boolean {
  for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) if (left[problem.row[at]!]! < 1) return false;
  return true;
}

/** Changes the capacity left in every row of the column by `units`. */
export function take(problem: PackingProblem, column: number, left: Int32Array, units: number): void {
  for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) left[problem.row[at]!]! += units;
}

/** Columns by descending merit, then ascending number. */
export function columnsByMerit(problem: PackingProblem, merit: (column: number) => number): Int32Array {
  const merits = new Float64Array(problem.columnCount);
  for (let column = 0; column < problem.columnCount; column += 1) merits[column] = merit(column);
  return new Int32Array(problem.columnCount).map((_, column) => column)
    .sort((left, right) => merits[right]! - merits[left]! || left - right);
}
