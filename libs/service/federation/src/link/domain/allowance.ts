/** How much is allowed: so much at once, and so much more every second. */
export interface AllowanceOptions {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** Seconds of filling that are waited for once an allowance is spent, so that it is not spent again with the next entry. */
const REST_SECONDS = 10;

/**
 * What may be taken of one issuer: starts full, fills evenly, may be overdrawn by what is taken in one go.
 *
 * O(1). Time comes in as an argument, in milliseconds.
 */
export class Allowance {
  private left: number;
  private filledAt: number;

  constructor(private readonly options: AllowanceOptions, nowMs: number) {
    this.left = options.atOnce;
    this.filledAt = nowMs;
  }

  /** When something may be taken again, in milliseconds; undefined where it may be now. */
  restsUntil(nowMs: number): number | undefined {
    this.fill(nowMs);
    if (this.left > 0) return undefined;
    const wanted = Math.min(this.options.atOnce, this.options.perSecond * REST_SECONDS);
    return nowMs + Math.ceil(((wanted - this.left) * 1_000) / this.options.perSecond);
  }

  /** Takes so much, whether it is there or not. */
  spend(amount: number, nowMs: number): void {
    this.fill(nowMs);
    this.left -= amount;
  }

  private fill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.filledAt);
    this.left = Math.min(this.options.atOnce, this.left + (elapsedMs * this.options.perSecond) / 1_000);
    this.filledAt = Math.max(this.filledAt, nowMs);
  }
}
