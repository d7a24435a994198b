import { dualSimplex } from '../linear-programme/dual-simplex.js';
import { primalSimplex } from '../linear-programme/primal-simplex.js';
import { SimplexBasis } from '../linear-programme/simplex-basis.js';
import type { StepBudget } from '../pool/step-budget.js';
import type { PackingProblem } from './packing-problem.js';
import { halvedRows } from './halved-rows.js';
import type { ColumnLevel } from './pair-levels.js';

/** Sums of scaled prices stay below this, so that every comparison is exact. */
const PRICE_TOTAL_MAX = 2 ** 51;

/**
 * The linear relaxation of a packing problem, with columns switched off and rows added as a search goes on.
 *
 * Its prices come from floating point and are taken as hints only: every bound is worked out from them in exact integers.
 */
export class Relaxation {
  readonly basis: SimplexBasis;
  private readonly scale: number;

  constructor(readonly problem: PackingProblem, private readonly addedMax: number, budget: StepBudget) {
    this.basis = new SimplexBasis(problem, addedMax, budget);
    this.scale = priceScale(problem);
  }

  /**
   * Solves, unless nothing worth more than `cutOff` can come of it.
   *
   * False where it cannot finish: levels and prices stay usable, only weaker.
   */
  optimise(cutOff: number): boolean {
    const { basis } = this;
    const pivotsMax = 20 * (basis.size + 50);
    const outcome = dualSimplex(basis, pivotsMax, (cutOff + 0.5) / basis.valueUnit);
    if (outcome === 'cut-off' && this.bound() <= cutOff) return true;
    if (outcome !== 'feasible') basis.startOver();
    return primalSimplex(basis, pivotsMax) && dualSimplex(basis, pivotsMax, -1) === 'feasible';
  }

  /** The same relaxation, solved again as far, with room for added rows. */
  withRoom(addedMax: number): Relaxation {
    const copy = new Relaxation(this.problem, addedMax, this.basis.budget);
    copy.basis.copyFrom(this.basis);
    return copy;
  }

  levels(): ColumnLevel[] {
    return this.basis.levels();
  }

  /** Row prices in units of value. */
  prices(): Float64Array {
    return this.basis.price.slice(0, this.problem.rowCount).map((price) => Math.max(0, price) * this.basis.valueUnit);
  }

  /** No packing of the columns switched on is worth more than this. Exact, whatever the quality of the prices. */
  bound(): number {
    return Math.floor(this.priced().total / this.scale);
  }

  /** Removes for good every column that cannot be part of a packing worth more than `value`. Returns the bound. */
  fix(value: number): number {
    const { total, surplus } = this.priced();
    const { columns, forbidden } = this.basis;
    this.basis.columns = columns.filter((column, at) => {
      const isUseful = Math.floor((total + Math.min(0, surplus[at]!)) / this.scale) > value;
      if (!isUseful) forbidden[column]! += 1;
      return isUseful;
    });
    return Math.floor(total / this.scale);
  }

  /** Adds the constraints that the present levels break most. False where there is none, or no room. */
  tighten(countMax: number): boolean {
    const room = Math.min(countMax, this.addedMax - this.basis.rows.added.length);
    const rows = halvedRows(this.basis, this.levels(), room);
    for (const row of rows) this.basis.addRow(row);
    return rows.length > 0;
  }

  /** Forces columns to zero, or with change -1 takes one such force back. */
  forbid(columns: readonly number[], change: 1 | -1): void {
    for (const column of columns) this.basis.forbidden[column]! += change;
  }

  /** Reserves the room of a column in every row it uses, or with change -1 gives it back. */
  reserve(column: number, change: 1 | -1): void {
    const { basis, problem } = this;
    for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) {
      basis.setLimit(problem.row[at]!, basis.limitOf(problem.row[at]!) - change);
    }
    for (const { row, weight } of basis.rows.addedEntriesOf(column)) basis.setLimit(row, basis.limitOf(row) - change * weight);
    basis.refresh();
  }

  private priced(): { total: number; surplus: Float64Array } {
    const { basis, problem, scale } = this;
    const price = new Float64Array(basis.size);
    let total = 0;
    for (let row = 0; row < basis.size; row += 1) {
      price[row] = Math.ceil(Math.max(0, basis.price[row]!) * basis.valueUnit * scale);
      total += basis.limitOf(row) * price[row]!;
    }
    const paid = basis.rows.addedAgainst(price);
    const surplus = new Float64Array(basis.columns.length);
    for (let at = 0; at < basis.columns.length; at += 1) {
      const column = basis.columns[at]!;
      if (basis.forbidden[column]! > 0) continue;
      const rest = problem.value[column]! * scale - paid[column]! - basis.rows.ownAgainst(column, price);
      surplus[at] = rest;
      total += Math.max(0, rest);
    }
    basis.budget.spent += problem.row.length;
    return { total, surplus };
  }
}

/** False where values are so large that not even whole prices could be summed exactly: bounds could then not be trusted. */
export const canBoundExactly = ({ value, capacity }: PackingProblem): boolean =>
  4 * value.reduce((most, next) => Math.max(most, next), 1) * capacity.reduce((sum, next) => sum + next, 1) <= 2 ** 53;

/** The finest power of two by which prices of a problem can be scaled without leaving exact integers. */
function priceScale({ value, capacity }: PackingProblem): number {
  const valueMax = value.reduce((most, next) => Math.max(most, next), 1);
  const units = capacity.reduce((sum, next) => sum + next, 1);
  let scale = 1;
  while (scale < 2 ** 30 && valueMax * units * scale * 4 <= PRICE_TOTAL_MAX) scale *= 2;
  return scale;
}
