import type { StepBudget } from '../pool/step-budget.js';

/** Entries smaller than this are taken for rounding. */
const ZERO = 1e-11;

/**
 * Dense inverse of a simplex basis, stored column by column. Starts as the identity: all slacks.
 *
 * Made for bases of up to a few thousand rows whose columns have a handful of ones each.
 */
export class BasisInverse {
  size: number;
  /** The last column brought in through `transform`, and where it is not zero. */
  readonly image: Float64Array;
  readonly imageAt: Int32Array;
  imageCount = 0;

  private readonly entries: Float64Array;

  constructor(size: number, private readonly sizeMax: number, private readonly budget: StepBudget) {
    this.size = size;
    this.image = new Float64Array(sizeMax);
    this.imageAt = new Int32Array(sizeMax);
    this.entries = new Float64Array(sizeMax * sizeMax);
    this.reset();
  }

  reset(): void {
    this.entries.fill(0);
    for (let index = 0; index < this.size; index += 1) this.entries[index * this.sizeMax + index] = 1;
  }

  /** A copy of the entries, `size` squared numbers. */
  entriesNow(): Float64Array {
    const copy = new Float64Array(this.size * this.size);
    for (let column = 0; column < this.size; column += 1) {
      copy.set(this.entries.subarray(column * this.sizeMax, column * this.sizeMax + this.size), column * this.size);
    }
    this.budget.spent += copy.length;
    return copy;
  }

  restore(copy: Float64Array): void {
    for (let column = 0; column < this.size; column += 1) {
      this.entries.set(copy.subarray(column * this.size, (column + 1) * this.size), column * this.sizeMax);
    }
    this.budget.spent += copy.length;
  }

  /** One row and column more, for a constraint that is `coefficient[i]` on the variable of basis row i and has its own slack. */
  grow(coefficient: Float64Array): void {
    const fresh = this.size;
    for (let column = 0; column < fresh; column += 1) {
      const from = column * this.sizeMax;
      let sum = 0;
      for (let row = 0; row < fresh; row += 1) sum -= coefficient[row]! * this.entries[from + row]!;
      this.entries[from + fresh] = Math.abs(sum) < ZERO ? 0 : sum;
    }
    this.size += 1;
    this.entries.fill(0, fresh * this.sizeMax, fresh * this.sizeMax + this.size);
    this.entries[fresh * this.sizeMax + fresh] = 1;
    this.budget.spent += fresh * fresh;
  }

  /** Inverse times a column of `count` entries: kept in `image`. */
  transform(rows: Int32Array, weights: Int32Array, count: number): void {
    this.image.fill(0, 0, this.size);
    for (let at = 0; at < count; at += 1) {
      const from = rows[at]! * this.sizeMax;
      const weight = weights[at]!;
      for (let row = 0; row < this.size; row += 1) this.image[row]! += weight * this.entries[from + row]!;
    }
    this.imageCount = 0;
    for (let row = 0; row < this.size; row += 1) if (Math.abs(this.image[row]!) > ZERO) this.imageAt[this.imageCount++] = row;
    this.budget.spent += this.size * (count + 2);
  }

  /** Row `row` of the inverse. */
  readRow(row: number, into: Float64Array): void {
    for (let column = 0; column < this.size; column += 1) into[column] = this.entries[column * this.sizeMax + row]!;
    this.budget.spent += this.size;
  }

  /** Makes `image` the column of basis row `pivot`. */
  replace(pivot: number): void {
    const { entries, image, size } = this;
    const scale = 1 / image[pivot]!;
    const isDense = this.imageCount * 2 > size;
    let touched = 0;
    for (let column = 0; column < size; column += 1) {
      const from = column * this.sizeMax;
      const factor = entries[from + pivot]! * scale;
      if (Math.abs(factor) < ZERO) {
        entries[from + pivot] = 0;
        continue;
      }
      touched += 1;
      if (isDense) for (let row = 0; row < size; row += 1) entries[from + row]! -= image[row]! * factor;
      else this.subtractImage(from, factor);
      entries[from + pivot] = factor;
    }
    this.budget.spent += size + touched * this.imageCount;
  }

  private subtractImage(from: number, factor: number): void {
    const { entries, image, imageAt } = this;
    for (let at = 0; at < this.imageCount; at += 1) {
      const row = imageAt[at]!;
      entries[from + row]! -= image[row]! * factor;
    }
  }

  /** Inverse times a vector. */
  times(vector: Float64Array, into: Float64Array): void {
    into.fill(0, 0, this.size);
    for (let column = 0; column < this.size; column += 1) {
      const factor = vector[column]!;
      if (factor === 0) continue;
      const from = column * this.sizeMax;
      for (let row = 0; row < this.size; row += 1) into[row]! += this.entries[from + row]! * factor;
    }
    this.budget.spent += this.size * this.size;
  }

  /** A row vector times the inverse. */
  timesLeft(vector: Float64Array, into: Float64Array): void {
    for (let column = 0; column < this.size; column += 1) {
      const from = column * this.sizeMax;
      let sum = 0;
      for (let row = 0; row < this.size; row += 1) sum += vector[row]! * this.entries[from + row]!;
      into[column] = sum;
    }
    this.budget.spent += this.size * this.size;
  }
}
