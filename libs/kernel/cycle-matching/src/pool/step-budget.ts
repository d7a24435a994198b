/**
 * Elementary steps a calculation may spend. Counted, never timed, so that every machine stops at the same place.
 *
 * A step is about one look at an arc, at one vertex of a cycle or at one number of a matrix.
 */
export class StepBudget {
  spent = 0;

  constructor(private limit: number) {}

  get max(): number {
    return this.limit;
  }

  get left(): number {
    return Math.max(0, this.limit - this.spent);
  }

  /** True while steps are left. */
  get hasLeft(): boolean {
    return this.spent < this.limit;
  }

  /** Does some work that may spend no more than `steps` of what is left. */
  within<Result>(steps: number, work: () => Result): Result {
    const outer = this.limit;
    this.limit = Math.min(outer, this.spent + steps);
    try {
      return work();
    } finally {
      this.limit = outer;
    }
  }
}
