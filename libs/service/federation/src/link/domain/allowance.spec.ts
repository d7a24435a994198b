import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Allowance } from './allowance.js';

describe('Allowance', () => {
  it('gives what it starts with, may be overdrawn once, and says when it has rested', () => {
    const allowance = new Allowance({ perSecond: 10, atOnce: 1_000 }, 0);
    allowance.spend(999, 0);
    expect(allowance.restsUntil(0)).toBeUndefined();
    allowance.spend(500, 0);
    // 499 overdrawn and 10 seconds of filling: 599 at 10 a second.
    expect(allowance.restsUntil(0)).toBe(59_900);
    expect(allowance.restsUntil(49_000)).toBe(49_000 + 10_900);
    expect(allowance.restsUntil(59_900)).toBeUndefined();
  });

  it('never allows more than its start and its filling, whatever is asked when', () => {
    const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 5_000 }), amount: fc.integer({ min: 1, max: 50 }) }), { maxLength: 200 });
    fc.assert(fc.property(steps, (asked) => {
      const allowance = new Allowance({ perSecond: 20, atOnce: 100 }, 0);
      let [nowMs, taken] = [0, 0];
      for (const { afterMs, amount } of asked) {
        nowMs += afterMs;
        if (allowance.restsUntil(nowMs) !== undefined) continue;
        allowance.spend(amount, nowMs);
        taken += amount;
      }
      expect(taken).toBeLessThanOrEqual(100 + (20 * nowMs) / 1_000 + 50);
    }));
  });

  it('is not filled by a clock that goes backwards', () => {
    const allowance = new Allowance({ perSecond: 1, atOnce: 1 }, 10_000);
    allowance.spend(1, 10_000);
    expect(allowance.restsUntil(5_000)).toBeDefined();
    expect(allowance.restsUntil(10_000)).toBeDefined();
  });
});
