import type { PackingProblem } from '../packing/packing-problem.js';

/** A further constraint: the columns listed, each times its weight, sum to at most `limit`. */
export interface AddedRow {
  readonly columns: Int32Array;
  readonly weights: Int32Array;
  readonly limit: number;
}

/** What a column weighs in a row. */
export interface RowEntry {
  readonly row: number;
  readonly weight: number;
}

/**
 * The constraints of a packing problem, and those added to it.
 *
 * A variable is a column number, or `-1 - row` for the slack of a row. Rows of the problem come first, added rows after.
 */
export class ConstraintRows {
  readonly added: AddedRow[] = [];
  private readonly addedOf = new Map<number, readonly RowEntry[]>();

  constructor(readonly problem: PackingProblem) {}

  add(row: AddedRow): void {
    const number = this.problem.rowCount + this.added.length;
    row.columns.forEach((column, at) => {
      this.addedOf.set(column, [...this.addedEntriesOf(column), { row: number, weight: row.weights[at]! }]);
    });
    this.added.push(row);
  }

  addedEntriesOf(column: number): readonly RowEntry[] {
    return this.addedOf.get(column) ?? [];
  }

  /** Every row a column stands in, with its weight. */
  entriesOf(column: number): RowEntry[] {
    const { start, row } = this.problem;
    const own = Array.from(row.subarray(start[column], start[column + 1]), (index) => ({ row: index, weight: 1 }));
    return [...own, ...this.addedEntriesOf(column)];
  }

  eachOfRow(row: number, visit: (column: number, weight: number) => void): void {
    const { rowCount, rowStart, columnOfRow } = this.problem;
    if (row >= rowCount) {
      const { columns, weights } = this.added[row - rowCount]!;
      columns.forEach((column, at) => visit(column, weights[at]!));
      return;
    }
    for (let at = rowStart[row]!; at < rowStart[row + 1]!; at += 1) visit(columnOfRow[at]!, 1);
  }

  /** A figure for each row times a variable's column. */
  against(variable: number, figures: Float64Array): number {
    if (variable < 0) return figures[-1 - variable]!;
    let sum = this.ownAgainst(variable, figures);
    if (this.added.length > 0) for (const { row, weight } of this.addedEntriesOf(variable)) sum += weight * figures[row]!;
    return sum;
  }

  /** The same without the added rows. */
  ownAgainst(column: number, figures: Float64Array): number {
    const { start, row } = this.problem;
    let sum = 0;
    for (let at = start[column]!; at < start[column + 1]!; at += 1) sum += figures[row[at]!]!;
    return sum;
  }

  /** What each column comes to in added rows alone, given a figure for each row. */
  addedAgainst(figures: Float64Array): Float64Array {
    const sums = new Float64Array(this.problem.columnCount);
    this.added.forEach(({ columns, weights }, index) => {
      const figure = figures[this.problem.rowCount + index]!;
      if (figure !== 0) for (let at = 0; at < columns.length; at += 1) sums[columns[at]!]! += figure * weights[at]!;
    });
    return sums;
  }
}
