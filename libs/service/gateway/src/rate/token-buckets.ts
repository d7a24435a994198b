/** Callers remembered at once. The one that was quiet longest is forgotten first, with a full bucket: a bound on memory, not on callers. */
const CALLERS_MAX = 10_000;

const MINUTE_MS = 60_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** What a bucket answers: whether one more is taken, how many are left, and after how many whole seconds there is the next, and all. */
export interface Allowance {
  readonly isAllowed: boolean;
  readonly remaining: number;
  readonly nextSeconds: number;
  readonly fullSeconds: number;
}

/** One bucket per caller that holds a minute's worth of tokens and refills steadily. Kept in memory: each replica counts for itself. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(readonly perMinute: number) {}

  /** Takes one token where there is one. O(1). */
  take(caller: string, nowMs: number): Allowance {
    const before = this.buckets.get(caller) ?? { tokens: this.perMinute, atMs: nowMs };
    const refilled = Math.min(this.perMinute, before.tokens + ((nowMs - before.atMs) / MINUTE_MS) * this.perMinute);
    const isAllowed = refilled >= 1;
    const tokens = isAllowed ? refilled - 1 : refilled;
    this.keep(caller, { tokens, atMs: nowMs });
    return { isAllowed, remaining: Math.floor(tokens), nextSeconds: this.secondsUntil(1, tokens), fullSeconds: this.secondsUntil(this.perMinute, tokens) };
  }

  private secondsUntil(wanted: number, tokens: number): number {
    return Math.max(0, Math.ceil(((wanted - tokens) / this.perMinute) * 60));
  }

  /** Keeps the callers in the order in which they were last heard. */
  private keep(caller: string, bucket: Bucket): void {
    this.buckets.delete(caller);
    this.buckets.set(caller, bucket);
    const quietest = this.buckets.keys().next();
    if (this.buckets.size > CALLERS_MAX && quietest.done !== true) this.buckets.delete(quietest.value);
  }
}
