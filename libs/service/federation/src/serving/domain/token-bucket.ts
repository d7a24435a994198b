/** How much of something is given, on average and at once. */
export interface BucketOptions {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** What a bucket answers: `dry` the first time it refuses, `silent` for further refusals until it gives again. */
export type BucketAnswer = 'given' | 'dry' | 'silent';

/** A token bucket: starts full, fills evenly, gives one token a time. O(1). Time comes in as an argument, in milliseconds. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;
  private isDry = false;

  constructor(private readonly options: BucketOptions, nowMs: number) {
    this.tokens = options.atOnce;
    this.filledAt = nowMs;
  }

  take(nowMs: number): BucketAnswer {
    const elapsedMs = Math.max(0, nowMs - this.filledAt);
    this.tokens = Math.min(this.options.atOnce, this.tokens + (elapsedMs * this.options.perSecond) / 1_000);
    this.filledAt = nowMs;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      this.isDry = false;
      return 'given';
    }
    if (this.isDry) return 'silent';
    this.isDry = true;
    return 'dry';
  }
}
