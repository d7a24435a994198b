/**
 * A set-packing problem: choose columns, each at most once, so that no row is used more often than its capacity,
 * with the greatest total value. Rows are vertices that cannot serve every cycle through them; columns are cycles.
 *
 * Source: the cycle formulation of barter clearing, Abraham, Blum and Sandholm 2007.
 */
export interface PackingProblem {
  readonly rowCount: number;
  readonly capacity: Int32Array;
  readonly columnCount: number;
  /** Rows of column c, ascending, at the positions start[c] to start[c + 1]. */
  readonly start: Int32Array;
  readonly row: Int32Array;
  /** Positive integers. */
  readonly value: Float64Array;
  /** Columns of row r, ascending, at the positions rowStart[r] to rowStart[r + 1]. */
  readonly rowStart: Int32Array;
  readonly columnOfRow: Int32Array;
}

/** A feasible choice of columns, ascending, and what it is worth. */
export interface Packing {
  readonly chosen: readonly number[];
  readonly value: number;
}

/** The problem over these rows and columns, with the rows' columns filled in. */
export function packingProblem(capacity: Int32Array, start: Int32Array, row: Int32Array, value: Float64Array): PackingProblem {
  const rowStart = new Int32Array(capacity.length + 1);
  for (const index of row) rowStart[index + 1]! += 1;
  for (let index = 0; index < capacity.length; index += 1) rowStart[index + 1]! += rowStart[index]!;
  const next = rowStart.slice();
  const columnOfRow = new Int32Array(row.length);
  for (let column = 0; column < value.length; column += 1) {
    for (let at = start[column]!; at < start[column + 1]!; at += 1) columnOfRow[next[row[at]!]!++] = column;
  }
  return { rowCount: capacity.length, capacity, columnCount: value.length, start, row, value, rowStart, columnOfRow };
}

/** Total value of columns. */
export const packingValue = (problem: PackingProblem, chosen: readonly number[]): number =>
  chosen.reduce((sum, column) => sum + problem.value[column]!, 0);

/** The better of two packings; the first where they are equal. */
export const betterPacking = (left: Packing, right: Packing): Packing => (right.value > left.value ? right : left);
