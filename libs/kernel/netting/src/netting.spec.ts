import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bilateralSetoff, checkObligations, netObligations, netPositions, outcomeDocument, parseAmount, verifyNetting,
  type NettingOutcome, type Obligation,
} from './index.js';

const owes = (debtor: string, creditor: string, amount: bigint, more: Partial<Obligation> = {}): Obligation =>
  ({ id: `${debtor}-${creditor}`, debtor, creditor, amount, unit: 'HOUR', ...more });

const net = (obligations: readonly Obligation[], salt = 'salt') => netObligations({ obligations, salt });
const remainingOf = (outcome: NettingOutcome) =>
  Object.fromEntries(outcome.perUnit.flatMap(({ remaining }) => remaining).map(({ id, remaining }) => [id, remaining]));

const SEED_EXAMPLE = [owes('ana', 'ben', 100n), owes('ben', 'cal', 80n), owes('cal', 'ana', 60n)];

const AMOUNT = fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, 10n ** 30n), fc.constant(2n ** 63n - 1n));
const OBLIGATIONS = fc.array(
  fc.record({
    debtor: fc.integer({ min: 0, max: 5 }), step: fc.integer({ min: 1, max: 5 }),
    amount: AMOUNT, unit: fc.constantFrom('HOUR', 'HOUR', 'HOUR', 'KG'), dueAt: fc.constantFrom(undefined, '2026-01-31', '2026-02-28'),
  }),
  { maxLength: 16 },
).map((rows) => rows.map(({ debtor, step, amount, unit, dueAt }, index): Obligation => ({
  id: `o${index}`, debtor: `p${debtor}`, creditor: `p${(debtor + step) % 6}`, amount, unit, ...(dueAt !== undefined && { dueAt }),
})));

/** Strong duality, by trying every potential from 0 to parties − 1: the least bound is the greatest set-off. */
function leastBound(obligations: readonly Obligation[]): bigint {
  const parties = [...new Set(obligations.flatMap(({ debtor, creditor }) => [debtor, creditor]))];
  let least = obligations.reduce((sum, { amount }) => sum + amount, 0n);
  const potential = new Map(parties.map((party) => [party, 0]));
  for (let trial = 0; trial < parties.length ** parties.length; trial += 1) {
    parties.forEach((party, index) => potential.set(party, Math.floor(trial / parties.length ** index) % parties.length));
    const bound = obligations.reduce((sum, { debtor, creditor, amount }) => {
      const gain = 1 - potential.get(debtor)! + potential.get(creditor)!;
      return gain > 0 ? sum + amount * BigInt(gain) : sum;
    }, 0n);
    if (bound < least) least = bound;
  }
  return least;
}

describe('netting the example of three parties', () => {
  const [hour] = net(SEED_EXAMPLE).perUnit;

  it('clears 180 of 240 and leaves 60', () => {
    expect(hour).toMatchObject({ unit: 'HOUR', grossTotal: 240n, cleared: 180n, netTotal: 60n });
    expect(remainingOf(net(SEED_EXAMPLE))).toEqual({ 'ana-ben': 40n, 'ben-cal': 20n, 'cal-ana': 0n });
  });
  it('keeps the net positions, whose positive half is 40', () => {
    expect(hour?.positions).toEqual([{ party: 'ana', position: -40n }, { party: 'ben', position: 20n }, { party: 'cal', position: 20n }]);
    expect(hour?.netInternalDebt).toBe(40n);
    expect(netPositions(SEED_EXAMPLE)).toEqual([{ unit: 'HOUR', netInternalDebt: 40n, positions: hour?.positions }]);
  });
  it('has a document with decimal strings', () => {
    expect(outcomeDocument(net(SEED_EXAMPLE))).toEqual({
      perUnit: [{
        unit: 'HOUR', grossTotal: '240', netTotal: '60', cleared: '180', netInternalDebt: '40',
        positions: [{ party: 'ana', position: '-40' }, { party: 'ben', position: '20' }, { party: 'cal', position: '20' }],
        remaining: [{ id: 'ana-ben', remaining: '40' }, { id: 'ben-cal', remaining: '20' }, { id: 'cal-ana', remaining: '0' }],
        potentials: [{ party: 'ana', potential: 2 }, { party: 'ben', potential: 1 }, { party: 'cal', potential: 0 }],
      }],
    });
  });
});

describe('netting', () => {
  it('answers nothing for no obligations', () => expect(net([])).toEqual({ perUnit: [] }));
  it('clears the longer ring where pairs first would destroy it', () => {
    const trap = [owes('ana', 'ben', 10n), owes('ben', 'ana', 10n), owes('ben', 'cal', 10n), owes('cal', 'ana', 10n)];
    expect(net(trap).perUnit[0]?.cleared).toBe(30n);
    expect(bilateralSetoff(trap)[0]?.cleared).toBe(20n);
  });
  it('clears 80 where taking a crossing ring first would clear 40', () => {
    const rings = ['abcd', 'efgh'].flatMap(([a, b, c, d]) => [owes(a!, b!, 10n), owes(b!, c!, 10n), owes(c!, d!, 10n), owes(d!, a!, 10n)]);
    const crossing = [owes('b', 'e', 10n), owes('f', 'a', 10n)];
    expect(net([...rings, ...crossing]).perUnit[0]?.cleared).toBe(80n);
  });
  it('leaves an acyclic network alone', () => {
    const chain = [owes('ana', 'ben', 5n), owes('ben', 'cal', 7n), owes('ana', 'cal', 1n)];
    expect(net(chain).perUnit[0]).toMatchObject({ cleared: 0n, netTotal: 13n });
  });
  it('is exact far above 64 bits', () => {
    const amount = 10n ** 39n + 7n;
    const ring = [owes('ana', 'ben', amount), owes('ben', 'cal', amount + 1n), owes('cal', 'ana', amount + 2n)];
    expect(net(ring).perUnit[0]).toMatchObject({ cleared: 3n * amount, netTotal: 3n });
  });
  it('never mixes units', () => {
    const acrossUnits = [owes('ana', 'ben', 5n), owes('ben', 'ana', 5n, { unit: 'KG' })];
    expect(net(acrossUnits).perUnit.map(({ unit, cleared }) => [unit, cleared])).toEqual([['HOUR', 0n], ['KG', 0n]]);
  });
  it('takes two spellings of a name for two parties', () => {
    const composed = 'z\u00fcrich';
    const decomposed = 'zu\u0308rich';
    expect(net([owes(composed, 'ben', 5n), owes('ben', decomposed, 5n)]).perUnit[0]).toMatchObject({ cleared: 0n });
  });
  it('gives what a pair clears to the oldest due date, then to the lowest id, undated last', () => {
    const parallel = [
      owes('ana', 'ben', 10n, { id: 'a' }), owes('ana', 'ben', 10n, { id: 'd', dueAt: '2026-01-31' }),
      owes('ana', 'ben', 10n, { id: 'c', dueAt: '2026-01-31' }), owes('ana', 'ben', 10n, { id: 'e', dueAt: '2025-12-31' }),
      owes('ben', 'ana', 25n, { id: 'z' }),
    ];
    expect(remainingOf(net(parallel))).toEqual({ a: 10n, c: 0n, d: 5n, e: 0n, z: 0n });
  });
  it('follows a ring of 20 000 parties', () => {
    const ring = Array.from({ length: 20_000 }, (_, i) => owes(`p${i}`, `p${(i + 1) % 20_000}`, BigInt(100 + (i * 7919) % 1009)));
    expect(net(ring).perUnit[0]?.cleared).toBe(2_000_000n);
  });
  it('lets the salt choose among equally good set-offs, never the total', () => {
    const tie = [owes('a', 'b', 10n), owes('b', 'c', 10n), owes('c', 'a', 10n), owes('b', 'd', 10n), owes('d', 'a', 10n)];
    const outcomes = Array.from({ length: 20 }, (_, salt) => net(tie, `salt ${salt}`));
    expect(new Set(outcomes.map((outcome) => outcome.perUnit[0]?.cleared))).toEqual(new Set([30n]));
    expect(new Set(outcomes.map((outcome) => remainingOf(outcome)['b-c']))).toEqual(new Set([0n, 10n]));
  });
  it('asserts that its obligations were checked', () => {
    expect(() => net([owes('ana', 'ana', 1n)])).toThrow('/0/creditor debtor and creditor are the same party');
  });
});

describe('netting any obligations', () => {
  it('gives an outcome that the verifier accepts', () => {
    fc.assert(fc.property(OBLIGATIONS, fc.string(), (obligations, salt) => {
      verifyNetting({ obligations, salt }, netObligations({ obligations, salt }));
    }), { numRuns: 500 });
  });
  it('gives the same bytes in any order of the obligations', () => {
    const shuffled = OBLIGATIONS.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(fc.property(shuffled, ([straight, turned]) => {
      expect(JSON.stringify(outcomeDocument(net(turned)))).toBe(JSON.stringify(outcomeDocument(net(straight))));
    }));
  });
  it('clears as much as the least bound over all potentials', () => {
    const few = OBLIGATIONS.map((list) => list.filter(({ debtor, creditor, unit }) => unit === 'HOUR' && debtor < 'p4' && creditor < 'p4'));
    fc.assert(fc.property(few, (obligations) => {
      expect(net(obligations).perUnit[0]?.cleared ?? 0n).toBe(leastBound(obligations));
    }), { numRuns: 200 });
  });
  it('has nothing left to clear afterwards', () => {
    fc.assert(fc.property(OBLIGATIONS, (obligations) => {
      const remaining = remainingOf(net(obligations));
      const left = obligations.flatMap((o) => (remaining[o.id]! > 0n ? [{ ...o, amount: remaining[o.id]! }] : []));
      expect(net(left).perUnit.every(({ cleared }) => cleared === 0n)).toBe(true);
    }));
  });
  it('clears at least what pairs alone clear, and never below the net internal debt', () => {
    fc.assert(fc.property(OBLIGATIONS, (obligations) => {
      const pairsOnly = bilateralSetoff(obligations);
      for (const [index, unit] of net(obligations).perUnit.entries()) {
        expect(unit.cleared).toBeGreaterThanOrEqual(pairsOnly[index]!.cleared);
        expect(unit.netTotal).toBeGreaterThanOrEqual(unit.netInternalDebt);
      }
    }));
  });
});

describe('the bilateral report', () => {
  it('removes the smaller of two opposite totals from both', () => {
    const [hour] = bilateralSetoff([
      owes('ana', 'ben', 30n, { id: '1' }), owes('ana', 'ben', 30n, { id: '2' }), owes('ben', 'ana', 40n, { id: '3' }), owes('ben', 'cal', 5n, { id: '4' }),
    ]);
    expect(hour).toEqual({
      unit: 'HOUR', grossTotal: 105n, netTotal: 25n, cleared: 80n,
      remaining: [{ id: '1', remaining: 0n }, { id: '2', remaining: 20n }, { id: '3', remaining: 0n }, { id: '4', remaining: 5n }],
    });
  });
});

describe('checking obligations', () => {
  it('accepts a valid list', () => expect(checkObligations(SEED_EXAMPLE)).toEqual([]));
  it.each<[string, string, Partial<Obligation>]>([
    ['/1/id', 'netting.id_duplicate', { id: 'ana-ben' }],
    ['/1/id', 'netting.text_empty', { id: '' }],
    ['/1/debtor', 'netting.text_empty', { debtor: '' }],
    ['/1/creditor', 'netting.text_empty', { creditor: '' }],
    ['/1/unit', 'netting.text_empty', { unit: '' }],
    ['/1/debtor', 'netting.text_malformed', { debtor: '\ud800' }],
    ['/1/creditor', 'netting.self_obligation', { creditor: 'ben' }],
    ['/1/amount', 'netting.amount_not_positive', { amount: 0n }],
    ['/1/amount', 'netting.amount_not_positive', { amount: -5n }],
    ['/1/dueAt', 'netting.due_at_malformed', { dueAt: '2026-13-01' }],
    ['/1/dueAt', 'netting.due_at_malformed', { dueAt: '2026-01-01T10:00:00Z' }],
  ])('refuses at %s with %s', (pointer, code, change) => {
    const list = [owes('ana', 'ben', 100n), owes('ben', 'cal', 80n, change)];
    expect(checkObligations(list)).toEqual([{ pointer, code, detail: expect.any(String) }]);
  });
  it('reports every refusal', () => {
    expect(checkObligations([owes('', '', 0n)]).map(({ pointer }) => pointer)).toEqual(['/0/debtor', '/0/creditor', '/0/creditor', '/0/amount']);
  });
});

describe('parsing an amount', () => {
  it.each([['1', 1n], ['9223372036854775808', 2n ** 63n], ['9'.repeat(40), 10n ** 40n - 1n]])('reads %s', (text, amount) => expect(parseAmount(text)).toBe(amount));
  it.each(['', '0', '-5', '+5', '01', '1e3', '1.5', '0x10', ' 5', '5 ', '5\n', 'NaN', '١', '1_000', '1'.repeat(41)])('refuses %j', (text) => {
    expect(parseAmount(text)).toBeUndefined();
  });
});
