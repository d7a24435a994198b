import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bestSelection, countCycles, findCycles, selectCycles, servedThenScore, verifySelection, type ExchangePool, type PoolArc, type Selection } from './index.js';

const arc = (from: string, to: string, score = 1, id = `${from}>${to}#${score}`): PoolArc => ({ id, from, to, score });
const poolOf = (arcs: readonly PoolArc[], change: Partial<ExchangePool> = {}): ExchangePool => ({
  vertices: [...new Set(arcs.flatMap(({ from, to }) => [from, to]))], arcs, cycleCap: 4, stepsMax: 10_000_000, ...change,
});

/** The seed's ring beside a pair that wants the same lawyer. */
const SEED = poolOf([
  arc('alice', 'carol', 900), arc('carol', 'bob', 900), arc('bob', 'alice', 900), arc('alice', 'ivo', 999), arc('ivo', 'alice', 999),
]);

/** Every simple cycle by plain recursion, with the best score of each step: the slow second opinion. */
function allCycles({ vertices, arcs, cycleCap }: ExchangePool): { readonly path: readonly string[]; readonly score: number }[] {
  const best = new Map<string, number>();
  for (const { from, to, score } of arcs) if (from !== to) best.set(`${from} ${to}`, Math.max(score, best.get(`${from} ${to}`) ?? -1));
  const found: { path: string[]; score: number }[] = [];
  const walk = (path: string[], score: number): void => {
    const last = path.at(-1)!;
    const back = best.get(`${last} ${path[0]}`);
    if (path.length >= 2 && back !== undefined) found.push({ path, score: score + back });
    if (path.length === cycleCap) return;
    for (const next of vertices) {
      const step = best.get(`${last} ${next}`);
      if (step !== undefined && next > path[0]! && !path.includes(next)) walk([...path, next], score + step);
    }
  };
  for (const vertex of vertices) walk([vertex], 0);
  return found;
}

/** Greatest value of cycles without a vertex in common, by trying every set. */
function bestValue(cycles: readonly { readonly path: readonly string[]; readonly value: number }[]): number {
  const [first, ...rest] = cycles;
  if (first === undefined) return 0;
  const compatible = rest.filter(({ path }) => !path.some((vertex) => first.path.includes(vertex)));
  return Math.max(bestValue(rest), first.value + bestValue(compatible));
}

const anyPool = fc.record({
  n: fc.integer({ min: 2, max: 7 }), cap: fc.integer({ min: 2, max: 5 }),
  joins: fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.integer({ min: 0, max: 20 })), { maxLength: 18 }),
}).map(({ n, cap, joins }) => {
  const arcs = joins.map(([from, to, score], index) => arc(`v${from % n}`, `v${to % n}`, score, `a${index}`)).filter(({ from, to }) => from !== to);
  return poolOf(arcs, { vertices: Array.from({ length: n }, (_unused, index) => `v${index}`), cycleCap: cap });
});

const plain = (value: unknown): string => JSON.stringify(value, (_name, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));

describe('enumeration', () => {
  it('finds the ring of the seed and the pair beside it', () => {
    expect(findCycles(SEED).cycles.map(({ vertices, score }) => [vertices, score])).toEqual([[['alice', 'ivo'], 1998], [['alice', 'carol', 'bob'], 2700]]);
  });
  it('agrees with plain recursion on small pools, in number and in score sums', () => {
    fc.assert(fc.property(anyPool, (pool) => {
      const slow = allCycles(pool);
      const { cycles, complete } = findCycles(pool);
      expect(complete).toBe(true);
      expect(cycles.map(({ vertices, score }) => `${vertices.join()} ${score}`).sort()).toEqual(slow.map(({ path, score }) => `${path.join()} ${score}`).sort());
      for (const { length, count, scoreSum } of countCycles(pool).byLength) {
        const same = slow.filter(({ path }) => path.length === length);
        expect([count, scoreSum]).toEqual([BigInt(same.length), BigInt(same.reduce((sum, { score }) => sum + score, 0))]);
      }
    }));
  });
  it('says what it left out when its count is bounded', () => {
    const found = findCycles(SEED, 1);
    expect([found.cycles.length, found.complete, found.leftOut]).toEqual([1, false, expect.objectContaining({ reason: 'count', count: 1n, isExact: true })]);
  });
  it('says what it left out when its steps are', () => {
    expect(findCycles({ ...SEED, stepsMax: 1 })).toMatchObject({ complete: false, leftOut: { reason: 'steps' } });
  });
});

describe('selection', () => {
  it('serves three people rather than two with better scores, where people come first', () => {
    const selection = bestSelection({ ...SEED, objective: servedThenScore(SEED) });
    expect([selection.proven, selection.cycles.map(({ vertices }) => vertices)]).toEqual([true, [['alice', 'carol', 'bob']]]);
  });
  it('reaches and proves the best value on small pools, and the verifier agrees', () => {
    fc.assert(fc.property(anyPool, (pool) => {
      const selection = bestSelection(pool);
      verifySelection(pool, selection);
      const best = bestValue(allCycles(pool).map(({ path, score }) => ({ path, value: score })));
      expect([selection.objective, selection.proven]).toEqual([BigInt(best), true]);
    }), { numRuns: 200 });
  });
  it('is the same whatever the order of vertices and arcs', () => {
    fc.assert(fc.property(anyPool, fc.integer(), (pool, seed) => {
      const turned = { ...pool, vertices: [...pool.vertices].reverse(), arcs: [...pool.arcs].sort((left, right) => ((left.score * 31 + seed) % 7) - ((right.score * 31 + seed) % 7)) };
      expect(plain(bestSelection(turned))).toBe(plain(bestSelection(pool)));
    }));
  });
  it('does not change when somebody whom nobody can serve joins', () => {
    fc.assert(fc.property(anyPool, (pool) => {
      const { objective, cycles } = bestSelection({ ...pool, vertices: [...pool.vertices, 'zoe'] });
      expect(plain({ objective, cycles })).toBe(plain((({ objective: same, cycles: too }) => ({ objective: same, cycles: too }))(bestSelection(pool))));
    }));
  });
  it('keeps capacities', () => {
    const twice = { ...SEED, capacities: [{ vertex: 'alice', units: 2 }] };
    const selection = bestSelection(twice);
    verifySelection(twice, selection);
    expect(selection.cycles).toHaveLength(2);
  });
  it('holds a valid answer and an honest bound when its steps run out', () => {
    const found = findCycles(SEED);
    const selection = selectCycles({ ...SEED, stepsMax: 1 }, found);
    expect(selection.bound).toBeGreaterThanOrEqual(2700n);
    expect(() => verifySelection({ ...SEED, stepsMax: 1 }, selection)).not.toThrow();
  });
});

describe('verifySelection', () => {
  const pool = poolOf([...SEED.arcs, arc('dia', 'emil', 5), arc('emil', 'dia', 6)]);
  const right = bestSelection(pool);
  const first = right.cycles[0]!;
  const change = (cycle: Partial<typeof first>): Selection => ({ ...right, cycles: [{ ...first, ...cycle }, ...right.cycles.slice(1)] });

  it('accepts the genuine answer', () => expect(() => verifySelection(pool, right)).not.toThrow());
  it.each<[string, Selection]>([
    ['a wrong score', change({ score: first.score + 1 })],
    ['a wrong value', change({ value: first.value + 1 })],
    ['a vertex used twice', { ...right, cycles: [...right.cycles, first] }],
    ['a missing arc', change({ arcIds: ['nowhere', ...first.arcIds.slice(1)] })],
    ['an arc of other vertices', change({ vertices: [...first.vertices].reverse() })],
    ['a cycle left out', { ...right, cycles: right.cycles.slice(1) }],
    ['an inflated objective', { ...right, objective: right.objective + 1n }],
    ['a bound below what is proven', { ...right, bound: right.bound - 1n }],
    ['a bound above what is proven', { ...right, bound: right.bound + 1n }],
    ['proof that is not there', { ...right, proven: !right.proven }],
  ])('rejects %s', (_name, selection) => expect(() => verifySelection(pool, selection)).toThrow('broken invariant'));
  it('rejects a ring longer than the cap', () => {
    expect(() => verifySelection({ ...pool, cycleCap: 2 }, right)).toThrow('broken invariant');
  });
});

describe('a pool', () => {
  it.each<[string, Partial<ExchangePool>]>([
    ['a cap of one', { cycleCap: 1 }], ['a cap of eleven', { cycleCap: 11 }], ['a vertex twice', { vertices: [...SEED.vertices, 'bob'] }],
    ['an arc to nowhere', { arcs: [arc('alice', 'zoe')] }], ['a negative score', { arcs: [arc('alice', 'bob', -1)] }], ['half a score', { arcs: [arc('alice', 'bob', 0.5)] }],
    ['capacity of a stranger', { capacities: [{ vertex: 'zoe', units: 1 }] }],
  ])('is refused with %s', (_name, wrong) => expect(() => bestSelection({ ...SEED, ...wrong })).toThrow('broken invariant'));
});
