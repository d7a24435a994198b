import type { AddedRow } from '../linear-programme/simplex-basis.js';
import type { PackingProblem } from './packing-problem.js';

export interface ColumnLevel {
  readonly column: number;
  readonly level: number;
}

interface Triple {
  readonly rows: readonly [number, number, number];
  readonly limit: number;
  readonly excess: number;
}

const EXCESS_MIN = 0.05;
const TRIPLES_PER_ROW_MAX = 4;

/**
 * Constraints that every packing keeps and the levels given break, worst first, at most `countMax`.
 *
 * Of three rows with a capacity of s together, at most floor(s / 2) chosen columns use two or more.
 * Source: subset-row inequalities, Jepsen, Petersen, Spoorendonk and Pisinger 2008.
 */
export function brokenSubsetRows(problem: PackingProblem, levels: readonly ColumnLevel[], countMax: number): AddedRow[] {
  const triples = brokenTriples(problem, new PairLevels(problem, levels));
  triples.sort((left, right) => right.excess - left.excess || byRows(left, right));
  const uses = new Int32Array(problem.rowCount);
  const kept: Triple[] = [];
  for (const triple of triples) {
    if (kept.length >= countMax) break;
    if (triple.rows.some((row) => uses[row]! >= TRIPLES_PER_ROW_MAX)) continue;
    for (const row of triple.rows) uses[row]! += 1;
    kept.push(triple);
  }
  return kept.map(({ rows, limit }) => ({ columns: columnsOnTwo(problem, rows), limit }));
}

const byRows = (left: Triple, right: Triple): number =>
  left.rows[0] - right.rows[0] || left.rows[1] - right.rows[1] || left.rows[2] - right.rows[2];

/** How much of the columns in use covers two rows at once. */
export class PairLevels {
  private readonly columnsOf = new Map<number, ColumnLevel[]>();
  private readonly pairs = new Map<number, Map<number, number>>();

  constructor(readonly problem: PackingProblem, levels: readonly ColumnLevel[]) {
    for (const level of levels) {
      const rows = this.rowsOf(level.column);
      for (const row of rows) {
        const columns = this.columnsOf.get(row);
        if (columns === undefined) this.columnsOf.set(row, [level]);
        else columns.push(level);
        for (const other of rows) if (other !== row) this.add(row, other, level.level);
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

  private add(row: number, other: number, level: number): void {
    const pairs = this.pairs.get(row) ?? new Map<number, number>();
    this.pairs.set(row, pairs);
    pairs.set(other, (pairs.get(other) ?? 0) + level);
  }
}

function brokenTriples({ capacity }: PackingProblem, pairs: PairLevels): Triple[] {
  const found: Triple[] = [];
  for (const centre of pairs.rows()) {
    const neighbours = pairs.neighbours(centre);
    neighbours.forEach((left, at) => {
      for (const right of neighbours.slice(at + 1)) {
        const across = pairs.of(left, right);
        // A triple whose three pairs are all in use is met from each of its rows; it counts from the smallest.
        if (across > 0 && centre > left) continue;
        const limit = (capacity[centre]! + capacity[left]! + capacity[right]!) >> 1;
        const sum = pairs.of(centre, left) + pairs.of(centre, right) + across;
        if (sum <= limit + EXCESS_MIN) continue;
        const rows: [number, number, number] = [centre, left, right];
        const excess = sum - 2 * pairs.ofAll(rows) - limit;
        if (excess > EXCESS_MIN) found.push({ rows, limit, excess });
      }
    });
  }
  return found;
}

function columnsOnTwo(problem: PackingProblem, rows: readonly number[]): Int32Array {
  const times = new Map<number, number>();
  for (const row of rows) {
    for (let at = problem.rowStart[row]!; at < problem.rowStart[row + 1]!; at += 1) {
      const column = problem.columnOfRow[at]!;
      times.set(column, (times.get(column) ?? 0) + 1);
    }
  }
  return Int32Array.from([...times].filter(([, count]) => count >= 2).map(([column]) => column)).sort();
}
