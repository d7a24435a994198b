import type { PoolGraph } from '../pool/pool-graph.js';
import type { StepBudget } from '../pool/step-budget.js';
import { CycleTableBuilder, type CycleTable } from './cycle-table.js';
import { RootWindow } from './root-window.js';

/** What an enumeration may produce and spend. */
export interface EnumerationBounds {
  readonly cycleCap: number;
  readonly cycleCountMax: number;
  readonly budget: StepBudget;
}

export interface Enumeration {
  readonly table: CycleTable;
  /** Every cycle up to this many vertices is in the table. */
  readonly lengthComplete: number;
  readonly stoppedBy?: 'count' | 'steps';
}

/**
 * The cycles of a graph, shortest first, then in lexicographic order of their vertices, each from its smallest vertex.
 *
 * A length that does not fit whole is shared out evenly over the smallest vertices, so that no part of the pool is forgotten.
 */
export function enumerateCycles(graph: PoolGraph, bounds: EnumerationBounds): Enumeration {
  const builder = new CycleTableBuilder();
  for (let length = 2; length <= bounds.cycleCap; length += 1) {
    const stoppedBy = addLength(graph, length, bounds, builder);
    if (stoppedBy !== undefined) return { table: builder.table(), lengthComplete: length - 1, stoppedBy };
  }
  return { table: builder.table(), lengthComplete: bounds.cycleCap };
}

function addLength(graph: PoolGraph, length: number, bounds: EnumerationBounds, builder: CycleTableBuilder): Enumeration['stoppedBy'] {
  const before = builder.size;
  const { budget, cycleCountMax } = bounds;
  if (new LengthSearch(graph, length, budget, builder).run(() => cycleCountMax)) return budget.hasLeft ? undefined : 'steps';
  builder.truncate(before);
  const fairShare = (root: number): number => builder.size + Math.ceil((cycleCountMax - builder.size) / (graph.count - root));
  new LengthSearch(graph, length, budget, builder).run(fairShare);
  return budget.hasLeft ? 'count' : 'steps';
}

/** Finds the cycles of exactly one length. */
class LengthSearch {
  private readonly window: RootWindow;
  private readonly path: Int32Array;
  private readonly arcs: Int32Array;
  private readonly onPath: Uint8Array;
  /** Position in the root's incoming row of the arc from a vertex, or -1. */
  private readonly closing: Int32Array;
  private sizeMax = 0;
  private isWhole = true;

  constructor(
    private readonly graph: PoolGraph, private readonly length: number,
    private readonly budget: StepBudget, private readonly builder: CycleTableBuilder,
  ) {
    this.window = new RootWindow(graph, Math.max(1, length >> 1));
    this.path = new Int32Array(length);
    this.arcs = new Int32Array(length);
    this.onPath = new Uint8Array(graph.count);
    this.closing = new Int32Array(graph.count).fill(-1);
  }

  /** Searches every root, each until the table has the size given for it. False where a cycle did not fit. */
  run(sizeMax: (root: number) => number): boolean {
    for (let root = 0; root < this.graph.count && this.budget.hasLeft; root += 1) {
      this.sizeMax = sizeMax(root);
      this.searchFrom(root);
    }
    return this.isWhole;
  }

  private searchFrom(root: number): void {
    const { start, head } = this.graph.into;
    const before = this.window.steps;
    this.window.open(root);
    this.budget.spent += 1 + this.window.steps - before;
    if (this.window.within().length === 1) return;
    const first = this.window.firstInto[root]!;
    for (let at = first; at < start[root + 1]!; at += 1) this.closing[head[at]!] = at;
    this.path[0] = root;
    this.extend(1, 0);
    for (let at = first; at < start[root + 1]!; at += 1) this.closing[head[at]!] = -1;
  }

  private extend(count: number, score: number): void {
    const { start, head, score: scores, arc } = this.graph.out;
    const vertex = this.path[count - 1]!;
    const end = start[vertex + 1]!;
    const room = this.length - count;
    this.budget.spent += end - this.window.firstOut[vertex]!;
    for (let at = this.window.firstOut[vertex]!; at < end; at += 1) {
      const next = head[at]!;
      if (this.window.distance[next]! > room || this.onPath[next] === 1) continue;
      this.path[count] = next;
      this.arcs[count - 1] = arc[at]!;
      if (room === 1) this.close(score + scores[at]!);
      else this.extendOver(next, count + 1, score + scores[at]!);
    }
  }

  private extendOver(vertex: number, count: number, score: number): void {
    if (!this.budget.hasLeft || this.builder.size > this.sizeMax) return;
    this.onPath[vertex] = 1;
    this.extend(count, score);
    this.onPath[vertex] = 0;
  }

  private close(score: number): void {
    const { score: scores, arc } = this.graph.into;
    const last = this.closing[this.path[this.length - 1]!]!;
    if (this.builder.size >= this.sizeMax) {
      this.isWhole = false;
      return;
    }
    this.arcs[this.length - 1] = arc[last]!;
    this.builder.add(this.path, this.arcs, this.length, score + scores[last]!);
  }
}
