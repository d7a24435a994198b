import type { ExchangePool } from '../pool/exchange-pool.js';
import type { VertexPrices } from '../selection/selection.types.js';
import { pricedArcs, type PricedArcs } from './priced-arcs.js';

/** A cycle that is worth more than the prices of its vertices, and by how much, in units of price. */
export interface DearCycle {
  readonly vertices: readonly string[];
  readonly surplus: bigint;
}

/**
 * Every cycle of the pool, up to its cycle cap and with capacity everywhere, that is worth more than its prices; each once.
 *
 * Round a cycle whose parts add up to more than nothing there is a start from which every partial sum is more than
 * nothing. So it is enough to follow, from every vertex, paths that have not yet fallen to zero: with good prices few.
 */
export function dearCycles(pool: ExchangePool, prices: VertexPrices): DearCycle[] {
  const arcs = pricedArcs(pool, prices);
  const search = new DearSearch(arcs, pool.cycleCap);
  for (let vertex = 0; vertex < arcs.vertices.length; vertex += 1) search.from(vertex);
  return [...search.found.values()];
}

class DearSearch {
  readonly found = new Map<string, DearCycle>();
  private readonly path: number[] = [];
  private readonly onPath: Uint8Array;
  /** Arcs back to the start of the path, where no more than half the cycle cap; otherwise one more than that. */
  private readonly wayBack: Uint8Array;
  private readonly near: number[] = [];
  private readonly horizon: number;

  constructor(private readonly arcs: PricedArcs, private readonly cycleCap: number) {
    this.horizon = cycleCap >> 1;
    this.onPath = new Uint8Array(arcs.vertices.length);
    this.wayBack = new Uint8Array(arcs.vertices.length).fill(this.horizon + 1);
  }

  from(start: number): void {
    this.measure(start);
    this.extend(start, 0);
    for (const vertex of this.near) this.wayBack[vertex] = this.horizon + 1;
    this.near.length = 0;
  }

  private measure(start: number): void {
    const { sourceStart, source } = this.arcs;
    this.wayBack[start] = 0;
    this.near.push(start);
    for (const vertex of this.near) {
      const distance = this.wayBack[vertex]! + 1;
      if (distance > this.horizon) return;
      for (let at = sourceStart[vertex]!; at < sourceStart[vertex + 1]!; at += 1) {
        if (this.wayBack[source[at]!]! <= this.horizon) continue;
        this.wayBack[source[at]!] = distance;
        this.near.push(source[at]!);
      }
    }
  }

  private extend(vertex: number, sum: number): void {
    const { targetStart, target, rest } = this.arcs;
    this.path.push(vertex);
    this.onPath[vertex] = 1;
    const room = this.cycleCap - this.path.length;
    for (let at = targetStart[vertex]!; at < targetStart[vertex + 1]!; at += 1) {
      const next = target[at]!;
      if (sum + rest[at]! <= 0) break;
      if (next === this.path[0]) this.keep(sum + rest[at]!);
      else if (this.wayBack[next]! <= room && this.onPath[next] === 0) this.extend(next, sum + rest[at]!);
    }
    this.onPath[vertex] = 0;
    this.path.pop();
  }

  private keep(surplus: number): void {
    const first = this.path.indexOf(Math.min(...this.path));
    const numbers = [...this.path.slice(first), ...this.path.slice(0, first)];
    this.found.set(numbers.join(), { vertices: numbers.map((vertex) => this.arcs.vertices[vertex]!), surplus: BigInt(surplus) });
  }
}
