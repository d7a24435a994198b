import type { PackingProblem } from './packing-problem.js';
import type { Relaxation } from './relaxation.js';
import { PairLevels, type ColumnLevel } from './pair-levels.js';

const WHOLE = 1e-6;

/**
 * One way to go on in a search: columns forced to zero, and perhaps a column taken.
 *
 * The ways of one branching cover every packing between them.
 */
export interface Branch {
  readonly forbidden: readonly number[];
  readonly taken?: number;
}

/**
 * How to split a fractional solution in two, the likelier side first; undefined where every level is whole.
 *
 * Two rows of which one column at most can use both are either used together or apart
 * (Ryan and Foster 1981); where capacities allow more, a single column is taken or left.
 */
export function branchesOf({ problem, basis }: Relaxation, levels: readonly ColumnLevel[]): readonly Branch[] | undefined {
  const fractional = levels.filter(({ level }) => Math.abs(level - 1) > WHOLE);
  if (fractional.length === 0) return undefined;
  const single = fractional.filter(({ column }) => rowsOf(problem, column).every((row) => basis.limitOf(row) === 1));
  const pair = mostDivided(problem, single);
  if (pair === undefined) return onColumn(fractional);
  const together: Branch = { forbidden: columnsOnOne(problem, pair.rows) };
  const apart: Branch = { forbidden: columnsOnBoth(problem, pair.rows) };
  return pair.level >= 0.5 ? [together, apart] : [apart, together];
}

const rowsOf = (problem: PackingProblem, column: number): number[] =>
  Array.from(problem.row.subarray(problem.start[column], problem.start[column + 1]));

function onColumn(fractional: readonly ColumnLevel[]): readonly Branch[] {
  const { column } = fractional.reduce((best, next) => (next.level > best.level ? next : best));
  return [{ forbidden: [column], taken: column }, { forbidden: [column] }];
}

interface RowPair {
  readonly rows: readonly [number, number];
  readonly level: number;
}

function mostDivided(problem: PackingProblem, levels: readonly ColumnLevel[]): RowPair | undefined {
  const pairs = new PairLevels(problem, levels);
  let best: RowPair | undefined;
  for (const row of pairs.rows()) {
    for (const other of pairs.neighbours(row)) {
      const level = pairs.of(row, other);
      // Where every column in use covers both rows or none, keeping them together would change nothing.
      const isDivided = level < Math.max(pairs.cover(row), pairs.cover(other)) - WHOLE;
      if (other < row || !isDivided) continue;
      if (best === undefined || Math.abs(level - 0.5) < Math.abs(best.level - 0.5) - WHOLE) best = { rows: [row, other], level };
    }
  }
  return best;
}

function columnsOnBoth(problem: PackingProblem, [first, second]: RowPair['rows']): number[] {
  const onFirst = new Set(columnsOf(problem, first));
  return columnsOf(problem, second).filter((column) => onFirst.has(column));
}

function columnsOnOne(problem: PackingProblem, rows: RowPair['rows']): number[] {
  const both = new Set(columnsOnBoth(problem, rows));
  return rows.flatMap((row) => columnsOf(problem, row)).filter((column) => !both.has(column));
}

const columnsOf = (problem: PackingProblem, row: number): number[] =>
  Array.from(problem.columnOfRow.subarray(problem.rowStart[row], problem.rowStart[row + 1]));
