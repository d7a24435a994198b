import { byCodeUnit } from '@kula/kernel-primitives';
import { canonicalVertices, checkPool, type ExchangePool, type PoolArc } from './exchange-pool.js';
import { strongComponents, type ArcRows } from './strong-components.js';

/**
 * The arcs of a pool that can lie on a cycle, one per ordered pair of vertices, in typed rows.
 *
 * Vertices are numbered in a stated order; rows are sorted by the neighbour's number.
 * `arc` holds the position of the arc in `pool.arcs`; `reverse` the score of the arc back, or -1.
 */
export interface PoolGraph {
  readonly count: number;
  readonly out: GraphRows;
  readonly into: GraphRows;
  readonly reverse: Float64Array;
}

/** One direction of a graph: neighbours, scores and arcs of vertex v at the positions start[v] to start[v + 1]. */
export interface GraphRows extends ArcRows {
  readonly score: Float64Array;
  readonly arc: Int32Array;
}

interface ArcList {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly score: Float64Array;
  readonly arc: Int32Array;
}

/** The graph of a pool with vertices numbered in canonical order. @throws InvariantError on a pool that breaks its rules. */
export function poolGraph(pool: ExchangePool): PoolGraph {
  checkPool(pool);
  const number = new Map(canonicalVertices(pool).map((id, position) => [id, position]));
  const arcs = bestVariants(pool, number);
  return graphOf(number.size, withinComponents(number.size, arcs));
}

/** The same graph with vertex v renamed to position[v]. */
export function renumbered(graph: PoolGraph, position: Int32Array): PoolGraph {
  const { start, head, score, arc } = graph.out;
  const from = new Int32Array(head.length);
  for (let vertex = 0; vertex < graph.count; vertex += 1) from.fill(position[vertex]!, start[vertex], start[vertex + 1]);
  return graphOf(graph.count, { from, to: head.map((vertex) => position[vertex]!), score, arc });
}

/** Highest score wins among parallel arcs, then the smaller id. Arcs from a vertex to itself lie on no cycle and are left out. */
function bestVariants(pool: ExchangePool, number: ReadonlyMap<string, number>): ArcList {
  const all = { from: new Int32Array(pool.arcs.length), to: new Int32Array(pool.arcs.length) };
  pool.arcs.forEach(({ from, to }, at) => {
    all.from[at] = number.get(from)!;
    all.to[at] = number.get(to)!;
  });
  const kept: number[] = [];
  for (const at of orderOf(number.size, all.from, all.to).order) {
    const last = kept.at(-1);
    if (all.from[at] === all.to[at]) continue;
    if (last === undefined || all.from[last] !== all.from[at] || all.to[last] !== all.to[at]) kept.push(at);
    else if (outranks(pool.arcs[at]!, pool.arcs[last]!)) kept[kept.length - 1] = at;
  }
  const arc = Int32Array.from(kept);
  return {
    from: arc.map((at) => all.from[at]!),
    to: arc.map((at) => all.to[at]!),
    score: Float64Array.from(kept.map((at) => pool.arcs[at]!.score)),
    arc,
  };
}

const outranks = (left: PoolArc, right: PoolArc): boolean =>
  left.score > right.score || (left.score === right.score && byCodeUnit(left.id, right.id) < 0);

function withinComponents(count: number, arcs: ArcList): ArcList {
  const component = strongComponents(rowsOf(count, arcs.from, arcs.to, arcs));
  const kept = upTo(arcs.from.length).filter((at) => component[arcs.from[at]!] === component[arcs.to[at]!]);
  return {
    from: kept.map((at) => arcs.from[at]!),
    to: kept.map((at) => arcs.to[at]!),
    score: pickedScores(arcs.score, kept),
    arc: kept.map((at) => arcs.arc[at]!),
  };
}

function graphOf(count: number, arcs: ArcList): PoolGraph {
  const out = rowsOf(count, arcs.from, arcs.to, arcs);
  const into = rowsOf(count, arcs.to, arcs.from, arcs);
  return { count, out, into, reverse: reverseScores(out, into) };
}

/** Rows by tail, each sorted by head. */
function rowsOf(count: number, tail: Int32Array, head: Int32Array, arcs: ArcList): GraphRows {
  const { start, order } = orderOf(count, tail, head);
  return {
    start,
    head: order.map((at) => head[at]!),
    score: pickedScores(arcs.score, order),
    arc: order.map((at) => arcs.arc[at]!),
  };
}

const upTo = (count: number): Int32Array => new Int32Array(count).map((_, position) => position);

function pickedScores(scores: Float64Array, positions: Int32Array): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let at = 0; at < positions.length; at += 1) picked[at] = scores[positions[at]!]!;
  return picked;
}

/** Positions by tail, then by head: two counting sorts. */
function orderOf(count: number, tail: Int32Array, head: Int32Array): { start: Int32Array; order: Int32Array } {
  const byHead = countingSort(count, head, upTo(head.length));
  return countingSort(count, tail, byHead.order);
}

function countingSort(count: number, key: Int32Array, items: Int32Array): { start: Int32Array; order: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const value of key) start[value + 1]! += 1;
  for (let value = 0; value < count; value += 1) start[value + 1]! += start[value]!;
  const next = start.slice();
  const order = new Int32Array(items.length);
  for (const item of items) order[next[key[item]!]!++] = item;
  return { start, order };
}

/** Both rows of a vertex are sorted by neighbour, so one merge per vertex finds every arc's way back. */
function reverseScores(out: GraphRows, into: GraphRows): Float64Array {
  const reverse = new Float64Array(out.head.length).fill(-1);
  for (let vertex = 0; vertex + 1 < out.start.length; vertex += 1) {
    let back = into.start[vertex]!;
    const end = into.start[vertex + 1]!;
    for (let at = out.start[vertex]!; at < out.start[vertex + 1]!; at += 1) {
      while (back < end && into.head[back]! < out.head[at]!) back += 1;
      if (back < end && into.head[back] === out.head[at]) reverse[at] = into.score[back]!;
    }
  }
  return reverse;
}
