import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { solveSetoff, type SetoffProblem } from './network-simplex.js';
import { tieBreak } from './tie-break.js';
import { isUnique, uniqueSetoff } from './unique-setoff.js';

type Pair = readonly [debtor: number, creditor: number, owed: bigint];

const problemOf = (pairs: readonly Pair[], preference: readonly number[] = pairs.map(() => 0)): SetoffProblem => ({
  nodes: 1 + Math.max(...pairs.flatMap(([debtor, creditor]) => [debtor, creditor])),
  debtor: Int32Array.from(pairs, ([debtor]) => debtor),
  creditor: Int32Array.from(pairs, ([, creditor]) => creditor),
  owed: pairs.map(([, , owed]) => owed),
  preference: Float64Array.from(preference),
});

/** Two rings of three share the pair 0 → 1 and compete for it. */
const TIE: Pair[] = [[0, 1, 10n], [1, 2, 10n], [2, 0, 10n], [1, 3, 10n], [3, 0, 10n]];

/**
 * What remains per pair by a second method: cancel rings that gain in the residual network (Bellman–Ford) until none is left.
 * A unit cleared on a pair gains 2^64 plus its preference.
 */
function byRingCancelling({ nodes, debtor, creditor, owed, preference }: SetoffProblem): bigint[] {
  const cleared = owed.map(() => 0n);
  for (let ring = gainingRing(); ring.length > 0; ring = gainingRing()) {
    const rooms = ring.map(({ pair, forward }) => (forward ? owed[pair]! - cleared[pair]! : cleared[pair]!));
    const amount = rooms.reduce((least, room) => (room < least ? room : least));
    for (const { pair, forward } of ring) cleared[pair]! += forward ? amount : -amount;
  }
  return owed.map((amount, pair) => amount - cleared[pair]!);

  function gainingRing(): { pair: number; forward: boolean; from: number }[] {
    const best = new Array<bigint>(nodes).fill(0n);
    const via = new Array<{ pair: number; forward: boolean; from: number } | undefined>(nodes).fill(undefined);
    let improved = -1;
    for (let round = 0; round < nodes; round += 1) {
      improved = -1;
      for (let pair = 0; pair < owed.length; pair += 1) {
        const gain = 2n ** 64n + BigInt(preference[pair]!);
        const [from, to] = [debtor[pair]!, creditor[pair]!];
        if (cleared[pair]! < owed[pair]! && best[from]! + gain > best[to]!) { best[to] = best[from]! + gain; via[to] = { pair, forward: true, from }; improved = to; }
        if (cleared[pair]! > 0n && best[to]! - gain > best[from]!) { best[from] = best[to]! - gain; via[from] = { pair, forward: false, from: to }; improved = from; }
      }
      if (improved < 0) return [];
    }
    let node = improved;
    for (let step = 0; step < nodes; step += 1) node = via[node]!.from;
    const ring = [via[node]!];
    for (let at = via[node]!.from; at !== node; at = via[at]!.from) ring.push(via[at]!);
    return ring;
  }
}

const NETWORK = fc.array(fc.record({ from: fc.nat(6), step: fc.integer({ min: 1, max: 6 }), owed: fc.oneof(fc.constant(10n), fc.bigInt(1n, 40n)) }), { minLength: 1, maxLength: 24 })
  .map((rows) => [...new Map(rows.map(({ from, step, owed }): [string, Pair] => {
    const to = (from + step) % 7;
    return [`${from} ${to}`, [from, to, owed]];
  })).values()]);
const NAMES = Array.from({ length: 7 }, (_, number) => `p${number}`);

describe('the optimal set-off of a component', () => {
  it('agrees with cancelling rings on the amount that remains of every pair', () => {
    fc.assert(fc.property(NETWORK, fc.string(), (pairs, salt) => {
      const preferenceOf = tieBreak(NAMES, salt, 0);
      const problem = problemOf(pairs, pairs.map(([debtor, creditor]) => preferenceOf.of(debtor, creditor)));
      const solution = solveSetoff(problem);
      const second = byRingCancelling(problem);
      const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
      expect(total(solution.remaining)).toBe(total(second));
      if (isUnique(problem, solution)) expect(solution.remaining).toEqual(second);
    }), { numRuns: 500 });
  });
  it('is known to be one of several where two rings tie', () => expect(isUnique(problemOf(TIE), solveSetoff(problemOf(TIE)))).toBe(false));
  it('is known to be the only one where a preference decides', () => {
    const decided = problemOf(TIE, [0, 1, 0, 0, 0]);
    expect(isUnique(decided, solveSetoff(decided))).toBe(true);
    expect(solveSetoff(decided).remaining).toEqual([0n, 0n, 0n, 10n, 10n]);
  });
  it('never trades the total for a preference', () => {
    const longAndShort: Pair[] = [[0, 1, 10n], [1, 0, 10n], [1, 2, 10n], [2, 0, 10n]];
    expect(solveSetoff(problemOf(longAndShort, [0, 2 ** 32 - 1, 0, 0])).remaining).toEqual([0n, 10n, 0n, 0n]);
  });
  it('is called unique exactly where no other preference changes it', () => {
    fc.assert(fc.property(NETWORK, fc.array(fc.nat(3), { minLength: 24, maxLength: 24 }), (pairs, preference) => {
      const problem = problemOf(pairs, preference.slice(0, pairs.length));
      const solution = solveSetoff(problem);
      const nudged = pairs.map((_, pair) => solveSetoff(problemOf(pairs, preference.slice(0, pairs.length).map((p, at) => 1000 * p + (at === pair ? 1 : 0)))));
      const raised = pairs.map((_, pair) => solveSetoff(problemOf(pairs, preference.slice(0, pairs.length).map((p, at) => 1000 * p + (at === pair ? 0 : 1)))));
      const isStable = [...nudged, ...raised].every(({ remaining }) => remaining.every((amount, pair) => amount === solution.remaining[pair]));
      expect(isUnique(problem, solution)).toBe(isStable);
    }), { numRuns: 300 });
  });
  it('asks for another round of preferences until one set-off is left', () => {
    const rounds: number[] = [];
    const solution = uniqueSetoff(problemOf(TIE), (round) => {
      rounds.push(round);
      return Float64Array.from(round < 2 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 1]);
    });
    expect(rounds).toEqual([0, 1, 2]);
    expect(solution.remaining).toEqual([0n, 10n, 10n, 0n, 0n]);
  });
  it('gives up after 32 rounds that all tie', () => {
    expect(() => uniqueSetoff(problemOf(TIE), () => new Float64Array(5))).toThrow('leaves a single optimal set-off');
  });
});

describe('the tie-break', () => {
  it('has 16 bits in round 0, 4 more per round, and 32 at most', () => {
    const most = (round: number) => Math.max(...Array.from({ length: 200 }, (_, index) => tieBreak([`a${index}`, 'b'], 'salt', round).of(0, 1)));
    expect([0, 1, 4, 9].map((round) => Math.ceil(Math.log2(most(round))))).toEqual([16, 20, 32, 32]);
  });
  it('depends on names, direction, salt and round, not on numbers', () => {
    const of = (names: readonly string[], salt: string, round: number, pair: readonly [number, number]) => tieBreak(names, salt, round).of(...pair);
    const base = of(['ana', 'ben'], 's', 4, [0, 1]);
    expect(of(['x', 'ben', 'ana'], 's', 4, [2, 1])).toBe(base);
    const others = [of(['ana', 'ben'], 's', 4, [1, 0]), of(['ana', 'cal'], 's', 4, [0, 1]), of(['ana', 'ben'], 't', 4, [0, 1]), of(['ana', 'ben'], 's', 5, [0, 1])];
    expect(new Set([base, ...others]).size).toBe(5);
  });
});
