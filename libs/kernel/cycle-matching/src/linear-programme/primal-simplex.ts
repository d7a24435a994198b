import type { SimplexBasis } from './simplex-basis.js';
import { WorkingSet } from './working-set.js';

/** A column is worth bringing in from this reduced value on; values are at most 1. */
const GAIN_MIN = 1e-10;
const PIVOT_MIN = 1e-7;
const PIVOTS_BETWEEN_REPRICINGS = 50;
/** Columns that lose no more than this are worth keeping at hand. */
const LOSS_AT_HAND_MAX = 0.02;
const COLUMNS_AT_HAND_PER_ROW = 5;
/** With more candidates than this, only those that gain are looked at. */
const CANDIDATES_PER_ROW_MAX = 50;

/**
 * Primal simplex: from a feasible basis to the best. False where pivots or steps ran out first; the prices are then still prices.
 *
 * Works on the most promising columns until none of them helps, then looks at all again.
 */
export function primalSimplex(basis: SimplexBasis, pivotsMax: number): boolean {
  for (let pivots = 0; pivots < pivotsMax && basis.budget.hasLeft;) {
    const gains = reducedValues(basis);
    if (isBest(basis, gains)) return true;
    const working = new WorkingSet(basis, columnsAtHand(basis, gains));
    if (working.best(GAIN_MIN) < 0) return true;
    const used = useUp(basis, working, pivotsMax - pivots);
    if (used === 0) return false;
    pivots += used;
  }
  return false;
}

function useUp(basis: SimplexBasis, working: WorkingSet, pivotsMax: number): number {
  let pivots = 0;
  for (; pivots < pivotsMax && basis.budget.hasLeft; pivots += 1) {
    if (pivots % PIVOTS_BETWEEN_REPRICINGS === PIVOTS_BETWEEN_REPRICINGS - 1) working.reprice();
    const entering = working.best(GAIN_MIN);
    if (entering < 0 || !bringIn(basis, working, entering)) break;
  }
  return pivots;
}

function bringIn(basis: SimplexBasis, working: WorkingSet, entering: number): boolean {
  const variable = working.variables[entering]!;
  basis.transform(variable);
  const pivot = leavingRow(basis);
  if (pivot < 0) return false;
  working.follow(entering, pivot);
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

/** True where no variable that may come in gains anything. */
function isBest({ columns, forbidden, price, size }: SimplexBasis, gains: Float64Array): boolean {
  for (let row = 0; row < size; row += 1) if (price[row]! < -GAIN_MIN) return false;
  return gains.every((gain, at) => gain <= GAIN_MIN || forbidden[columns[at]!]! > 0);
}

/** The usable columns of greatest reduced value, as many as give every row a few. */
function columnsAtHand(basis: SimplexBasis, gains: Float64Array): Int32Array {
  const { columns, forbidden, problem } = basis;
  const above = (least: number): Int32Array => new Int32Array(columns.length).map((_, at) => at)
    .filter((at) => gains[at]! > least && forbidden[columns[at]!] === 0);
  const near = above(-LOSS_AT_HAND_MAX);
  const order = near.length > CANDIDATES_PER_ROW_MAX * problem.rowCount ? above(GAIN_MIN) : near;
  order.sort((left, right) => gains[right]! - gains[left]! || left - right);
  basis.budget.spent += 4 * columns.length + 20 * order.length;
  const atHand = new Int32Array(problem.rowCount);
  return order.map((at) => columns[at]!).filter((column) => {
    let isWanted = false;
    for (let place = problem.start[column]!; place < problem.start[column + 1]!; place += 1) {
      atHand[problem.row[place]!]! += 1;
      if (atHand[problem.row[place]!]! <= COLUMNS_AT_HAND_PER_ROW) isWanted = true;
    }
    return isWanted;
  });
}

/** Reduced value of each usable column, in their order. */
export function reducedValues(basis: SimplexBasis): Float64Array {
  const { columns, problem, rows, price } = basis;
  const paid = rows.addedAgainst(price);
  const gains = new Float64Array(columns.length);
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at]!;
    gains[at] = basis.valueOf(column) - rows.ownAgainst(column, price) - paid[column]!;
  }
  basis.budget.spent += columns.length + Math.ceil((columns.length * problem.row.length) / Math.max(1, problem.columnCount));
  return gains;
}
