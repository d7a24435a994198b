import type { StepBudget } from '../pool/step-budget.js';
import { branchesOf, type Branch } from './branching.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';
import { Relaxation } from './relaxation.js';
import type { ColumnLevel } from './pair-levels.js';

const ADDED_PER_ROUND = 40;
const TIGHTENING_ROUNDS_MAX = 25;

/** What a search found out. `exhausted`: nothing better than `best` exists. */
export interface SearchOutcome {
  readonly best: Packing;
  readonly bound: number;
  readonly exhausted: boolean;
  /** Row prices in units of value, from the relaxation without added rows. */
  readonly prices: Float64Array;
  readonly nodes: number;
}

/**
 * The best packing, by branch and bound on the linear relaxation tightened with subset rows.
 *
 * Stops when the steps are spent, with the best packing met and a bound that holds all the same.
 */
export function searchPacking(problem: PackingProblem, start: Packing, budget: StepBudget): SearchOutcome {
  return new PackingSearch(problem, start, budget).run();
}

class PackingSearch {
  private readonly relaxation: Relaxation;
  private readonly taken: number[] = [];
  private fillOrder: Int32Array = new Int32Array(0);
  private takenValue = 0;
  private nodes = 0;
  private isComplete = true;

  constructor(private readonly problem: PackingProblem, private best: Packing, private readonly budget: StepBudget) {
    this.relaxation = new Relaxation(problem, Math.min(400, 3 * problem.rowCount), budget);
  }

  run(): SearchOutcome {
    this.relaxation.optimise();
    const prices = this.relaxation.prices();
    this.fillOrder = columnsByMerit(this.problem, (column) => this.relaxation.basis.reducedValue(column));
    this.round(this.relaxation.levels());
    const bound = this.tighten();
    if (bound > this.best.value) this.explore();
    const exhausted = bound <= this.best.value || this.isComplete;
    return { best: this.best, bound: exhausted ? this.best.value : bound, exhausted, prices, nodes: this.nodes };
  }

  /** Adds subset rows while there are any that lower the bound. */
  private tighten(): number {
    let bound = this.relaxation.fix(this.best.value);
    for (let round = 0; round < TIGHTENING_ROUNDS_MAX && bound > this.best.value && this.budget.hasLeft; round += 1) {
      if (!this.relaxation.tighten(ADDED_PER_ROUND)) break;
      this.relaxation.optimise();
      this.round(this.relaxation.levels());
      bound = Math.min(bound, this.relaxation.fix(this.best.value));
    }
    return bound;
  }

  /** Tries for a better packing near a fractional solution. */
  private round(levels: readonly ColumnLevel[]): void {
    const likeliest = [...levels].sort((left, right) => right.level - left.level || left.column - right.column).map(({ column }) => column);
    this.best = betterPacking(this.best, greedyPacking(this.problem, [this.taken, likeliest, this.fillOrder], this.budget));
  }

  private explore(): void {
    if (!this.budget.hasLeft) {
      this.isComplete = false;
      return;
    }
    this.nodes += 1;
    this.relaxation.optimise();
    const bound = this.takenValue + this.relaxation.bound();
    if (bound <= this.best.value) return;
    const levels = this.relaxation.levels();
    this.round(levels);
    if (bound <= this.best.value) return;
    const branches = branchesOf(this.relaxation, levels);
    // Whole levels below the bound mean that the relaxation could not be solved: nothing is proven here.
    if (branches === undefined) this.isComplete = false;
    else for (const branch of branches) this.follow(branch);
  }

  private follow(branch: Branch): void {
    this.apply(branch, 1);
    this.explore();
    this.apply(branch, -1);
  }

  private apply({ forbidden, taken }: Branch, change: 1 | -1): void {
    this.relaxation.forbid(forbidden, change);
    if (taken === undefined) return;
    this.relaxation.reserve(taken, change);
    this.takenValue += change * this.problem.value[taken]!;
    if (change === 1) this.taken.push(taken);
    else this.taken.pop();
  }
}
