import type { PoolGraph } from '../pool/pool-graph.js';
import type { StepBudget } from '../pool/step-budget.js';
import { verticesOf, type ValuedCycles } from './valued-cycles.js';

/** Prices and values are compared exactly up to this. */
const SCALED_VALUE_MAX = 2 ** 44;

/** The finest power of two by which values up to `valueMax` can be scaled and still be summed over a cycle exactly. */
export function poolPriceScale(valueMax: number): number {
  let scale = 1;
  while (scale < 2 ** 30 && valueMax * scale * 2 <= SCALED_VALUE_MAX) scale *= 2;
  return scale;
}

/** What a cycle is worth beyond the prices of its vertices, in units of price. */
export function cycleSurplus({ table, value }: ValuedCycles, price: Float64Array, scale: number, cycle: number): number {
  let rest = value[cycle]! * scale;
  for (const vertex of verticesOf(table, cycle)) rest -= price[vertex]!;
  return rest;
}

/**
 * Raises prices until no usable cycle with a vertex of capacity 1 is worth more than its prices.
 *
 * That costs no more than the surplus it removes, and the vertex raised is the one that most cycles share.
 * Cycles whose every vertex has more capacity may keep a surplus.
 */
export function coverCycles(cycles: ValuedCycles, price: Float64Array, scale: number): void {
  const { table, usable, capacity } = cycles;
  const uses = new Int32Array(capacity.length);
  for (const cycle of usable) for (const vertex of verticesOf(table, cycle)) uses[vertex]! += 1;
  for (const cycle of usable) {
    const surplus = cycleSurplus(cycles, price, scale, cycle);
    if (surplus <= 0) continue;
    let shared = -1;
    for (const vertex of verticesOf(table, cycle)) {
      if (capacity[vertex] === 1 && (shared < 0 || uses[vertex]! > uses[shared]!)) shared = vertex;
    }
    if (shared >= 0) price[shared]! += surplus;
  }
}

/** What a search for dearer cycles needs to know about the pool. */
export interface PoolToCover {
  readonly graph: PoolGraph;
  readonly capacity: Int32Array;
  readonly cycleCap: number;
  /** Value of each arc, in units of price, in the order of the graph's outgoing rows. */
  readonly arcValue: Float64Array;
}

/**
 * Raises prices until no cycle of the pool, listed or not, is worth more than its prices.
 *
 * Every cycle worth more has a start from which each part of it is worth more than the prices so far, so only such
 * paths are followed. Where the steps do not suffice, every vertex is given at least the price of its best incoming arc,
 * which no cycle can be worth more than.
 * Source: Abraham, Blum and Sandholm 2007, pricing; the cycle lemma.
 */
export function coverPool(pool: PoolToCover, price: Float64Array, budget: StepBudget): void {
  const search = new DearCycles(pool, price, budget);
  for (let root = 0; root < pool.graph.count && budget.hasLeft; root += 1) while (search.raiseFrom(root));
  if (budget.hasLeft) return;
  const { out } = pool.graph;
  out.head.forEach((vertex, at) => { price[vertex] = Math.max(price[vertex]!, pool.arcValue[at]!); });
}

class DearCycles {
  private readonly path: Int32Array;
  private readonly onPath: Uint8Array;
  private count = 0;

  constructor(private readonly pool: PoolToCover, private readonly price: Float64Array, private readonly budget: StepBudget) {
    this.path = new Int32Array(pool.cycleCap);
    this.onPath = new Uint8Array(pool.graph.count);
  }

  /** Finds one cycle from a root that is worth more than its prices, and raises one price. False where there is none. */
  raiseFrom(root: number): boolean {
    if (this.pool.capacity[root]! < 1) return false;
    this.count = 0;
    return this.extend(root, 0);
  }

  private extend(vertex: number, rest: number): boolean {
    this.path[this.count++] = vertex;
    this.onPath[vertex] = 1;
    const isRaised = this.extendOver(vertex, rest);
    this.onPath[vertex] = 0;
    this.count -= 1;
    return isRaised;
  }

  private extendOver(vertex: number, rest: number): boolean {
    const { graph: { out }, arcValue, capacity, cycleCap } = this.pool;
    this.budget.spent += 1 + out.start[vertex + 1]! - out.start[vertex]!;
    for (let at = out.start[vertex]!; at < out.start[vertex + 1]! && this.budget.hasLeft; at += 1) {
      const next = out.head[at]!;
      const left = rest + arcValue[at]! - this.price[next]!;
      if (left <= 0 || capacity[next]! < 1) continue;
      if (next === this.path[0]) {
        this.raise(left);
        return true;
      }
      if (this.onPath[next] === 0 && this.count < cycleCap && this.extend(next, left)) return true;
    }
    return false;
  }

  private raise(by: number): void {
    const { capacity } = this.pool;
    let cheapest = this.path[0]!;
    for (let at = 1; at < this.count; at += 1) if (capacity[this.path[at]!]! < capacity[cheapest]!) cheapest = this.path[at]!;
    this.price[cheapest]! += by;
  }
}
