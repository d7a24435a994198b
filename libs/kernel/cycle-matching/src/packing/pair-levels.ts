import type { PackingProblem } from './packing-problem.js';

/** A column of a fractional solution. */
export interface ColumnLevel {
  readonly column: number;
  readonly level: number;
}

/** How much of the columns in use covers two rows at once. */
export class PairLevels {
  private readonly columnsOf = new Map<number, ColumnLevel[]>();
  private readonly pairs = new Map<number, Map<number, number>>();

  constructor(readonly problem: PackingProblem, levels: readonly ColumnLevel[]) {
    for (const level of levels) {
      const rows = this.rowsOf(level.column);
      for (const row of rows) {
        this.note(row, level);
        for (const other of rows.filter((candidate) => candidate !== row)) this.add(row, other, level.level);
      }
    }
  }

  rowsOf(column: number): Int32Array {
    return this.problem.row.subarray(this.problem.start[column], this.problem.start[column + 1]);
  }

  rows(): number[] {
    return [...this.pairs.keys()].sort((left, right) => left - right);
  }

  neighbours(row: number): number[] {
    return [...this.pairs.get(row)!.keys()].sort((left, right) => left - right);
  }

  cover(row: number): number {
    return (this.columnsOf.get(row) ?? []).reduce((sum, { level }) => sum + level, 0);
  }

  of(row: number, other: number): number {
    return this.pairs.get(row)?.get(other) ?? 0;
  }

  /** Level of the columns that cover all three rows. */
  ofAll([first, second, third]: readonly [number, number, number]): number {
    return (this.columnsOf.get(first) ?? []).reduce((sum, { column, level }) => {
      const rows = this.rowsOf(column);
      return rows.includes(second) && rows.includes(third) ? sum + level : sum;
    }, 0);
  }

  private note(row: number, level: ColumnLevel): void {
    const columns = this.columnsOf.get(row);
    if (columns === undefined) this.columnsOf.set(row, [level]);
    else columns.push(level);
  }

  private add(row: number, other: number, level: number): void {
    const pairs = this.pairs.get(row) ?? new Map<number, number>();
    this.pairs.set(row, pairs);
    pairs.set(other, (pairs.get(other) ?? 0) + level);
  }
}
