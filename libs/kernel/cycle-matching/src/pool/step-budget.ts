/**
 * Elementary steps a calculation may spend. Counted, never timed, so that every machine stops at the same place.
 *
 * A step is about one look at an arc, at one vertex of a cycle or at one number of a matrix.
 */
export class StepBudget {
  spent = 0;

  constructor(readonly max: number) {}

  get left(): number {
    return Math.max(0, this.max - this.spent);
  }

  /** True while steps are left. */
  get hasLeft(): boolean {
    return this.spent < this.max;
  }

  /** A part of what is left, to be paid back with `settle`. */
  share(fraction: number): StepBudget {
    return new StepBudget(Math.floor(this.left * fraction));
  }

  settle(share: StepBudget): void {
    this.spent += share.spent;
  }
}
