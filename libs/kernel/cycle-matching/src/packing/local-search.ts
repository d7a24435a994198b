import { SeededSequence } from '../pool/seeded-sequence.js';
import type { StepBudget } from '../pool/step-budget.js';
import { PackingSearch } from './branch-and-bound.js';
import { take } from './greedy.js';
import { packingProblem, packingValue, type Packing, type PackingProblem } from './packing-problem.js';

const REGION_ROWS_MIN = 20;
const NEAREST_COLUMNS = 8;
/** Steps a region may take at first. Regions grow while they need much less, and shrink where that is not enough. */
const STEPS_PER_REGION = 1_000_000;
/** After so many regions in vain each may take twice as many steps. */
const REGIONS_IN_VAIN = 50;
const SEED = 20_071;

/**
 * Improves a packing: the columns around a row are taken out and that region is packed anew, exactly, again and again.
 *
 * Regions start where the packing falls short of what the prices promise, and adapt their size to what can be solved.
 * Can be stopped and taken up again. Source: large-neighbourhood search, Shaw 1998.
 */
export class PackingImprovement {
  private readonly sequence = new SeededSequence(SEED);
  private readonly nearest: readonly (readonly number[])[];
  private readonly loss: Float64Array;
  private readonly columnsIn: Int32Array;
  /** Columns of each row that a better packing can have. */
  private useful: readonly Int32Array[] = [];
  private size = REGION_ROWS_MIN;
  private stepsPerRegion = STEPS_PER_REGION;
  private inVain = 0;

  /** @param prices row prices in units of value: they say which columns are promising. */
  constructor(private readonly problem: PackingProblem, private readonly prices: Float64Array, private readonly budget: StepBudget) {
    this.loss = columnLosses(problem, prices);
    this.nearest = nearestColumns(problem, this.loss);
    this.columnsIn = new Int32Array(problem.columnCount);
  }

  /** A packing at least as good as `start`, found within so many steps; stops at `bound`, than which none is better. */
  run(start: Packing, bound: number, steps: number): Packing {
    const state = new RegionState(this.problem, start);
    this.useful = this.usefulColumns(state, bound - start.value);
    this.budget.within(steps, () => {
      while (this.budget.hasLeft && state.value < bound) this.repack(state);
    });
    return state.packing();
  }

  private repack(state: RegionState): void {
    const rows = this.region(state);
    const freed = new Set([...state.chosen].filter((column) => rowsOf(this.problem, column).every((row) => rows.has(row))));
    for (const column of freed) state.put(column, 1);
    const columns = this.columnsWithin(rows, state.left);
    const present = packingOf(this.problem, columns, freed);
    const before = this.budget.spent;
    const search = new PackingSearch(subproblem(this.problem, columns, state.left), present, this.budget);
    this.budget.within(this.stepsPerRegion, () => {
      while (search.canGoOn && this.budget.hasLeft) search.run(this.budget.left);
    });
    for (const index of search.best.chosen) state.put(columns[index]!, -1);
    this.adapt(search.best.value > present.value, search.isExhausted, this.budget.spent - before);
  }

  private adapt(isBetter: boolean, isExhausted: boolean, steps: number): void {
    if (!isExhausted) this.size = Math.max(REGION_ROWS_MIN, this.size * 0.95);
    else if (steps < this.stepsPerRegion / 2) this.size = Math.min(this.problem.rowCount, this.size * 1.03);
    this.inVain = isBetter ? 0 : this.inVain + 1;
    if (this.inVain < REGIONS_IN_VAIN) return;
    this.inVain = 0;
    this.stepsPerRegion *= 2;
  }

  /** Rows near a row that falls short: along promising columns, with every chosen column they touch. */
  private region(state: RegionState): Set<number> {
    const rows = new Set([this.seedRow(state)]);
    for (const row of rows) {
      if (rows.size >= this.size) break;
      for (const column of this.nearest[row]!) {
        if (rows.size >= this.size || this.sequence.next() < 0.5) continue;
        for (const other of rowsOf(this.problem, column)) this.addWithChosen(other, rows, state);
      }
    }
    this.budget.spent += 20 * rows.size + 4 * state.chosen.size;
    return rows;
  }

  private addWithChosen(row: number, rows: Set<number>, state: RegionState): void {
    rows.add(row);
    for (const column of state.columnsOn[row]!) for (const other of rowsOf(this.problem, column)) rows.add(other);
  }

  /** A row, the likelier the more is lost there: capacity left at its price, chosen columns worth less than their rows. */
  private seedRow(state: RegionState): number {
    const { rowCount } = this.problem;
    const lost = new Float64Array(rowCount);
    for (let row = 0; row < rowCount; row += 1) {
      lost[row] = Math.max(0, state.left[row]!) * this.prices[row]!;
      for (const column of state.columnsOn[row]!) lost[row]! += Math.max(0, this.loss[column]!);
    }
    let rest = this.sequence.next() * lost.reduce((sum, value) => sum + value, 0);
    this.budget.spent += 4 * rowCount;
    for (let row = 0; row < rowCount; row += 1) {
      rest -= lost[row]!;
      if (rest < 0) return row;
    }
    return Math.floor(this.sequence.next() * rowCount);
  }

  /** A better packing has no column that alone loses as much as the present one falls short of the bound. */
  private usefulColumns({ chosen }: RegionState, shortfall: number): Int32Array[] {
    const { rowCount, rowStart, columnOfRow } = this.problem;
    this.budget.spent += columnOfRow.length;
    return Array.from({ length: rowCount }, (_, row) => columnOfRow.subarray(rowStart[row], rowStart[row + 1])
      .filter((column) => this.loss[column]! < shortfall || chosen.has(column)));
  }

  /** Useful columns whose every row lies in the region and has capacity left, ascending. */
  private columnsWithin(rows: ReadonlySet<number>, left: Int32Array): number[] {
    const { start } = this.problem;
    const met: number[] = [];
    for (const row of rows) {
      if (left[row]! < 1) continue;
      this.budget.spent += 4 * this.useful[row]!.length;
      for (const column of this.useful[row]!) {
        if (this.columnsIn[column] === 0) met.push(column);
        this.columnsIn[column]! += 1;
      }
    }
    const within = met.filter((column) => this.columnsIn[column] === start[column + 1]! - start[column]!);
    for (const column of met) this.columnsIn[column] = 0;
    return within.sort((first, second) => first - second);
  }
}

/** A packing that is being changed. */
class RegionState {
  readonly chosen: Set<number>;
  readonly left: Int32Array;
  readonly columnsOn: Set<number>[];
  value = 0;

  constructor(private readonly problem: PackingProblem, start: Packing) {
    this.chosen = new Set();
    this.left = problem.capacity.slice();
    this.columnsOn = Array.from({ length: problem.rowCount }, () => new Set<number>());
    for (const column of start.chosen) this.put(column, -1);
  }

  /** Takes a column out, with units 1, or in, with units -1. */
  put(column: number, units: 1 | -1): void {
    take(this.problem, column, this.left, units);
    this.value -= units * this.problem.value[column]!;
    if (units === 1) this.chosen.delete(column);
    else this.chosen.add(column);
    for (const row of rowsOf(this.problem, column)) {
      if (units === 1) this.columnsOn[row]!.delete(column);
      else this.columnsOn[row]!.add(column);
    }
  }

  packing(): Packing {
    return { chosen: [...this.chosen].sort((left, right) => left - right), value: this.value };
  }
}

const rowsOf = (problem: PackingProblem, column: number): Int32Array =>
  problem.row.subarray(problem.start[column], problem.start[column + 1]);

/** What every column is worth less than the prices of its rows. */
function columnLosses(problem: PackingProblem, prices: Float64Array): Float64Array {
  const loss = new Float64Array(problem.columnCount);
  for (let column = 0; column < problem.columnCount; column += 1) {
    loss[column] = -problem.value[column]!;
    for (const row of rowsOf(problem, column)) loss[column]! += prices[row]!;
  }
  return loss;
}

/** The columns of each row that lose least. */
function nearestColumns(problem: PackingProblem, loss: Float64Array): number[][] {
  return Array.from({ length: problem.rowCount }, (_, row) =>
    Array.from(problem.columnOfRow.subarray(problem.rowStart[row], problem.rowStart[row + 1]))
      .sort((left, right) => loss[left]! - loss[right]! || left - right).slice(0, NEAREST_COLUMNS));
}

/** The chosen ones among some columns, by their position. */
function packingOf(problem: PackingProblem, columns: readonly number[], chosen: ReadonlySet<number>): Packing {
  const positions = [...columns.keys()].filter((position) => chosen.has(columns[position]!));
  return { chosen: positions, value: packingValue(problem, [...chosen]) };
}

/** The problem left over for some columns, its rows numbered afresh. */
function subproblem(problem: PackingProblem, columns: readonly number[], left: Int32Array): PackingProblem {
  const number = new Map<number, number>();
  const capacity: number[] = [];
  const start = new Int32Array(columns.length + 1);
  const row: number[] = [];
  columns.forEach((column, index) => {
    for (const old of rowsOf(problem, column)) {
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
