import type { PoolGraph } from '../pool/pool-graph.js';

/**
 * What a search for cycles whose smallest vertex is `root` may look at: larger vertices, and how far they are from the root.
 *
 * Roots are opened in ascending order, so the first arc to a larger vertex is found by moving a pointer on.
 */
export class RootWindow {
  /** Position of each vertex's first arc to a vertex larger than the root. */
  readonly firstOut: Int32Array;
  readonly firstInto: Int32Array;
  /** Arcs from a vertex back to the root, up to the horizon; beyond it, horizon + 1. */
  readonly distance: Uint8Array;
  /** Arcs looked at so far. */
  steps = 0;

  private readonly reached: Int32Array;
  private reachedCount = 0;

  constructor(private readonly graph: PoolGraph, private readonly horizon: number) {
    this.firstOut = graph.out.start.slice(0, graph.count);
    this.firstInto = graph.into.start.slice(0, graph.count);
    this.distance = new Uint8Array(graph.count).fill(horizon + 1);
    this.reached = new Int32Array(graph.count);
  }

  open(root: number): void {
    this.reset();
    this.pass(root);
    this.reached[this.reachedCount++] = root;
    this.distance[root] = 0;
    for (let at = 0; at < this.reachedCount; at += 1) {
      const vertex = this.reached[at]!;
      if (this.distance[vertex]! < this.horizon) this.reachFrom(vertex, this.distance[vertex]! + 1);
    }
  }

  /** Vertices with an arc to the root, and everything else within the horizon, nearest first. The first is the root. */
  within(): Int32Array {
    return this.reached.subarray(0, this.reachedCount);
  }

  private reset(): void {
    for (const vertex of this.within()) this.distance[vertex] = this.horizon + 1;
    this.reachedCount = 0;
  }

  /** Moves every pointer past the root: only the rows of its neighbours hold it. */
  private pass(root: number): void {
    const { out, into } = this.graph;
    this.firstOut[root] = firstAbove(out.head, root, out.start[root]!, out.start[root + 1]!);
    this.firstInto[root] = firstAbove(into.head, root, into.start[root]!, into.start[root + 1]!);
    for (let at = this.firstInto[root]!; at < into.start[root + 1]!; at += 1) this.firstOut[into.head[at]!]! += 1;
    for (let at = this.firstOut[root]!; at < out.start[root + 1]!; at += 1) this.firstInto[out.head[at]!]! += 1;
  }

  private reachFrom(vertex: number, distance: number): void {
    const { start, head } = this.graph.into;
    const end = start[vertex + 1]!;
    this.steps += end - this.firstInto[vertex]!;
    for (let at = this.firstInto[vertex]!; at < end; at += 1) {
      const source = head[at]!;
      if (this.distance[source]! <= this.horizon) continue;
      this.distance[source] = distance;
      this.reached[this.reachedCount++] = source;
    }
  }
}

function firstAbove(head: Int32Array, root: number, start: number, end: number): number {
  let at = start;
  while (at < end && head[at]! <= root) at += 1;
  return at;
}
