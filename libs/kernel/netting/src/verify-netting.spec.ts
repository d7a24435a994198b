import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvariantError } from '@kula/kernel-primitives';
import { netObligations, verifyNetting, type NettingOutcome, type NettingProblem, type Obligation, type UnitOutcome } from './index.js';

const obligation = (id: string, [debtor, creditor]: readonly [string, string], amount: bigint, more: Partial<Obligation> = {}): Obligation =>
  ({ id, debtor, creditor, amount, unit: 'HOUR', ...more });

/** A ring with parallel obligations, a chain that leads out of it, and a second unit. */
const PROBLEM: NettingProblem = {
  salt: 'salt',
  obligations: [
    obligation('1', ['ana', 'ben'], 50n, { dueAt: '2026-01-31' }), obligation('2', ['ana', 'ben'], 50n),
    obligation('3', ['ben', 'cal'], 80n), obligation('4', ['cal', 'ana'], 60n), obligation('5', ['cal', 'dia'], 7n),
    obligation('6', ['ana', 'ben'], 3n, { unit: 'KG' }),
  ],
};
const RIGHT = netObligations(PROBLEM);

const HOUR = RIGHT.perUnit[0]!;
const withHour = (change: Partial<UnitOutcome>): NettingOutcome => ({ perUnit: [{ ...HOUR, ...change }, ...RIGHT.perUnit.slice(1)] });
const replaced = <Item>(list: readonly Item[], index: number, change: Partial<Item>) =>
  list.map((item, at) => (at === index ? { ...item, ...change } : item));
const without = <Item>(list: readonly Item[], index: number) => list.filter((_, at) => at !== index);

describe('verifying a netting outcome', () => {
  it('accepts the right one', () => expect(() => verifyNetting(PROBLEM, RIGHT)).not.toThrow());

  it.each<[string, NettingOutcome, string]>([
    ['no units at all', { perUnit: [] }, 'units: HOUR is expected at 0'],
    ['a missing unit', { perUnit: without(RIGHT.perUnit, 1) }, 'units: KG is expected at 1, not nothing'],
    ['a unit twice', { perUnit: [...RIGHT.perUnit, HOUR] }, 'units: nothing is expected at 2, not HOUR'],
    ['units out of order', { perUnit: RIGHT.perUnit.toReversed() }, 'units: HOUR is expected at 0, not KG'],
    ['another gross total', withHour({ grossTotal: 248n }), 'gross total is 247, not 248'],
    ['another net total', withHour({ netTotal: HOUR.netTotal - 1n }), 'net total'],
    ['another cleared total', withHour({ cleared: HOUR.cleared + 1n }), 'cleared'],
    ['another net internal debt', withHour({ netInternalDebt: 46n }), 'net internal debt is 40, not 46'],
    ['no positions', withHour({ positions: [] }), 'parties with positions: ana is expected at 0, not nothing'],
    ['a missing party', withHour({ positions: without(HOUR.positions, 2) }), 'parties with positions: cal is expected at 2, not dia'],
    ['a foreign party', withHour({ positions: [...HOUR.positions, { party: 'eve', position: 0n }] }), 'nothing is expected at 4, not eve'],
    ['a changed position', withHour({ positions: replaced(HOUR.positions, 1, { position: 0n }) }), 'position of ben is 20, not 0'],
    ['no remaining amounts', withHour({ remaining: [] }), 'remaining ids: 1 is expected at 0, not nothing'],
    ['a missing id', withHour({ remaining: without(HOUR.remaining, 4) }), 'remaining ids: 5 is expected at 4, not nothing'],
    ['a foreign id', withHour({ remaining: [...HOUR.remaining, { id: '9', remaining: 0n }] }), 'nothing is expected at 5, not 9'],
    ['an id twice', withHour({ remaining: [...HOUR.remaining, HOUR.remaining[4]!] }), 'nothing is expected at 5, not 5'],
    ['a smaller remaining amount', withHour({ remaining: replaced(HOUR.remaining, 2, { remaining: 19n }) }), 'position of ben changes from 20 to 21'],
    ['a negative remaining amount', withHour({ remaining: replaced(HOUR.remaining, 3, { remaining: -1n }) }), 'remaining of 4 is -1'],
    ['an obligation that grew', withHour({ remaining: replaced(HOUR.remaining, 4, { remaining: 8n }) }), 'remaining of 5 is 8'],
    ['a later obligation reduced first', withHour({
      remaining: replaced(replaced(HOUR.remaining, 0, { remaining: 40n }), 1, { remaining: 0n }),
    }), '2 is reduced before 1'],
    ['no potentials', withHour({ potentials: [] }), 'parties with potentials: ana is expected at 0'],
    ['a missing potential', withHour({ potentials: without(HOUR.potentials, 3) }), 'dia is expected at 3, not nothing'],
    ['a fractional potential', withHour({ potentials: replaced(HOUR.potentials, 0, { potential: 1.5 }) }), 'potential of ana is 1.5'],
    ['potentials that are all one higher', withHour({
      potentials: HOUR.potentials.map(({ party, potential }) => ({ party, potential: potential + 1 })),
    }), 'more than the certificate needs'],
  ])('rejects %s', (_, outcome, message) => {
    expect(() => verifyNetting(PROBLEM, outcome)).toThrow(InvariantError);
    expect(() => verifyNetting(PROBLEM, outcome)).toThrow(message);
  });

  it('rejects a smaller set-off that keeps every position', () => {
    const remaining = HOUR.remaining.map(({ id, remaining: left }) => ({ id, remaining: ['2', '3', '4'].includes(id) ? left + 1n : left }));
    const less = withHour({ remaining, netTotal: HOUR.netTotal + 3n, cleared: HOUR.cleared - 3n });
    expect(() => verifyNetting(PROBLEM, less)).toThrow('is not fully cleared');
  });
  it('rejects the outcome of another problem', () => {
    const [first, ...rest] = PROBLEM.obligations;
    expect(() => verifyNetting({ ...PROBLEM, obligations: [{ ...first!, amount: 51n }, ...rest] }, RIGHT)).toThrow(InvariantError);
    expect(() => verifyNetting({ ...PROBLEM, obligations: rest }, RIGHT)).toThrow('remaining ids: 2 is expected at 0, not 1');
  });
  it('rejects an invalid problem', () => {
    const twice = { ...PROBLEM, obligations: [...PROBLEM.obligations, PROBLEM.obligations[0]!] };
    expect(() => verifyNetting(twice, RIGHT)).toThrow('/6/id');
  });
  it('rejects any other value in any single field of any right outcome', () => {
    const row = fc.record({ from: fc.nat(4), step: fc.integer({ min: 1, max: 4 }), amount: fc.bigInt(1n, 9n) });
    const obligations = fc.array(row, { minLength: 1, maxLength: 12 })
      .map((rows) => rows.map(({ from, step, amount }, index) => obligation(`o${index}`, [`p${from}`, `p${(from + step) % 5}`], amount)));
    const change = fc.oneof(fc.constant(-2), fc.constant(-1), fc.constant(1), fc.constant(2));
    fc.assert(fc.property(obligations, fc.nat(), change, (list, seed, delta) => {
      const problem = { obligations: list, salt: '' };
      const variants = changedOutcomes(netObligations(problem), delta);
      expect(() => verifyNetting(problem, variants[seed % variants.length]!)).toThrow(InvariantError);
    }), { numRuns: 1000 });
  });
});

/** Every outcome that differs from the given one by `delta` in one number. */
function changedOutcomes({ perUnit }: NettingOutcome, delta: number): NettingOutcome[] {
  const by = BigInt(delta);
  return perUnit.flatMap((unit) => [
    ...(['grossTotal', 'netTotal', 'cleared', 'netInternalDebt'] as const).map((field) => ({ ...unit, [field]: unit[field] + by })),
    ...unit.positions.map((entry, at) => ({ ...unit, positions: replaced(unit.positions, at, { position: entry.position + by }) })),
    ...unit.remaining.map((entry, at) => ({ ...unit, remaining: replaced(unit.remaining, at, { remaining: entry.remaining + by }) })),
    ...unit.potentials.map((entry, at) => ({ ...unit, potentials: replaced(unit.potentials, at, { potential: entry.potential + delta }) })),
  ].map((changed) => ({ perUnit: perUnit.map((other) => (other === unit ? changed : other)) })));
}
