import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('gives what it holds at once, then says once that it is dry', () => {
    const bucket = new TokenBucket({ perSecond: 1, atOnce: 2 }, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual(['given', 'given', 'dry', 'silent']);
  });

  it('gives again when it has filled, and says again that it is dry', () => {
    const bucket = new TokenBucket({ perSecond: 2, atOnce: 1 }, 0);
    expect([0, 499, 500, 500].map((now) => bucket.take(now))).toEqual(['given', 'dry', 'given', 'dry']);
  });

  it('never gives more than it holds and gains, whatever the times', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -50, max: 400 }), { maxLength: 200 }), (steps) => {
      const bucket = new TokenBucket({ perSecond: 10, atOnce: 5 }, 0);
      let [now, gained, given] = [0, 0, 0];
      for (const step of steps) {
        now += step;
        gained += Math.max(0, step);
        if (bucket.take(now) === 'given') given += 1;
      }
      expect(given).toBeLessThanOrEqual(5 + (gained * 10) / 1_000);
    }));
  });
});
