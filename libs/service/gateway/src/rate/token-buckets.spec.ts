import { describe, expect, it } from '@jest/globals';
import { TokenBuckets } from './token-buckets.js';

describe('token buckets', () => {
  it('take a minute of requests at once and refuse the next', () => {
    const buckets = new TokenBuckets(3);
    expect([1, 2, 3].map(() => buckets.take('ana', 0).remaining)).toEqual([2, 1, 0]);
    expect(buckets.take('ana', 0)).toEqual({ isAllowed: false, remaining: 0, nextSeconds: 20, fullSeconds: 60 });
  });

  it('refill steadily and never above a minute of requests', () => {
    const buckets = new TokenBuckets(60);
    for (let n = 0; n < 60; n += 1) buckets.take('ana', 0);
    expect(buckets.take('ana', 999).isAllowed).toBe(false);
    expect(buckets.take('ana', 1_000).isAllowed).toBe(true);
    expect(buckets.take('ana', 3_600_000).remaining).toBe(59);
  });

  it('keep callers apart', () => {
    const buckets = new TokenBuckets(1);
    buckets.take('ana', 0);
    expect(buckets.take('ben', 0).isAllowed).toBe(true);
  });

  it('forget the quietest of more than ten thousand callers', () => {
    const buckets = new TokenBuckets(1);
    buckets.take('quiet', 0);
    for (let n = 0; n < 10_000; n += 1) buckets.take(`caller ${n}`, 0);
    expect(buckets.take('quiet', 0).isAllowed).toBe(true);
    expect(buckets.take('caller 9999', 0).isAllowed).toBe(false);
  });
});
