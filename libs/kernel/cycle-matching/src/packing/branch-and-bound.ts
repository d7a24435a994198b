import type { BasisSnapshot } from '../linear-programme/simplex-basis.js';
import type { StepBudget } from '../pool/step-budget.js';
import { branchesOf, type Branch } from './branching.js';
import { columnsByMerit, greedyPacking } from './greedy.js';
import { betterPacking, type Packing, type PackingProblem } from './packing-problem.js';
import type { ColumnLevel } from './pair-levels.js';
import { Relaxation } from './relaxation.js';

const ADDED_PER_ROUND = 40;
const ADDED_MAX = 400;
const ROWS_TO_TIGHTEN_MAX = 1500;
/** A round of added rows must close this part of the gap, and all of them together that part, to be worth their weight. */
const ROUND_GAIN_MIN = 0.03;
const TOTAL_GAIN_MIN = 0.25;

/** Memory for the bases of open nodes; deeper nodes work theirs out again. */
const SNAPSHOT_NUMBERS_MAX = 12_000_000;

/** A node whose branches are being followed. */
interface OpenNode {
  readonly branches: readonly Branch[];
  readonly basis: BasisSnapshot;
  next: number;
  /** The branch now applied. */
  inForce: Branch | undefined;
  /** False once the relaxation has moved away from the node's own basis. */
  isCurrent: boolean;
}

/**
 * The best packing, by branch and bound on the linear relaxation, tightened with added rows where these help.
 *
 * Depth first. Can be stopped and taken up again, and a better packing found elsewhere can be given to it at any time.
 */
export class PackingSearch {
  best: Packing;
  /** No packing is worth more. */
  bound = Infinity;
  /** Row prices in units of value, from the relaxation as it stands without added rows. */
  prices: Float64Array;
  nodes = 0;
  /** False where the relaxation was too large for the steps given: going on is then no use. */
  isRootSolved = true;
  rootSteps = 0;

  private relaxation: Relaxation;
  private fillOrder: Int32Array = new Int32Array(0);
  private readonly open: OpenNode[] = [];
  private readonly taken: number[] = [];
  private takenValue = 0;
  private stage: 'root' | 'tightening' | 'branching' = 'root';
  private isComplete = true;

  constructor(private readonly problem: PackingProblem, start: Packing, private readonly budget: StepBudget) {
    this.best = start;
    this.relaxation = new Relaxation(problem, 0, budget);
    this.prices = new Float64Array(problem.rowCount);
  }

  /** Nothing better than `best` exists. */
  get isExhausted(): boolean {
    return this.bound <= this.best.value;
  }

  /** True where going on could still find or prove something. */
  get canGoOn(): boolean {
    return this.isRootSolved && !this.isExhausted && (this.stage !== 'branching' || this.open.length > 0);
  }

  /** Goes on for so many steps, or to the end. */
  run(steps: number): void {
    this.budget.within(steps, () => {
      if (this.stage === 'root') this.solveRoot();
      else if (this.stage === 'tightening') this.startBranching();
      while (this.open.length > 0 && this.budget.hasLeft && !this.isExhausted) this.followNext();
      if (this.stage === 'branching' && this.open.length === 0 && this.isComplete) this.bound = Math.min(this.bound, this.best.value);
    });
  }

  /** Takes over a packing found elsewhere. */
  improve(packing: Packing): void {
    this.best = betterPacking(this.best, packing);
  }

  private solveRoot(): void {
    const before = this.budget.spent;
    this.isRootSolved = this.relaxation.optimise(this.best.value);
    this.prices = this.relaxation.prices();
    this.fillOrder = columnsByMerit(this.problem, (column) => this.relaxation.basis.reducedValue(column));
    this.round(this.relaxation.levels());
    this.bound = this.relaxation.fix(this.best.value);
    this.stage = 'tightening';
    this.rootSteps = this.budget.spent - before;
  }

  private startBranching(): void {
    this.relaxation.fix(this.best.value);
    this.bound = this.tightened(this.bound);
    if (this.enter()) this.stage = 'branching';
  }

  /** The bound after adding rows, which are kept only where they help a good deal. */
  private tightened(bound: number): number {
    if (bound <= this.best.value || this.problem.rowCount > ROWS_TO_TIGHTEN_MAX) return bound;
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
    this.improve(greedyPacking(this.problem, [this.taken, likeliest, this.fillOrder], this.budget));
  }

  private followNext(): void {
    const node = this.open[this.open.length - 1]!;
    if (node.inForce !== undefined) this.apply(node.inForce, -1);
    node.inForce = node.branches[node.next];
    if (node.inForce === undefined) {
      this.open.pop();
      return;
    }
    if (!node.isCurrent) this.relaxation.basis.restore(node.basis);
    node.isCurrent = false;
    this.apply(node.inForce, 1);
    if (this.enter()) node.next += 1;
  }

  /** Solves the node that the branches in force describe; opens it where it must be split. False where steps ran out on the way. */
  private enter(): boolean {
    const isSolved = this.relaxation.optimise(this.best.value - this.takenValue);
    const bound = this.takenValue + this.relaxation.bound();
    if (bound <= this.best.value) return true;
    if (!isSolved && !this.budget.hasLeft) return false;
    this.nodes += 1;
    const levels = this.relaxation.levels();
    this.round(levels);
    if (bound <= this.best.value) return true;
    const branches = branchesOf(this.relaxation, levels);
    // Whole levels below the bound mean that the relaxation could not be solved: nothing is proven here.
    if (branches === undefined) this.isComplete = false;
    else this.open.push({ branches, basis: this.snapshot(), next: 0, inForce: undefined, isCurrent: true });
    return true;
  }

  private snapshot(): BasisSnapshot {
    const { basis } = this.relaxation;
    return basis.snapshot((this.open.length + 1) * basis.size * basis.size <= SNAPSHOT_NUMBERS_MAX);
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
