/**
 * A fixed sequence of numbers that look random: variety for a search, the same on every machine and every run.
 *
 * Linear congruential, multiplier from Knuth's MMIX split to stay within 32-bit integers (Numerical Recipes' constants).
 */
export class SeededSequence {
  constructor(private state: number) {}

  /** The next number, from 0 up to but not including 1. */
  next(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }
}
