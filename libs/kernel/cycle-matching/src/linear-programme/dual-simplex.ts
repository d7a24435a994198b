import { reducedValues } from './primal-simplex.js';
import type { SimplexBasis } from './simplex-basis.js';

const INFEASIBLE_MIN = 1e-9;
const PIVOT_MIN = 1e-7;

export type DualOutcome = 'feasible' | 'cut-off' | 'unfinished';

/**
 * Dual simplex: drives out what the basis may not hold, negative levels and forbidden columns, at the least loss of value.
 *
 * Stops early, cut off, once the prices say that no solution is worth more than `cutOff`.
 */
export function dualSimplex(basis: SimplexBasis, pivotsMax: number, cutOff: number): DualOutcome {
  const weight = new Float64Array(basis.size).fill(1);
  for (let pivots = 0; ; pivots += 1) {
    const pivot = worstRow(basis, weight);
    if (pivot < 0) return 'feasible';
    if (pivots > 0 && basis.priceTotal() < cutOff) return 'cut-off';
    if (pivots >= pivotsMax || !basis.budget.hasLeft) return 'unfinished';
    const entering = enteringVariable(basis, pivot);
    if (entering === undefined) return 'unfinished';
    basis.transform(entering);
    if (Math.abs(basis.inverse.image[pivot]!) < PIVOT_MIN) return 'unfinished';
    reweigh(basis, weight, pivot);
    basis.pivot(entering, pivot, basis.solution[pivot]! / basis.inverse.image[pivot]!);
  }
}

/** The row that is furthest from what it may hold, measured against its weight. */
function worstRow(basis: SimplexBasis, weight: Float64Array): number {
  let worst = -1;
  let most = 0;
  for (let row = 0; row < basis.size; row += 1) {
    const level = basis.solution[row]!;
    const excess = level < 0 ? -level : (basis.isForbidden(basis.basic[row]!) ? level : 0);
    if (excess <= INFEASIBLE_MIN || excess * excess <= most * weight[row]!) continue;
    most = (excess * excess) / weight[row]!;
    worst = row;
  }
  return worst;
}

/** Devex weights of the basis rows after a pivot (Forrest and Goldfarb 1992). */
function reweigh({ inverse: { image, imageAt, imageCount } }: SimplexBasis, weight: Float64Array, pivot: number): void {
  const reference = weight[pivot]! / (image[pivot]! * image[pivot]!);
  for (let at = 0; at < imageCount; at += 1) {
    const row = imageAt[at]!;
    weight[row] = Math.max(weight[row]!, reference * image[row]! * image[row]!);
  }
  weight[pivot] = Math.max(reference, 1);
}

/** The variable whose entry repairs the row at the least price; among equals the one with the largest entry. */
function enteringVariable(basis: SimplexBasis, pivot: number): number | undefined {
  const pivotRow = basis.scratch.slice(0, basis.size);
  basis.inverse.readRow(pivot, pivotRow);
  const sign = basis.solution[pivot]! < 0 ? -1 : 1;
  const choice = new EnteringChoice();
  for (let row = 0; row < basis.size; row += 1) {
    if (!basis.isBasic(-1 - row)) choice.weigh(-1 - row, basis.price[row]!, sign * pivotRow[row]!);
  }
  const { rows, columns } = basis;
  const gains = reducedValues(basis);
  const addedEntries = rows.addedAgainst(pivotRow);
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at]!;
    if (basis.forbidden[column]! > 0 || basis.isBasic(column)) continue;
    choice.weigh(column, -gains[at]!, sign * (addedEntries[column]! + rows.ownAgainst(column, pivotRow)));
  }
  return choice.variable;
}

class EnteringChoice {
  variable: number | undefined;
  private ratio = Infinity;
  private entry = 0;

  weigh(variable: number, loss: number, entry: number): void {
    if (entry <= PIVOT_MIN) return;
    const ratio = Math.max(0, loss) / entry;
    if (ratio > this.ratio + 1e-12 || (ratio >= this.ratio - 1e-12 && entry <= this.entry)) return;
    this.ratio = Math.min(this.ratio, ratio);
    this.entry = entry;
    this.variable = variable;
  }
}
