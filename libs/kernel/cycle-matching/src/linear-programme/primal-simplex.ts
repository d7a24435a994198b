import type { SimplexBasis } from './simplex-basis.js';

/** A column is worth bringing in from this reduced value on; values are at most 1. */
const GAIN_MIN = 1e-10;
const PIVOT_MIN = 1e-7;
const CANDIDATES_MAX = 100;

/**
 * Primal simplex: from a feasible basis to the best. False where pivots or steps ran out first; the prices are then still prices.
 *
 * Columns are priced all at once into a short list, which is used up before the next round.
 */
export function primalSimplex(basis: SimplexBasis, pivotsMax: number): boolean {
  let pivots = 0;
  while (pivots < pivotsMax && basis.budget.hasLeft) {
    const candidates = promising(basis);
    if (candidates.length === 0) return true;
    const used = useUp(basis, candidates, pivotsMax - pivots);
    if (used === 0) return false;
    pivots += used;
  }
  return false;
}

/** The variables with the greatest reduced values. */
function promising(basis: SimplexBasis): number[] {
  const gains = reducedValues(basis);
  const found: { variable: number; gain: number }[] = [];
  for (let row = 0; row < basis.size; row += 1) {
    if (-basis.price[row]! > GAIN_MIN && !basis.isBasic(-1 - row)) found.push({ variable: -1 - row, gain: -basis.price[row]! });
  }
  for (let at = 0; at < basis.columns.length; at += 1) {
    const column = basis.columns[at]!;
    if (gains[at]! > GAIN_MIN && basis.forbidden[column] === 0 && !basis.isBasic(column)) found.push({ variable: column, gain: gains[at]! });
  }
  found.sort((left, right) => right.gain - left.gain || left.variable - right.variable);
  return found.slice(0, CANDIDATES_MAX).map(({ variable }) => variable);
}

/** Reduced value of each usable column, in their order. */
export function reducedValues(basis: SimplexBasis): Float64Array {
  const { columns, problem } = basis;
  const paid = addedPrices(basis, basis.price);
  const gains = new Float64Array(columns.length);
  for (let at = 0; at < columns.length; at += 1) gains[at] = basis.reducedValue(columns[at]!) - paid[columns[at]!]!;
  basis.budget.spent += columns.length * (1 + problem.row.length / Math.max(1, problem.columnCount)) | 0;
  return gains;
}

/** What each column pays in added rows, given a figure per row. */
export function addedPrices(basis: SimplexBasis, figure: Float64Array): Float64Array {
  const paid = new Float64Array(basis.problem.columnCount);
  basis.added.forEach(({ columns, weights }, index) => {
    const price = figure[basis.problem.rowCount + index]!;
    if (price === 0) return;
    for (let at = 0; at < columns.length; at += 1) paid[columns[at]!]! += price * weights[at]!;
    basis.budget.spent += columns.length;
  });
  return paid;
}

function useUp(basis: SimplexBasis, candidates: readonly number[], pivotsMax: number): number {
  let pivots = 0;
  while (pivots < pivotsMax) {
    const variable = bestNow(basis, candidates);
    if (variable === undefined || !bringIn(basis, variable)) break;
    pivots += 1;
  }
  return pivots;
}

function bestNow(basis: SimplexBasis, candidates: readonly number[]): number | undefined {
  let best: number | undefined;
  let most = GAIN_MIN;
  for (const variable of candidates) {
    if (basis.isBasic(variable)) continue;
    const gain = basis.fullReducedValue(variable);
    if (gain > most) {
      most = gain;
      best = variable;
    }
  }
  return best;
}

function bringIn(basis: SimplexBasis, variable: number): boolean {
  basis.transform(variable);
  const pivot = leavingRow(basis);
  if (pivot < 0) return false;
  basis.pivot(variable, pivot, Math.max(0, basis.solution[pivot]! / basis.inverse.image[pivot]!));
  return true;
}

/** The row that empties first; among equals the one with the largest entry. A forbidden column may not rise again. */
function leavingRow(basis: SimplexBasis): number {
  const { image, imageAt, imageCount } = basis.inverse;
  let best = -1;
  let least = Infinity;
  for (let at = 0; at < imageCount; at += 1) {
    const row = imageAt[at]!;
    const entry = image[row]!;
    const blocks = entry > PIVOT_MIN || (entry < -PIVOT_MIN && basis.isForbidden(basis.basic[row]!));
    if (!blocks) continue;
    const ratio = entry > 0 ? Math.max(0, basis.solution[row]!) / entry : 0;
    if (ratio < least - 1e-12 || (ratio <= least + 1e-12 && best >= 0 && Math.abs(entry) > Math.abs(image[best]!))) {
      least = Math.min(ratio, least);
      best = row;
    }
  }
  return best;
}
