import { byCodeUnit } from '@kula/kernel-primitives';
import type { AddedRow } from '../linear-programme/constraint-rows.js';
import type { SimplexBasis } from '../linear-programme/simplex-basis.js';
import type { ColumnLevel } from './pair-levels.js';

const BREACH_MIN = 0.02;
const COST_MAX = 0.5;

/**
 * Constraints that every packing keeps and the levels given break, worst first, at most `countMax`.
 *
 * The sum of some rows, halved and rounded down on both sides, holds for whole numbers. It is broken where the rows
 * have an odd limit together and little slack, and where few columns in use meet an odd number of them; such rows are
 * looked for by elimination modulo 2.
 * Source: {0,1/2} Chvatal-Gomory cuts, Caprara and Fischetti 1996; heuristic after Koster, Zymolka and Kutschka 2009.
 */
export function halvedRows(basis: SimplexBasis, levels: readonly ColumnLevel[], countMax: number): AddedRow[] {
  const found = new Elimination(basis, levels).run();
  found.sort((left, right) => left.weight - right.weight || left.rows.length - right.rows.length || byCodeUnit(left.name, right.name));
  return found.slice(0, Math.max(0, countMax)).map(({ rows }) => halved(basis, rows));
}

interface Combination {
  /** Rows summed. */
  readonly rows: readonly number[];
  readonly name: string;
  /** Slack plus level of the columns met an odd number of times: broken below 1. */
  readonly weight: number;
}

/** A sum of rows modulo 2: the rows in it and the columns it meets an odd number of times. */
interface ParityRow {
  readonly rows: Set<number>;
  readonly odd: Set<number>;
  limitIsOdd: boolean;
  /** Slack of the rows and level of the odd columns that are already dealt with: what this sum costs whatever is added. */
  cost: number;
}

class Elimination {
  private readonly found = new Map<string, Combination>();
  private readonly level: Map<number, number>;
  private readonly slack: Float64Array;
  private readonly done = new Set<number>();
  private pool: ParityRow[];

  constructor(private readonly basis: SimplexBasis, levels: readonly ColumnLevel[]) {
    this.level = new Map(levels.map(({ column, level }) => [column, level]));
    this.slack = new Float64Array(basis.size).map((_, row) => basis.limitOf(row));
    this.pool = this.parityRows();
  }

  run(): Combination[] {
    const order = [...this.level].sort((left, right) => right[1] - left[1] || left[0] - right[0]);
    for (const [column] of order) this.eliminate(column);
    return [...this.found.values()];
  }

  private parityRows(): ParityRow[] {
    const { basis, slack } = this;
    const odd = Array.from({ length: basis.size }, () => new Set<number>());
    for (const [column, level] of this.level) {
      for (const { row, weight } of basis.rows.entriesOf(column)) {
        slack[row]! -= weight * level;
        if (weight % 2 === 1) odd[row]!.add(column);
      }
    }
    slack.forEach((value, row) => { slack[row] = Math.max(0, value); });
    return odd.map((columns, row) => ({ rows: new Set([row]), odd: columns, limitIsOdd: basis.limitOf(row) % 2 === 1, cost: slack[row]! }))
      .filter(({ cost, odd: columns }) => cost < COST_MAX && columns.size > 0);
  }

  /** Makes every row but one meet the column an even number of times; that one has to pay for it. */
  private eliminate(column: number): void {
    const meeting = this.pool.filter(({ odd }) => odd.has(column));
    meeting.sort((left, right) => left.cost - right.cost || left.odd.size - right.odd.size);
    const [pivot, ...others] = meeting;
    this.done.add(column);
    if (pivot === undefined) return;
    for (const row of others) this.add(row, pivot);
    pivot.cost += this.level.get(column)!;
    this.pool = this.pool.filter(({ cost }) => cost < 1 - BREACH_MIN);
  }

  private add(row: ParityRow, other: ParityRow): void {
    toggle(row.rows, other.rows);
    toggle(row.odd, other.odd);
    row.limitIsOdd = row.limitIsOdd !== other.limitIsOdd;
    row.cost = 0;
    for (const index of row.rows) row.cost += this.slack[index]!;
    for (const column of row.odd) if (this.done.has(column)) row.cost += this.level.get(column)!;
    this.keep(row);
  }

  private keep(row: ParityRow): void {
    if (!row.limitIsOdd || row.cost > 1 - BREACH_MIN) return;
    let weight = row.cost;
    for (const column of row.odd) if (!this.done.has(column)) weight += this.level.get(column)!;
    if (weight > 1 - BREACH_MIN) return;
    const rows = [...row.rows].sort((left, right) => left - right);
    const name = rows.join();
    if (!this.found.has(name)) this.found.set(name, { rows, name, weight });
  }
}

function toggle(set: Set<number>, other: ReadonlySet<number>): void {
  for (const value of other) if (!set.delete(value)) set.add(value);
}

function halved(basis: SimplexBasis, rows: readonly number[]): AddedRow {
  const sum = new Map<number, number>();
  let limit = 0;
  for (const row of rows) {
    limit += basis.limitOf(row);
    basis.rows.eachOfRow(row, (column, weight) => sum.set(column, (sum.get(column) ?? 0) + weight));
  }
  const entries = [...sum].filter(([, weight]) => weight >= 2).sort((left, right) => left[0] - right[0]);
  return {
    columns: Int32Array.from(entries, ([column]) => column),
    weights: Int32Array.from(entries, ([, weight]) => weight >> 1),
    limit: limit >> 1,
  };
}
