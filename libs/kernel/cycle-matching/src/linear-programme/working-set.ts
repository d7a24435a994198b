import type { SimplexBasis } from './simplex-basis.js';

/**
 * The columns a simplex method looks at between two looks at all of them, with their reduced values and devex weights.
 *
 * Slacks are always part of it. Source of the weights: Forrest and Goldfarb 1992.
 */
export class WorkingSet {
  readonly variables: Int32Array;
  readonly gain: Float64Array;
  private readonly weight: Float64Array;
  private readonly entry: Float64Array;

  constructor(private readonly basis: SimplexBasis, columns: Int32Array) {
    this.variables = new Int32Array(basis.size + columns.length);
    for (let row = 0; row < basis.size; row += 1) this.variables[row] = -1 - row;
    this.variables.set(columns, basis.size);
    this.gain = new Float64Array(this.variables.length);
    this.entry = new Float64Array(this.variables.length);
    this.weight = new Float64Array(this.variables.length).fill(1);
    this.reprice();
  }

  /** Calculates every reduced value from the prices. */
  reprice(): void {
    const { basis, variables } = this;
    for (let at = 0; at < variables.length; at += 1) this.gain[at] = basis.reducedValue(variables[at]!);
    basis.budget.spent += 4 * variables.length;
  }

  /** Position of the variable that promises most, or -1 where none gains more than `gainMin`. */
  best(gainMin: number): number {
    const { basis, variables, gain, weight } = this;
    let best = -1;
    let most = 0;
    for (let at = 0; at < variables.length; at += 1) {
      if (gain[at]! <= gainMin) continue;
      const promise = (gain[at]! * gain[at]!) / weight[at]!;
      if (promise <= most || basis.isBasic(variables[at]!) || basis.isForbidden(variables[at]!)) continue;
      most = promise;
      best = at;
    }
    basis.budget.spent += variables.length;
    return best;
  }

  /** Keeps reduced values and weights current while the variable at `entering` replaces basis row `pivot`; call before the pivot. */
  follow(entering: number, pivot: number): void {
    const { basis, variables, gain, weight, entry } = this;
    const leaving = basis.basic[pivot]!;
    basis.inverse.readRow(pivot, basis.scratch);
    const pivotEntry = basis.inverse.image[pivot]!;
    const price = gain[entering]! / pivotEntry;
    const reference = weight[entering]! / (pivotEntry * pivotEntry);
    for (let at = 0; at < variables.length; at += 1) {
      entry[at] = basis.rows.against(variables[at]!, basis.scratch);
      if (entry[at] === 0) continue;
      gain[at]! -= price * entry[at]!;
      weight[at] = Math.max(weight[at]!, reference * entry[at]! * entry[at]!);
      if (variables[at] === leaving) weight[at] = Math.max(reference, 1);
    }
    gain[entering] = 0;
    basis.budget.spent += 5 * variables.length;
  }
}
