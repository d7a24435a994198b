import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frozenSet, OBLIGATIONS_MAX, rootOfSet, toMillisecond, type Candidate } from './frozen-set.js';
import { computeResult } from './run-result.js';

const candidate = (obligationId: string, change: Partial<Candidate> = {}): Candidate => ({
  obligationId, statementHash: `hash of ${obligationId}`, debtor: 'ana', creditor: 'ben', remaining: 100n, dueAt: null,
  signedAt: [{ issuer: 'north', seq: 3 }, { issuer: 'south', seq: 5 }], ...change,
});
const idsOf = (set: readonly Candidate[]) => set.map(({ obligationId }) => obligationId);
const seed = [
  candidate('o-1'), candidate('o-2', { debtor: 'ben', creditor: 'cal', remaining: 80n }), candidate('o-3', { debtor: 'cal', creditor: 'ana', remaining: 60n }),
];

describe('the set of a run', () => {
  it.each<[Record<string, number>, string[]]>([
    [{ north: 3, south: 5 }, ['o-1']], [{ north: 9, south: 9 }, ['o-1']], [{ north: 2, south: 5 }, []], [{ north: 3, south: 4 }, []], [{ north: 3 }, []], [{}, []],
  ])('up to %j is %j: both signatures lie within', (cutoff, ids) => expect(idsOf(frozenSet([candidate('o-1')], cutoff))).toEqual(ids));
  it('is the same, and has the same root, in whatever order the candidates come', () => {
    fc.assert(fc.property(fc.shuffledSubarray(seed, { minLength: 3 }), (shuffled) => {
      const set = frozenSet(shuffled, { north: 9, south: 9 });
      expect(idsOf(set)).toEqual(['o-1', 'o-2', 'o-3']);
      expect(rootOfSet(shuffled)).toBe(rootOfSet(set));
    }));
  });
  it('has another root for another amount, statement or member', () => {
    const others = [[candidate('o-1', { remaining: 99n }), ...seed.slice(1)], [candidate('o-1', { statementHash: 'other' }), ...seed.slice(1)], seed.slice(1), []];
    expect(new Set([seed, ...others].map(rootOfSet)).size).toBe(5);
  });
  it('takes those due first where there are too many', () => {
    const many = Array.from({ length: OBLIGATIONS_MAX }, (_, number) => candidate(`undated-${number}`));
    const late = candidate('z-late', { dueAt: '2027-02-01T00:00:00.000Z' });
    const soon = candidate('z-soon', { dueAt: '2027-01-01T00:00:00.000Z' });
    const set = idsOf(frozenSet([...many, late, soon], { north: 9, south: 9 }));
    expect(set).toHaveLength(OBLIGATIONS_MAX);
    expect(set.slice(-2)).toEqual(['z-late', 'z-soon']);
    expect(set).not.toContain('undated-9999');
  });
  it.each([
    ['2026-12-01T09:00:00Z', '2026-12-01T09:00:00.000Z'], ['2026-12-01T09:00:00.5Z', '2026-12-01T09:00:00.500Z'], ['2026-12-01T09:00:00.123999Z', '2026-12-01T09:00:00.123Z'],
  ])('reads %s as %s', (instant, millisecond) => expect(toMillisecond(instant)).toBe(millisecond));
});

describe('the result of a run', () => {
  const result = computeResult(seed, 'HOUR');

  it('of the seed example clears 180 of 240 and leaves every position as it was', () => {
    expect(result).toMatchObject({ grossTotal: 240n, netTotal: 60n });
    expect(result.positions).toEqual([{ party: 'ana', position: -40n }, { party: 'ben', position: 20n }, { party: 'cal', position: 20n }]);
    expect(result.lines.map(({ before, after }) => [before, after])).toEqual([[100n, 40n], [80n, 20n], [60n, 0n]]);
  });
  it('of nothing is nothing', () => expect(computeResult([], 'HOUR')).toMatchObject({ grossTotal: 0n, netTotal: 0n, lines: [], positions: [] }));
  it('depends on nothing but the set', () => {
    fc.assert(fc.property(fc.shuffledSubarray(seed, { minLength: 3 }), (shuffled) => {
      const again = computeResult(frozenSet(shuffled, { north: 9, south: 9 }), 'HOUR');
      expect(again).toEqual(result);
    }));
  });
  it('is exact for the largest amounts', () => {
    const most = 10n ** 38n - 1n;
    const ring = seed.map((each, number) => ({ ...each, remaining: most - BigInt(number) }));
    expect(computeResult(ring, 'HOUR')).toMatchObject({ grossTotal: 3n * most - 3n, netTotal: 3n });
  });
});
