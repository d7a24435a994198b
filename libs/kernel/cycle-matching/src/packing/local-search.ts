import { StepBudget } from '../pool/step-budget.js';
import { searchPacking } from './branch-and-bound.js';
import { take } from './greedy.js';
import { packingProblem, packingValue, type Packing, type PackingProblem } from './packing-problem.js';

const REGION_ROWS_MIN = 40;
const REGION_ROWS_MAX = 240;
const NEAREST_COLUMNS = 6;
const STEPS_PER_REGION_MAX = 30_000_000;

/** What an improvement may rely on and spend. */
export interface ImprovementBounds {
  /** Row prices in units of value: they say which columns are promising. */
  readonly prices: Float64Array;
  /** No packing is worth more: once reached, there is nothing to look for. */
  readonly bound: number;
  readonly budget: StepBudget;
}

/**
 * A packing at least as good: again and again the columns around one row are taken out and that region is packed anew, exactly.
 *
 * Goes round all rows; the regions grow when a whole round has found nothing. Large-neighbourhood search, Shaw 1998.
 */
export function improvePacking(problem: PackingProblem, start: Packing, bounds: ImprovementBounds): Packing {
  const search = new RegionSearch(problem, start, bounds);
  for (let size = REGION_ROWS_MIN; size <= REGION_ROWS_MAX; size = Math.ceil(size * 1.5)) {
    while (search.goRound(size));
    if (search.isOver() || size >= problem.rowCount) break;
  }
  return search.best();
}

class RegionSearch {
  private readonly chosen: Set<number>;
  private readonly left: Int32Array;
  private readonly nearest: readonly (readonly number[])[];
  private readonly columnsIn: Int32Array;
  private value: number;

  constructor(private readonly problem: PackingProblem, start: Packing, private readonly bounds: ImprovementBounds) {
    this.chosen = new Set(start.chosen);
    this.value = start.value;
    this.left = problem.capacity.slice();
    for (const column of start.chosen) take(problem, column, this.left, -1);
    this.nearest = nearestColumns(problem, bounds.prices);
    this.columnsIn = new Int32Array(problem.columnCount);
  }

  best(): Packing {
    return { chosen: [...this.chosen].sort((left, right) => left - right), value: this.value };
  }

  isOver(): boolean {
    return this.value >= this.bounds.bound || !this.bounds.budget.hasLeft;
  }

  /** Packs a region around every row in turn. True where the packing became better. */
  goRound(size: number): boolean {
    const before = this.value;
    const stride = Math.max(1, size >> 3);
    for (let seed = 0; seed < this.problem.rowCount && !this.isOver(); seed += stride) this.repack(this.region(seed, size));
    return this.value > before && !this.isOver();
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
    this.bounds.budget.spent += 10 * size + this.chosen.size;
    return rows;
  }

  private rowsOf(column: number): number[] {
    return Array.from(this.problem.row.subarray(this.problem.start[column], this.problem.start[column + 1]));
  }

  private addRowsOf(column: number, rows: Set<number>): void {
    for (const row of this.rowsOf(column)) rows.add(row);
  }

  private repack(rows: ReadonlySet<number>): void {
    const freed = [...this.chosen].filter((column) => this.rowsOf(column).every((row) => rows.has(row)));
    for (const column of freed) {
      this.chosen.delete(column);
      take(this.problem, column, this.left, 1);
    }
    const columns = this.columnsWithin(rows);
    const present = { chosen: freed.map((column) => columns.indexOf(column)), value: packingValue(this.problem, freed) };
    const { budget } = this.bounds;
    const share = new StepBudget(Math.min(budget.left, STEPS_PER_REGION_MAX));
    const { best } = searchPacking(subproblem(this.problem, columns, this.left), present, share);
    budget.settle(share);
    const taken = best.value > present.value ? best.chosen.map((index) => columns[index]!) : freed;
    for (const column of taken) {
      this.chosen.add(column);
      take(this.problem, column, this.left, -1);
    }
    this.value += Math.max(0, best.value - present.value);
  }

  /** Columns whose every row lies in the region and has capacity left, ascending. */
  private columnsWithin(rows: ReadonlySet<number>): number[] {
    const { rowStart, columnOfRow, start } = this.problem;
    const met: number[] = [];
    for (const row of rows) {
      if (this.left[row]! < 1) continue;
      this.bounds.budget.spent += rowStart[row + 1]! - rowStart[row]!;
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
