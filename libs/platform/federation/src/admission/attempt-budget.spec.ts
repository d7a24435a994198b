import { describe, expect, it } from '@jest/globals';
import { AttemptBudget } from './attempt-budget.js';

const rates = { perHost: { perSecond: 1, atOnce: 2 }, all: { perSecond: 10, atOnce: 5 } };
const takeAll = (budget: AttemptBudget, hosts: readonly string[], nowMs: number) => hosts.map((host) => budget.take(host, nowMs));

describe('AttemptBudget', () => {
  it('gives an address what it may have at once', () => {
    expect(takeAll(new AttemptBudget(rates), ['a', 'a', 'a', 'a'], 0)).toEqual([true, true, false, false]);
  });

  it('gives again as time passes', () => {
    const budget = new AttemptBudget(rates);
    takeAll(budget, ['a', 'a', 'a'], 0);
    expect([budget.take('a', 999), budget.take('a', 1_000), budget.take('a', 1_001)]).toEqual([false, true, false]);
  });

  it('counts each address for itself, and all together', () => {
    expect(takeAll(new AttemptBudget(rates), ['a', 'a', 'b', 'b', 'c', 'd'], 0)).toEqual([true, true, true, true, true, false]);
  });

  it('takes nothing from all where an address has nothing left', () => {
    const budget = new AttemptBudget(rates);
    takeAll(budget, Array<string>(100).fill('a'), 0);
    expect(takeAll(budget, ['b', 'c', 'd'], 0)).toEqual([true, true, true]);
  });

  it('does not fill when the clock goes back', () => {
    const budget = new AttemptBudget(rates);
    takeAll(budget, ['a', 'a'], 10_000);
    expect(budget.take('a', 0)).toBe(false);
  });

  it('forgets the address that was quiet longest, which all together still bounds', () => {
    const budget = new AttemptBudget({ ...rates, all: { perSecond: 0, atOnce: 5_000 } });
    takeAll(budget, ['a', 'a'], 0);
    for (let host = 0; host < 4_096; host += 1) budget.take(`h${host}`, 0);
    expect(budget.take('a', 0)).toBe(true);
    expect(Array.from({ length: 1_000 }, (_, host) => budget.take(`g${host}`, 0)).filter((isGiven) => isGiven)).toHaveLength(5_000 - 2 - 4_096 - 1);
  });
});
