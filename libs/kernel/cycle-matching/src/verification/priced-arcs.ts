import { invariant } from '@kula/kernel-primitives';
import type { ExchangePool, PoolArc } from '../pool/exchange-pool.js';
import type { VertexPrices } from '../selection/selection.types.js';

/**
 * The arcs that can lie on a cycle, the best of every pair, each with its rest: its value less the price of its target.
 *
 * Targets of vertex v at the positions targetStart[v] to targetStart[v + 1], greatest rest first; sources likewise.
 */
export interface PricedArcs {
  readonly vertices: readonly string[];
  readonly targetStart: Int32Array;
  readonly target: Int32Array;
  readonly rest: Float64Array;
  readonly sourceStart: Int32Array;
  readonly source: Int32Array;
}

interface NumberedArc {
  readonly from: number;
  readonly to: number;
  readonly rest: number;
}

/** @throws InvariantError where values so scaled could not be added exactly. */
export function pricedArcs(pool: ExchangePool, prices: VertexPrices): PricedArcs {
  const vertices = [...pool.vertices];
  const arcs = withWayBack(vertices.length, numberedArcs(pool, prices, vertices));
  arcs.sort((left, right) => left.from - right.from || right.rest - left.rest);
  const byTarget = [...arcs].sort((left, right) => left.to - right.to);
  return {
    vertices,
    targetStart: starts(vertices.length, arcs.map(({ from }) => from)),
    target: Int32Array.from(arcs, ({ to }) => to),
    rest: Float64Array.from(arcs, ({ rest }) => rest),
    sourceStart: starts(vertices.length, byTarget.map(({ to }) => to)),
    source: Int32Array.from(byTarget, ({ from }) => from),
  };
}

function numberedArcs(pool: ExchangePool, { scale, prices }: VertexPrices, vertices: readonly string[]): NumberedArc[] {
  const { served, score: weight } = pool.objective ?? { served: 0, score: 1 };
  const number = new Map(vertices.map((vertex, position) => [vertex, position]));
  const price = new Map(prices.map(({ vertex, price: value }) => [vertex, value]));
  const closed = new Set(pool.capacities?.filter(({ units }) => units === 0).map(({ vertex }) => vertex));
  const best = new Map<number, NumberedArc>();
  const take = ({ from, to, score }: PoolArc): void => {
    const value = (served + weight * score) * scale;
    invariant(value <= Number.MAX_SAFE_INTEGER / 16, 'scaled values can be added exactly');
    if (from === to || closed.has(from) || closed.has(to)) return;
    const arc = { from: number.get(from)!, to: number.get(to)!, rest: value - (price.get(to) ?? 0) };
    const pair = arc.from * vertices.length + arc.to;
    if (arc.rest > (best.get(pair)?.rest ?? -Infinity)) best.set(pair, arc);
  };
  pool.arcs.forEach(take);
  return [...best.values()];
}

/**
 * The arcs whose ends can reach each other.
 *
 * Two sweeps over the graph, the second backwards in the order in which the first was done (Kosaraju and Sharir 1981).
 */
function withWayBack(count: number, arcs: readonly NumberedArc[]): NumberedArc[] {
  const forward: number[][] = Array.from({ length: count }, () => []);
  const backward: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of arcs) {
    forward[from]!.push(to);
    backward[to]!.push(from);
  }
  const done: number[] = [];
  const everybody = forward.map((_, vertex) => vertex);
  sweep(forward, everybody, (vertex) => done.push(vertex));
  const group = new Int32Array(count);
  let root = -1;
  sweep(backward, done.reverse(), (vertex) => { group[vertex] = root; }, (vertex) => { root = vertex; });
  return arcs.filter(({ from, to }) => group[from] === group[to]);
}

/** Depth-first over everything reachable, root by root; `leave` is called as each vertex is finished. */
function sweep(
  neighbours: readonly (readonly number[])[], roots: readonly number[],
  leave: (vertex: number) => void, start: (root: number) => void = () => {},
): void {
  const next = new Int32Array(neighbours.length);
  const seen = new Uint8Array(neighbours.length);
  for (const root of roots) {
    if (seen[root] === 1) continue;
    start(root);
    seen[root] = 1;
    for (const path = [root]; path.length > 0;) {
      const vertex = path[path.length - 1]!;
      const other = neighbours[vertex]![next[vertex]!++];
      if (other === undefined) leave(path.pop()!);
      else if (seen[other] === 0) {
        seen[other] = 1;
        path.push(other);
      }
    }
  }
}

function starts(count: number, keys: readonly number[]): Int32Array {
  const start = new Int32Array(count + 1);
  for (const key of keys) start[key + 1]! += 1;
  for (let vertex = 0; vertex < count; vertex += 1) start[vertex + 1]! += start[vertex]!;
  return start;
}
