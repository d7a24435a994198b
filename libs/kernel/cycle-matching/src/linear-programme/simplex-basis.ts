import type { PackingProblem } from '../packing/packing-problem.js';
import type { StepBudget } from '../pool/step-budget.js';
import { BasisInverse } from './basis-inverse.js';
import { ConstraintRows, type AddedRow } from './constraint-rows.js';

/** A basis to return to; without the inverse it has to be worked out again. */
export interface BasisSnapshot {
  readonly basic: Int32Array;
  readonly inverse?: Float64Array;
}

/** Right-hand sides are moved by about this much, each differently, so that no two rows tie. */
const PERTURBATION = 1e-6;
/** Between two fresh calculations of solution and prices. */
const PIVOTS_BETWEEN_REFRESHES = 100;
/** Prices that miss a basic column's value by more than this are not trusted. */
const DRIFT_MAX = 1e-8;

/**
 * The state of a simplex method on the linear relaxation of a packing problem: basis, solution and prices.
 *
 * A variable is a column number, or `-1 - row` for the slack of a row. Rows of the problem come first, added rows after.
 * Values are divided by the greatest, so that tolerances have one meaning.
 */
export class SimplexBasis {
  /** Columns that may be used at all, ascending. */
  columns: Int32Array;
  /** Above zero: the column is forced to zero for now. */
  readonly forbidden: Int32Array;
  /** Variable of each basis row. */
  readonly basic: Int32Array;
  readonly solution: Float64Array;
  readonly price: Float64Array;
  readonly inverse: BasisInverse;
  readonly rows: ConstraintRows;
  readonly valueUnit: number;
  readonly scratch: Float64Array;

  private readonly limit: Float64Array;
  private readonly perturbed: Float64Array;
  private readonly place: Int32Array;
  private readonly slackPlace: Int32Array;
  private readonly entryRow: Int32Array;
  private readonly entryWeight: Int32Array;
  private readonly basicValue: Float64Array;
  private pivots = 0;

  constructor(readonly problem: PackingProblem, addedMax: number, readonly budget: StepBudget) {
    const sizeMax = problem.rowCount + addedMax;
    this.rows = new ConstraintRows(problem);
    this.inverse = new BasisInverse(problem.rowCount, sizeMax, budget);
    this.columns = new Int32Array(problem.columnCount).map((_, column) => column);
    this.forbidden = new Int32Array(problem.columnCount);
    this.place = new Int32Array(problem.columnCount).fill(-1);
    this.slackPlace = new Int32Array(sizeMax).map((_, row) => row);
    this.basic = new Int32Array(sizeMax).map((_, row) => -1 - row);
    this.solution = new Float64Array(sizeMax);
    this.price = new Float64Array(sizeMax);
    this.limit = new Float64Array(sizeMax);
    this.perturbed = new Float64Array(sizeMax);
    this.scratch = new Float64Array(sizeMax);
    this.basicValue = new Float64Array(sizeMax);
    this.entryRow = new Int32Array(sizeMax);
    this.entryWeight = new Int32Array(sizeMax);
    this.valueUnit = problem.value.reduce((most, value) => Math.max(most, value), 1);
    for (let row = 0; row < problem.rowCount; row += 1) this.setLimit(row, problem.capacity[row]!);
    this.refresh();
  }

  /** Takes over the columns and the basis of another state of the same problem, as long as that has no added rows. */
  copyFrom(other: SimplexBasis): void {
    this.columns = other.columns;
    this.forbidden.set(other.forbidden);
    this.bringIn([...other.basic.subarray(0, other.size)].filter((variable) => variable >= 0));
    this.recalculate();
  }

  snapshot(withInverse: boolean): BasisSnapshot {
    const basic = this.basic.slice(0, this.size);
    return withInverse ? { basic, inverse: this.inverse.entriesNow() } : { basic };
  }

  restore({ basic, inverse }: BasisSnapshot): void {
    if (inverse === undefined) this.bringIn([...basic].filter((variable) => variable >= 0));
    else {
      this.inverse.restore(inverse);
      this.place.fill(-1);
      this.slackPlace.fill(-1);
      basic.forEach((variable, row) => {
        this.basic[row] = variable;
        this.setPlace(variable, row);
      });
    }
    this.recalculate();
  }

  /** All slacks: always feasible. */
  startOver(): void {
    this.bringIn([]);
    this.recalculate();
  }

  get size(): number {
    return this.inverse.size;
  }

  setLimit(row: number, limit: number): void {
    this.limit[row] = limit;
    this.perturbed[row] = limit + PERTURBATION * (1 + ((row * 0.6180339887498949) % 1));
  }

  limitOf(row: number): number {
    return this.limit[row]!;
  }

  /** Adds a constraint; its slack is basic. The solution may break it until a dual simplex has run. */
  addRow(row: AddedRow): void {
    const fresh = this.size;
    const coefficient = this.scratch.fill(0);
    row.columns.forEach((column, at) => {
      if (this.place[column]! >= 0) coefficient[this.place[column]!] = row.weights[at]!;
    });
    this.inverse.grow(coefficient);
    this.rows.add(row);
    this.basic[fresh] = -1 - fresh;
    this.slackPlace[fresh] = fresh;
    this.setLimit(fresh, row.limit);
    this.refresh();
  }

  isBasic(variable: number): boolean {
    return (variable < 0 ? this.slackPlace[-1 - variable]! : this.place[variable]!) >= 0;
  }

  isForbidden(variable: number): boolean {
    return variable >= 0 && this.forbidden[variable]! > 0;
  }

  valueOf(variable: number): number {
    return variable < 0 ? 0 : this.problem.value[variable]! / this.valueUnit;
  }

  /** All limits at their prices. */
  priceTotal(): number {
    let total = 0;
    for (let row = 0; row < this.size; row += 1) total += this.limit[row]! * Math.max(0, this.price[row]!);
    return total;
  }

  /** What a variable is worth beyond the prices of its rows. */
  reducedValue(variable: number): number {
    return this.valueOf(variable) - this.rows.against(variable, this.price);
  }

  /** Image of a variable's column under the inverse, left in `inverse.image`. */
  transform(variable: number): void {
    const { start, row } = this.problem;
    let count = 0;
    if (variable < 0) this.setEntry(count++, -1 - variable, 1);
    else {
      for (let at = start[variable]!; at < start[variable + 1]!; at += 1) this.setEntry(count++, row[at]!, 1);
      for (const { row: added, weight } of this.rows.addedEntriesOf(variable)) this.setEntry(count++, added, weight);
    }
    this.inverse.transform(this.entryRow, this.entryWeight, count);
  }

  /** Brings a variable, whose image is current, into basis row `pivot` at `level`. */
  pivot(variable: number, pivot: number, level: number): void {
    const { image, imageAt, imageCount } = this.inverse;
    const gain = this.reducedValue(variable);
    for (let at = 0; at < imageCount; at += 1) this.solution[imageAt[at]!]! -= image[imageAt[at]!]! * level;
    this.solution[pivot] = level;
    this.setPlace(this.basic[pivot]!, -1);
    this.setPlace(variable, pivot);
    this.basic[pivot] = variable;
    this.inverse.replace(pivot);
    this.inverse.readRow(pivot, this.scratch);
    for (let row = 0; row < this.size; row += 1) this.price[row]! += gain * this.scratch[row]!;
    this.pivots += 1;
    if (this.pivots % PIVOTS_BETWEEN_REFRESHES === 0) this.refresh();
  }

  /** Calculates solution and prices afresh; builds the inverse again where it has drifted. */
  refresh(): void {
    this.recalculate();
    if (this.drift() <= DRIFT_MAX) return;
    this.rebuild();
    this.recalculate();
  }

  /** Level of every basic column under the true limits, as pairs of column and level. */
  levels(): { column: number; level: number }[] {
    const level = new Float64Array(this.size);
    this.inverse.times(this.limit, level);
    const found = [];
    for (let row = 0; row < this.size; row += 1) {
      const column = this.basic[row]!;
      if (column >= 0 && this.forbidden[column] === 0 && level[row]! > 1e-9) found.push({ column, level: level[row]! });
    }
    return found.sort((left, right) => left.column - right.column);
  }

  private setEntry(at: number, row: number, weight: number): void {
    this.entryRow[at] = row;
    this.entryWeight[at] = weight;
  }

  private setPlace(variable: number, place: number): void {
    if (variable < 0) this.slackPlace[-1 - variable] = place;
    else this.place[variable] = place;
  }

  private recalculate(): void {
    for (let row = 0; row < this.size; row += 1) this.basicValue[row] = this.valueOf(this.basic[row]!);
    this.inverse.timesLeft(this.basicValue, this.price);
    this.inverse.times(this.perturbed, this.solution);
  }

  private drift(): number {
    let most = 0;
    for (let row = 0; row < this.size; row += 1) most = Math.max(most, Math.abs(this.reducedValue(this.basic[row]!)));
    return most;
  }

  private rebuild(): void {
    this.bringIn([...this.basic.subarray(0, this.size)].filter((variable) => variable >= 0));
  }

  /** From all slacks, brings columns in one by one where their image is largest; what finds no place is left out. */
  private bringIn(wanted: readonly number[]): void {
    this.inverse.reset();
    this.place.fill(-1);
    for (let row = 0; row < this.size; row += 1) {
      this.basic[row] = -1 - row;
      this.slackPlace[row] = row;
    }
    for (const variable of wanted) this.bringBack(variable);
  }

  private bringBack(variable: number): void {
    this.transform(variable);
    const { image, imageAt, imageCount } = this.inverse;
    let best = -1;
    for (let at = 0; at < imageCount; at += 1) {
      const row = imageAt[at]!;
      if (this.basic[row]! < 0 && (best < 0 || Math.abs(image[row]!) > Math.abs(image[best]!))) best = row;
    }
    if (best < 0 || Math.abs(image[best]!) < 1e-7) return;
    this.setPlace(this.basic[best]!, -1);
    this.setPlace(variable, best);
    this.basic[best] = variable;
    this.inverse.replace(best);
  }
}
