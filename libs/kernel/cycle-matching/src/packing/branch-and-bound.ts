import type { StepBudget } from '../pool/step-budget.js';
import { branchesOf, type Branch } from './branching.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';
import { Relaxation } from './relaxation.js';
import type { ColumnLevel } from './pair-levels.js';

const ADDED_PER_ROUND = 40;
const ADDED_MAX = 400;
/** A round of added rows must close this part of the gap, and all of them together that part, to be worth their weight. */
const ROUND_GAIN_MIN = 0.03;
const TOTAL_GAIN_MIN = 0.25;

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
  private relaxation: Relaxation;
  private readonly taken: number[] = [];
  private fillOrder: Int32Array = new Int32Array(0);
  private takenValue = 0;
  private nodes = 0;
  private isComplete = true;

  constructor(private readonly problem: PackingProblem, private best: Packing, private readonly budget: StepBudget) {
    this.relaxation = new Relaxation(problem, 0, budget);
  }

  run(): SearchOutcome {
    this.relaxation.optimise(this.best.value);
    const prices = this.relaxation.prices();
    this.fillOrder = columnsByMerit(this.problem, (column) => this.relaxation.basis.reducedValue(column));
    this.round(this.relaxation.levels());
    const bound = this.tightened(this.relaxation.fix(this.best.value));
    if (bound > this.best.value) this.explore();
    const exhausted = bound <= this.best.value || this.isComplete;
    return { best: this.best, bound: exhausted ? this.best.value : bound, exhausted, prices, nodes: this.nodes };
  }

  /** The bound after adding rows, which are kept only where they help a good deal. */
  private tightened(bound: number): number {
    if (bound <= this.best.value) return bound;
    const tight = this.relaxation.withRoom(ADDED_MAX);
    let least = bound;
    for (let gain = 1; gain >= ROUND_GAIN_MIN * (least - this.best.value) && least > this.best.value && this.budget.hasLeft;) {
      if (!tight.tighten(ADDED_PER_ROUND)) break;
      tight.optimise(this.best.value);
      this.round(tight.levels());
      const next = Math.min(least, tight.fix(this.best.value));
      gain = least - next;
      least = next;
    }
    if (bound - least >= TOTAL_GAIN_MIN * (bound - this.best.value)) this.relaxation = tight;
    return least;
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
    this.relaxation.optimise(this.best.value - this.takenValue);
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
