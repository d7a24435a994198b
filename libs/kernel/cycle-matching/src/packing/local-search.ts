import { StepBudget } from '../pool/step-budget.js';
import { searchPacking } from './branch-and-bound.js';
import { take } from './greedy.js';
import { packingProblem, packingValue, type Packing, type PackingProblem } from './packing-problem.js';

const REGION_ROWS_MIN = 40;
const REGION_ROWS_MAX = 240;
const REGION_GROWTH = 1.5;
const NEAREST_COLUMNS = 6;
const STEPS_PER_REGION_MAX = 30_000_000;

/**
 * Improves a packing: the columns around one row are taken out and that region is packed anew, exactly, again and again.
 *
 * Goes round all rows; the regions grow when a whole round has found nothing. Can be stopped and taken up again.
 * Source: large-neighbourhood search, Shaw 1998.
 */
export class PackingImprovement {
  private size = REGION_ROWS_MIN;
  private seed = 0;
  private valueBefore = -1;

  /** @param prices row prices in units of value: they say which columns are promising. */
  constructor(private readonly problem: PackingProblem, private readonly prices: Float64Array) {}

  /** True once the largest regions have been tried everywhere in vain. */
  get isOver(): boolean {
    return this.size > Math.min(REGION_ROWS_MAX, 2 * this.problem.rowCount);
  }

  /** A packing at least as good as `start`; stops at `bound`, than which none is better. */
  run(start: Packing, bound: number, budget: StepBudget): Packing {
    const search = new RegionSearch(this.problem, start, this.prices, budget);
    while (budget.hasLeft && !this.isOver && search.value < bound) {
      search.repack(this.seed, this.size);
      this.moveOn(search.value);
    }
    return search.best();
  }

  private moveOn(value: number): void {
    this.seed += Math.max(1, this.size >> 3);
    if (this.seed < this.problem.rowCount) return;
    this.seed = 0;
    if (value === this.valueBefore) this.size = Math.ceil(this.size * REGION_GROWTH);
    this.valueBefore = value;
  }
}

class RegionSearch {
  private readonly chosen: Set<number>;
  private readonly left: Int32Array;
  private readonly nearest: readonly (readonly number[])[];
  private readonly columnsIn: Int32Array;
  value: number;

  constructor(private readonly problem: PackingProblem, start: Packing, prices: Float64Array, private readonly budget: StepBudget) {
    this.chosen = new Set(start.chosen);
    this.value = start.value;
    this.left = problem.capacity.slice();
    for (const column of start.chosen) take(problem, column, this.left, -1);
    this.nearest = nearestColumns(problem, prices);
    this.columnsIn = new Int32Array(problem.columnCount);
  }

  best(): Packing {
    return { chosen: [...this.chosen].sort((left, right) => left - right), value: this.value };
  }

  /** Packs the region around one row anew. */
  repack(seed: number, size: number): void {
    const rows = this.region(seed, size);
    const freed = [...this.chosen].filter((column) => this.rowsOf(column).every((row) => rows.has(row)));
    for (const column of freed) this.put(column, 1);
    const columns = this.columnsWithin(rows);
    const present = { chosen: freed.map((column) => columns.indexOf(column)), value: packingValue(this.problem, freed) };
    const share = new StepBudget(Math.min(this.budget.left, STEPS_PER_REGION_MAX));
    const { best } = searchPacking(subproblem(this.problem, columns, this.left), present, share);
    this.budget.settle(share);
    for (const index of best.chosen) this.put(columns[index]!, -1);
    this.value += best.value - present.value;
  }

  /** Takes a column out, with units 1, or in, with units -1. */
  private put(column: number, units: 1 | -1): void {
    take(this.problem, column, this.left, units);
    if (units === 1) this.chosen.delete(column);
    else this.chosen.add(column);
  }

  /** Rows near a seed: along promising columns, with every chosen column they touch. */
  private region(seed: number, size: number): Set<number> {
    const rows = new Set([seed]);
    for (const row of rows) {
      if (rows.size >= size) break;
      for (const column of this.nearest[row]!) {
        this.addRowsOf(column, rows);
        if (rows.size >= size) break;
      }
    }
    for (const column of this.chosen) {
      if (this.rowsOf(column).some((row) => rows.has(row))) this.addRowsOf(column, rows);
    }
    this.budget.spent += 10 * size + this.chosen.size;
    return rows;
  }

  private rowsOf(column: number): number[] {
    return Array.from(this.problem.row.subarray(this.problem.start[column], this.problem.start[column + 1]));
  }

  private addRowsOf(column: number, rows: Set<number>): void {
    for (const row of this.rowsOf(column)) rows.add(row);
  }

  /** Columns whose every row lies in the region and has capacity left, ascending. */
  private columnsWithin(rows: ReadonlySet<number>): number[] {
    const { rowStart, columnOfRow, start } = this.problem;
    const met: number[] = [];
    for (const row of rows) {
      if (this.left[row]! < 1) continue;
      this.budget.spent += rowStart[row + 1]! - rowStart[row]!;
      for (let at = rowStart[row]!; at < rowStart[row + 1]!; at += 1) {
        const column = columnOfRow[at]!;
        if (this.columnsIn[column] === 0) met.push(column);
        this.columnsIn[column]! += 1;
      }
    }
    const within = met.filter((column) => this.columnsIn[column] === start[column + 1]! - start[column]!);
    for (const column of met) this.columnsIn[column] = 0;
    return within.sort((left, right) => left - right);
  }
}

/** The columns of each row that lose least beyond the prices of their rows. */
function nearestColumns(problem: PackingProblem, prices: Float64Array): number[][] {
  const merit = new Float64Array(problem.columnCount);
  for (let column = 0; column < problem.columnCount; column += 1) {
    merit[column] = problem.value[column]!;
    for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) merit[column]! -= prices[problem.row[at]!]!;
  }
  return Array.from({ length: problem.rowCount }, (_, row) =>
    Array.from(problem.columnOfRow.subarray(problem.rowStart[row], problem.rowStart[row + 1]))
      .sort((left, right) => merit[right]! - merit[left]! || left - right).slice(0, NEAREST_COLUMNS));
}

/** The problem left over for some columns, its rows numbered afresh. */
function subproblem(problem: PackingProblem, columns: readonly number[], left: Int32Array): PackingProblem {
  const number = new Map<number, number>();
  const capacity: number[] = [];
  const start = new Int32Array(columns.length + 1);
  const row: number[] = [];
  columns.forEach((column, index) => {
    for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) {
      const old = problem.row[at]!;
      if (!number.has(old)) {
        number.set(old, number.size);
        capacity.push(left[old]!);
      }
      row.push(number.get(old)!);
    }
    start[index + 1] = row.length;
  });
  return packingProblem(Int32Array.from(capacity), start, Int32Array.from(row), Float64Array.from(columns, (column) => problem.value[column]!));
}
