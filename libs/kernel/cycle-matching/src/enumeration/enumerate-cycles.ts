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
    const stoppedBy = new LengthSearch(graph, length, bounds, builder).run();
    if (stoppedBy !== undefined) return { table: builder.table(), lengthComplete: length - 1, stoppedBy };
  }
  return { table: builder.table(), lengthComplete: bounds.cycleCap };
}

/** Finds the cycles of exactly one length. */
class LengthSearch {
  private readonly window: RootWindow;
  private readonly path: Int32Array;
  private readonly arcs: Int32Array;
  private readonly onPath: Uint8Array;
  private readonly closing: Int32Array;
  private rootEnd = 0;
  private didOverflow = false;

  constructor(
    private readonly graph: PoolGraph, private readonly length: number,
    private readonly bounds: EnumerationBounds, private readonly builder: CycleTableBuilder,
  ) {
    this.window = new RootWindow(graph, Math.max(1, length >> 1));
    this.path = new Int32Array(length);
    this.arcs = new Int32Array(length);
    this.onPath = new Uint8Array(graph.count);
    this.closing = new Int32Array(graph.count).fill(-1);
  }

  run(): 'count' | 'steps' | undefined {
    const { budget, cycleCountMax } = this.bounds;
    for (let root = 0; root < this.graph.count; root += 1) {
      if (!budget.hasLeft) return 'steps';
      this.rootEnd = this.builder.size + Math.ceil((cycleCountMax - this.builder.size) / (this.graph.count - root));
      this.searchFrom(root);
    }
    return this.didOverflow ? 'count' : undefined;
  }
}
