import { solvePacking } from '../packing/solve-packing.js';
import type { StepBudget } from '../pool/step-budget.js';
import { packingParts, type PackingPart } from './packing-parts.js';
import type { ValuedCycles } from './valued-cycles.js';

/** What was found in one part. */
export interface SolvedPart {
  /** A vertex of the part: says which component it belongs to. */
  readonly vertex: number;
  readonly isExhausted: boolean;
  readonly steps: number;
}

/** A feasible choice of cycles with vertex prices in units of value. */
export interface SolvedCycles {
  /** Ascending. */
  readonly chosen: readonly number[];
  readonly price: Float64Array;
  readonly parts: readonly SolvedPart[];
}

/** Solves part after part, the smallest first; each may spend of the steps left what its size is of the sizes left. */
export function solveParts(cycles: ValuedCycles, budget: StepBudget): SolvedCycles {
  const { parts, free } = packingParts(cycles);
  const queue = [...parts].sort((left, right) => sizeOf(left) - sizeOf(right) || left.vertexOf[0]! - right.vertexOf[0]!);
  const price = new Float64Array(cycles.capacity.length);
  const chosen = [...free];
  const solved: SolvedPart[] = [];
  let sizeLeft = queue.reduce((sum, part) => sum + sizeOf(part), 0);
  for (const part of queue) {
    const before = budget.spent;
    const solution = budget.within((budget.left * sizeOf(part)) / sizeLeft, () => solvePacking(part.problem, budget));
    part.vertexOf.forEach((vertex, row) => { if (vertex >= 0) price[vertex] = solution.prices[row]! * part.valueUnit; });
    for (const column of solution.best.chosen) chosen.push(part.cycleOf[column]!);
    solved.push({ vertex: part.vertexOf[0]!, isExhausted: solution.isExhausted, steps: budget.spent - before });
    sizeLeft -= sizeOf(part);
  }
  return { chosen: chosen.sort((left, right) => left - right), price, parts: solved };
}

const sizeOf = ({ problem }: PackingPart): number => problem.row.length;
