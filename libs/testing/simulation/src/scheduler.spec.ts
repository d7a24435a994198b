import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@kula/testing-fixtures';
import fc from 'fast-check';
import { Scheduler } from './scheduler.js';

describe('Scheduler', () => {
  it('does what is planned in the order of its moments, each at its moment', () => {
    fc.assert(fc.property(fc.array(fc.nat(1_000), { maxLength: 200 }), fc.integer(), (moments, seed) => {
      const scheduler = new Scheduler(seededRandom(seed));
      const seen: number[] = [];
      for (const ms of moments) scheduler.after(ms, () => { seen.push(scheduler.now); });
      scheduler.runUntil(1_000);
      expect(seen).toEqual([...moments].sort((left, right) => left - right));
      expect(scheduler.steps).toBe(moments.length);
    }));
  });

  it('does what is planned meanwhile, and nothing beyond the end', () => {
    const scheduler = new Scheduler(seededRandom(1));
    const seen: number[] = [];
    const again = () => { seen.push(scheduler.now); scheduler.after(400, again); };
    scheduler.after(100, again);
    scheduler.runUntil(1_000);
    expect([seen, scheduler.now]).toEqual([[100, 500, 900], 1_000]);
    scheduler.runUntil(1_300);
    expect(seen).toEqual([100, 500, 900, 1_300]);
  });

  it('leaves it to the seed what comes first at one moment', () => {
    const orderOf = (seed: number) => {
      const scheduler = new Scheduler(seededRandom(seed));
      const seen: string[] = [];
      for (const name of 'abcdef') scheduler.after(10, () => { seen.push(name); });
      scheduler.runUntil(10);
      return seen.join('');
    };
    const orders = Array.from({ length: 20 }, (_unused, seed) => orderOf(seed));
    expect(new Set(orders).size).toBeGreaterThan(10);
    expect(orderOf(7)).toBe(orderOf(7));
  });
});
