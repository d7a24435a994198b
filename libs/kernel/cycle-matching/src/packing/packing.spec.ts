import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StepBudget } from '../pool/step-budget.js';
import { PackingSearch } from './branch-and-bound.js';
import { PackingImprovement } from './local-search.js';
import { packingProblem, type Packing, type PackingProblem } from './packing-problem.js';
import { Relaxation } from './relaxation.js';
import { solvePacking } from './solve-packing.js';
import { subgradientPrices } from './subgradient-prices.js';

const NOTHING: Packing = { chosen: [], value: 0 };

/** Columns of two or three of a few rows: many overlap, so that relaxations are often fractional. */
const problemOf = (rows: { min: number; max: number }, columnCount: number, capacityMax: number): fc.Arbitrary<PackingProblem> =>
  fc.integer(rows).chain((rowCount) => fc.record({
    capacity: fc.array(fc.integer({ min: 1, max: capacityMax }), { minLength: rowCount, maxLength: rowCount }),
    columns: fc.array(fc.record({
      members: fc.uniqueArray(fc.nat(rowCount - 1), { minLength: 2, maxLength: 3 }), value: fc.integer({ min: 1, max: 9 }),
    }), { minLength: 3, maxLength: columnCount }),
  })).map(({ capacity, columns }) => {
    const start = [0];
    const row = columns.flatMap(({ members }) => {
      start.push(start[start.length - 1]! + members.length);
      return [...members].sort((left, right) => left - right);
    });
    return packingProblem(Int32Array.from(capacity), Int32Array.from(start), Int32Array.from(row), Float64Array.from(columns, ({ value }) => value));
  });

const rowsOf = (problem: PackingProblem, column: number): number[] => [...problem.row.subarray(problem.start[column], problem.start[column + 1])];

/** Every set of columns that fits, by trying all. */
function packings(problem: PackingProblem): number[][] {
  const left = problem.capacity.slice();
  const from = (column: number): number[][] => {
    if (column === problem.columnCount) return [[]];
    const without = from(column + 1);
    const rows = rowsOf(problem, column);
    if (rows.some((row) => left[row]! < 1)) return without;
    rows.forEach((row) => { left[row]! -= 1; });
    const withIt = from(column + 1).map((rest) => [column, ...rest]);
    rows.forEach((row) => { left[row]! += 1; });
    return [...without, ...withIt];
  };
  return from(0);
}

const valueOf = (problem: PackingProblem, chosen: readonly number[]): number => chosen.reduce((sum, column) => sum + problem.value[column]!, 0);
const optimum = (problem: PackingProblem): number => Math.max(...packings(problem).map((chosen) => valueOf(problem, chosen)));

const budget = (steps = 1e8): StepBudget => new StepBudget(steps);
const small = problemOf({ min: 3, max: 8 }, 12, 1);
const smallWithCapacities = problemOf({ min: 3, max: 6 }, 12, 3);

describe.each<[string, fc.Arbitrary<PackingProblem>]>([['single capacities', small], ['larger capacities', smallWithCapacities]])('packing with %s', (_name, problems) => {
  it('is exact: the search ends, at the best value', () => {
    fc.assert(fc.property(problems, (problem) => {
      const { best, isExhausted } = solvePacking(problem, budget());
      expect([best.value, isExhausted]).toEqual([optimum(problem), true]);
      expect(valueOf(problem, best.chosen)).toBe(best.value);
    }), { numRuns: 200 });
  });

  it('ends at the same place when it is stopped again and again', () => {
    fc.assert(fc.property(problems, fc.integer({ min: 20, max: 400 }), (problem, steps) => {
      const search = new PackingSearch(problem, NOTHING, budget());
      for (let turn = 1; search.canGoOn && turn < 200; turn += 1) search.run(steps * turn);
      if (search.isRootSolved) expect([search.best.value, search.bound]).toEqual([optimum(problem), optimum(problem)]);
    }), { numRuns: 200 });
  });

  it('relaxes: the bound of the linear relaxation is never below the best value, and a solved one gives no row to sell', () => {
    fc.assert(fc.property(problems, fc.nat(300), (problem, steps) => {
      for (const relaxation of [new Relaxation(problem, 0, budget()), new Relaxation(problem, 0, budget(steps))]) {
        relaxation.optimise(-1);
        expect(relaxation.bound()).toBeGreaterThanOrEqual(optimum(problem));
        expect(relaxation.prices().every((price) => price >= 0)).toBe(true);
      }
    }), { numRuns: 200 });
  });

  it('tightens: every packing keeps every row that is added, and the bound stays a bound', () => {
    fc.assert(fc.property(problems, (problem) => {
      const relaxation = new Relaxation(problem, 30, budget());
      relaxation.optimise(-1);
      for (let round = 0; round < 4 && relaxation.tighten(8); round += 1) {
        relaxation.optimise(-1);
        expect(relaxation.bound()).toBeGreaterThanOrEqual(optimum(problem));
      }
      for (const { columns, weights, limit } of relaxation.basis.rows.added) {
        const used = (chosen: readonly number[]): number => columns.reduce((sum, column, at) => sum + (chosen.includes(column) ? weights[at]! : 0), 0);
        expect(Math.max(...packings(problem).map(used))).toBeLessThanOrEqual(limit);
      }
    }), { numRuns: 200 });
  });

  it('discards no column that a better packing needs', () => {
    fc.assert(fc.property(problems, (problem) => {
      const best = optimum(problem);
      const relaxation = new Relaxation(problem, 0, budget());
      relaxation.optimise(-1);
      relaxation.fix(best - 1);
      const kept = new Set(relaxation.basis.columns);
      for (const chosen of packings(problem).filter((columns) => valueOf(problem, columns) === best)) {
        expect(chosen.every((column) => kept.has(column))).toBe(true);
      }
    }));
  });

  it('bounds by subgradient steps what it cannot solve', () => {
    fc.assert(fc.property(problems, fc.nat(2_000), (problem, steps) => {
      const { bound, best } = subgradientPrices(problem, NOTHING, budget(steps));
      expect(bound).toBeGreaterThanOrEqual(optimum(problem) - 1e-9);
      expect(best.value).toBeLessThanOrEqual(optimum(problem));
    }));
  });

  it('improves without ever leaving what fits', () => {
    fc.assert(fc.property(problems, (problem) => {
      const { prices, bound } = subgradientPrices(problem, NOTHING, budget());
      const improved = new PackingImprovement(problem, prices, budget()).run(NOTHING, Math.floor(bound), 20_000);
      expect(improved.value).toBe(valueOf(problem, improved.chosen));
      expect(packings(problem).map(String)).toContain(String(improved.chosen));
    }));
  });
});

describe('a triangle of rows', () => {
  const triangle = packingProblem(Int32Array.of(1, 1, 1), Int32Array.of(0, 2, 4, 6), Int32Array.of(0, 1, 1, 2, 0, 2), Float64Array.of(2, 2, 2));

  it('is worth three in halves, and two once its odd sum is rounded down', () => {
    const relaxation = new Relaxation(triangle, 5, budget());
    relaxation.optimise(-1);
    expect([relaxation.bound(), relaxation.levels().map(({ level }) => level.toFixed(3))]).toEqual([3, ['0.500', '0.500', '0.500']]);
    expect(relaxation.tighten(5)).toBe(true);
    relaxation.optimise(-1);
    expect(relaxation.bound()).toBe(2);
  });
});
