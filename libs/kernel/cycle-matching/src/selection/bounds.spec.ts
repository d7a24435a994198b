import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bestSelection, findCycles, selectCycles, servedThenScore, verifySelection,
  type ExchangePool, type FoundCycles, type PoolCycle, type Selection,
} from '../index.js';

const NAMES = ['ana', 'ben', 'cal', 'dia', 'emil', 'fay', 'gus', 'hal'];

/** Pools of up to eight vertices, with parallel arcs, arcs to oneself and capacities from 0 to 3. */
const anyPool: fc.Arbitrary<ExchangePool> = fc.record({
  count: fc.integer({ min: 2, max: NAMES.length }),
  cycleCap: fc.integer({ min: 2, max: 6 }),
  arcs: fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.integer({ min: 0, max: 12 })), { maxLength: 22 }),
  units: fc.array(fc.constantFrom(0, 1, 1, 1, 2, 3), { minLength: 8, maxLength: 8 }),
}).map(({ count, cycleCap, arcs, units }) => ({
  vertices: NAMES.slice(0, count),
  arcs: arcs.map(([from, to, score], at) => ({ id: `arc-${at}`, from: NAMES[from % count]!, to: NAMES[to % count]!, score })),
  cycleCap,
  stepsMax: 50_000_000,
  capacities: NAMES.slice(0, count).map((vertex, at) => ({ vertex, units: units[at]! })),
}));

const singles = (pool: ExchangePool): ExchangePool => {
  const { capacities: _unused, ...rest } = pool;
  return rest;
};

/** Greatest value of a set of cycles within the capacities, by trying every set. */
function bestValue({ vertices, capacities = [] }: ExchangePool, cycles: readonly PoolCycle[]): bigint {
  const left = new Map(vertices.map((vertex) => [vertex, 1]));
  for (const { vertex, units } of capacities) left.set(vertex, units);
  const use = (cycle: PoolCycle, units: number): void => cycle.vertices.forEach((vertex) => left.set(vertex, left.get(vertex)! + units));
  const bestFrom = (at: number): number => {
    const cycle = cycles[at];
    if (cycle === undefined) return 0;
    const without = bestFrom(at + 1);
    if (cycle.value === 0 || cycle.vertices.some((vertex) => left.get(vertex)! < 1)) return without;
    use(cycle, -1);
    const withIt = cycle.value + bestFrom(at + 1);
    use(cycle, 1);
    return Math.max(without, withIt);
  };
  return BigInt(bestFrom(0));
}

/** Few enough cycles to try every set of them. */
const isSmall = (pool: ExchangePool): boolean => findCycles(pool).cycles.length <= 22;

describe('selectCycles with capacities', () => {
  it('reaches and proves the best value over sets of cycles', () => {
    fc.assert(fc.property(anyPool.filter(isSmall), (pool) => {
      const found = findCycles(pool);
      const selection = selectCycles(pool, found);
      verifySelection(pool, selection);
      expect([selection.objective, selection.proven]).toEqual([bestValue(pool, found.cycles), true]);
    }), { numRuns: 300 });
  });

  it('chooses a cycle once, however much capacity its vertices have', () => {
    const pool: ExchangePool = {
      vertices: ['ana', 'ben'], cycleCap: 3, stepsMax: 1_000_000,
      arcs: [{ id: 'a', from: 'ana', to: 'ben', score: 4 }, { id: 'b', from: 'ben', to: 'ana', score: 3 }],
      capacities: [{ vertex: 'ana', units: 5 }, { vertex: 'ben', units: 5 }],
    };
    const selection = bestSelection(pool);
    verifySelection(pool, selection);
    expect([selection.cycles.length, selection.objective, selection.bound]).toEqual([1, 7n, 7n]);
  });
});

describe('selectCycles with people first', () => {
  it('serves as many vertices as any set of cycles can, then scores as much as any that serves as many', () => {
    fc.assert(fc.property(anyPool.filter(isSmall), (pool) => {
      const ranked = { ...pool, objective: servedThenScore(pool) };
      const found = findCycles(ranked);
      const selection = selectCycles(ranked, found);
      verifySelection(ranked, selection);
      const served = { ...pool, objective: { served: 1, score: 0 } };
      const most = bestValue(served, findCycles(served).cycles);
      expect(selection.proven).toBe(true);
      expect(selection.objective).toBe(bestValue(ranked, found.cycles));
      expect(BigInt(selection.cycles.reduce((sum, { vertices }) => sum + vertices.length, 0))).toBe(most);
    }));
  });
});

describe('bounds', () => {
  it('hold for the whole pool, and the selection is feasible, however few steps and cycles are allowed', () => {
    fc.assert(fc.property(anyPool.filter(isSmall), fc.nat(400), fc.nat(8), (pool, stepsMax, cycleCountMax) => {
      const optimum = bestValue(pool, findCycles(pool).cycles);
      const short = { ...pool, stepsMax };
      const found = findCycles(short, cycleCountMax);
      for (const selection of [selectCycles(short, found), selectCycles(pool, found), bestSelection(short, cycleCountMax)]) {
        verifySelection(pool, selection);
        expect(selection.objective).toBeLessThanOrEqual(optimum);
        expect(selection.bound).toBeGreaterThanOrEqual(optimum);
      }
    }), { numRuns: 300 });
  });

  it('account for every cycle: what is kept and what is left out are all there are', () => {
    fc.assert(fc.property(anyPool, fc.nat(12), (pool, cycleCountMax) => {
      const all = findCycles(pool).cycles.length;
      const { cycles, complete, leftOut } = findCycles(pool, cycleCountMax);
      expect(cycles.length).toBeLessThanOrEqual(cycleCountMax);
      expect(complete).toBe(leftOut === undefined);
      expect(BigInt(cycles.length) + (leftOut?.count ?? 0n)).toBe(BigInt(all));
    }));
  });

  it('leave no shorter cycle out where a length does not fit', () => {
    fc.assert(fc.property(anyPool, fc.nat(12), (pool, cycleCountMax) => {
      const { cycles, leftOut } = findCycles(pool, cycleCountMax);
      const whole = leftOut?.lengthComplete ?? pool.cycleCap;
      const names = (list: readonly PoolCycle[]): string[] => list.filter(({ vertices }) => vertices.length <= whole).map(({ arcIds }) => arcIds.join());
      expect(names(cycles)).toEqual(names(findCycles(pool).cycles));
    }));
  });
});

describe('names', () => {
  it('show only as names: the same pool under names in the same order gives the same answer under those names', () => {
    const renamed = (text: string): string => `zz-${text}`;
    fc.assert(fc.property(anyPool, (pool) => {
      const other: ExchangePool = {
        ...pool,
        vertices: pool.vertices.map(renamed),
        arcs: pool.arcs.map((arc) => ({ ...arc, from: renamed(arc.from), to: renamed(arc.to) })),
        capacities: pool.capacities!.map(({ vertex, units }) => ({ vertex: renamed(vertex), units })),
      };
      const left = bestSelection(pool);
      const right = bestSelection(other);
      expect(right.cycles.map(({ vertices }) => vertices)).toEqual(left.cycles.map(({ vertices }) => vertices.map(renamed)));
      expect([right.objective, right.bound, right.steps]).toEqual([left.objective, left.bound, left.steps]);
    }));
  });

  it('do not change the best value, whatever they are', () => {
    fc.assert(fc.property(anyPool, (pool) => {
      const renamed = (text: string): string => [...text].reverse().join('');
      const { objective, bound } = bestSelection({
        ...pool, vertices: pool.vertices.map(renamed), arcs: pool.arcs.map((arc) => ({ ...arc, from: renamed(arc.from), to: renamed(arc.to) })),
        capacities: pool.capacities!.map(({ vertex, units }) => ({ vertex: renamed(vertex), units })),
      });
      const own = bestSelection(pool);
      expect([objective, bound]).toEqual([own.objective, own.bound]);
    }));
  });
});

describe('selectCycles', () => {
  const pool: ExchangePool = {
    vertices: ['ana', 'ben', 'cal'], cycleCap: 3, stepsMax: 1_000_000,
    arcs: [['ana', 'ben', 5], ['ben', 'cal', 5], ['cal', 'ana', 5], ['ben', 'ana', 4]]
      .map(([from, to, score]) => ({ id: `${from}-${to}`, from: String(from), to: String(to), score: Number(score) })),
  };
  const found = findCycles(pool);
  const spoiled = (change: Partial<PoolCycle>): FoundCycles => ({ ...found, cycles: [{ ...found.cycles[0]!, ...change }, ...found.cycles.slice(1)] });

  it('takes the cycles in any order', () => {
    expect(selectCycles(pool, { ...found, cycles: [...found.cycles].reverse() })).toEqual(selectCycles(pool, found));
  });

  it.each<[string, FoundCycles]>([
    ['that is there twice', { ...found, cycles: [...found.cycles, found.cycles[0]!] }],
    ['with another score', spoiled({ score: 10 })],
    ['with another value', spoiled({ value: 10 })],
    ['over an arc of others', spoiled({ arcIds: ['ben-cal', 'ben-ana'] })],
    ['of strangers', spoiled({ vertices: ['ana', 'zoe'] })],
    ['not written from its smallest vertex', spoiled({ vertices: ['ben', 'ana'], arcIds: ['ben-ana', 'ana-ben'] })],
  ])('refuses a cycle %s', (_name, wrong) => expect(() => selectCycles(pool, wrong)).toThrow('broken invariant'));

  it('believes no claim that the list is complete where prices show otherwise', () => {
    const pair = { ...found, cycles: found.cycles.filter(({ vertices }) => vertices.length === 2) };
    expect(() => verifySelection(pool, selectCycles(pool, pair))).toThrow('broken invariant');
  });
});

describe('verifySelection on prices', () => {
  const pool = singles({
    vertices: NAMES.slice(0, 5), cycleCap: 3, stepsMax: 1_000_000,
    arcs: [['ana', 'ben', 5], ['ben', 'cal', 5], ['cal', 'ana', 5], ['ben', 'ana', 4], ['dia', 'emil', 7], ['emil', 'dia', 8]]
      .map(([from, to, score]) => ({ id: `${from}-${to}`, from: String(from), to: String(to), score: Number(score) })),
  });
  const right = bestSelection(pool);
  const { prices, components } = right;
  const changed = (change: Partial<Selection>): Selection => ({ ...right, ...change });
  const [first, ...others] = prices.prices;

  it('has an answer to spoil', () => {
    verifySelection(pool, right);
    expect([right.proven, components.map(({ proof }) => proof.kind)]).toEqual([true, ['prices', 'prices']]);
  });

  it.each<[string, Selection]>([
    ['a price too high', changed({ prices: { ...prices, prices: [{ ...first!, price: first!.price + prices.scale }, ...others] } })],
    ['a price left out', changed({ prices: { ...prices, prices: others } })],
    ['a price twice', changed({ prices: { ...prices, prices: [first!, ...prices.prices] } })],
    ['a price below zero', changed({ prices: { ...prices, prices: [{ ...first!, price: -1 }, ...others] } })],
    ['half a price', changed({ prices: { ...prices, prices: [{ ...first!, price: 0.5 }, ...others] } })],
    ['a price for a stranger', changed({ prices: { ...prices, prices: [...prices.prices, { vertex: 'zoe', price: 1 }] } })],
    ['another scale', changed({ prices: { ...prices, scale: prices.scale * 2 } })],
    ['a scale of zero', changed({ prices: { ...prices, scale: 0 } })],
    ['a component left out', changed({ components: components.slice(1) })],
    ['a component twice', changed({ components: [...components, components[0]!] })],
    ['a component with another objective', changed({ components: [{ ...components[0]!, objective: 1n }, ...components.slice(1)] })],
    ['a component with another bound', changed({ components: [{ ...components[0]!, bound: components[0]!.bound + 1n }, ...components.slice(1)] })],
    ['another gap', changed({ gap: 0.5 })],
  ])('rejects %s', (_name, selection) => expect(() => verifySelection(pool, selection)).toThrow('broken invariant'));
});
