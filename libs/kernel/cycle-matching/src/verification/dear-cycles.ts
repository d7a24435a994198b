import { invariant } from '@kula/kernel-primitives';
import type { ExchangePool } from '../pool/exchange-pool.js';
import type { VertexPrices } from '../selection/selection.types.js';

/** A cycle that is worth more than the prices of its vertices, and by how much, in units of price. */
export interface DearCycle {
  readonly vertices: readonly string[];
  readonly surplus: bigint;
}

/** An arc by what following it leaves: its value less the price of the vertex it leads to. */
interface PricedArc {
  readonly to: string;
  readonly rest: number;
}

/**
 * Every cycle of the pool, up to its cycle cap and with capacity everywhere, that is worth more than its prices; each once.
 *
 * Round a cycle whose parts add up to more than nothing there is a start from which every partial sum is more than
 * nothing. So it is enough to follow, from every vertex, paths that have not yet fallen to zero: with good prices few.
 */
export function surplusOfDearCycles(pool: ExchangePool, prices: VertexPrices): DearCycle[] {
  const search = new DearSearch(pricedArcs(pool, prices), pool.cycleCap);
  for (const vertex of pool.vertices) search.from(vertex);
  return [...search.found.values()];
}

/** Best arc between any two vertices, dearest first. */
function pricedArcs(pool: ExchangePool, { scale, prices }: VertexPrices): Map<string, PricedArc[]> {
  const { served, score: weight } = pool.objective ?? { served: 0, score: 1 };
  const price = new Map(prices.map(({ vertex, price: value }) => [vertex, value]));
  const closed = new Set(pool.capacities?.filter(({ units }) => units === 0).map(({ vertex }) => vertex));
  const rests = new Map<string, Map<string, number>>(pool.vertices.map((vertex) => [vertex, new Map()]));
  for (const { from, to, score } of pool.arcs) {
    const value = (served + weight * score) * scale;
    invariant(value <= Number.MAX_SAFE_INTEGER / 16, 'scaled values can be added exactly');
    if (from === to || closed.has(from) || closed.has(to)) continue;
    const rest = value - (price.get(to) ?? 0);
    rests.get(from)!.set(to, Math.max(rest, rests.get(from)!.get(to) ?? -Infinity));
  }
  return new Map([...rests].map(([from, row]) =>
    [from, [...row].map(([to, rest]) => ({ to, rest })).sort((left, right) => right.rest - left.rest)]));
}

class DearSearch {
  readonly found = new Map<string, DearCycle>();
  private readonly path: string[] = [];

  constructor(private readonly arcs: ReadonlyMap<string, readonly PricedArc[]>, private readonly cycleCap: number) {}

  from(vertex: string): void {
    this.extend(vertex, 0);
  }

  private extend(vertex: string, sum: number): void {
    this.path.push(vertex);
    for (const { to, rest } of this.arcs.get(vertex)!) {
      if (sum + rest <= 0) break;
      if (to === this.path[0]) this.keep(sum + rest);
      else if (this.path.length < this.cycleCap && !this.path.includes(to)) this.extend(to, sum + rest);
    }
    this.path.pop();
  }

  private keep(surplus: number): void {
    const first = this.path.reduce((least, vertex, at) => (vertex < this.path[least]! ? at : least), 0);
    const vertices = [...this.path.slice(first), ...this.path.slice(0, first)];
    this.found.set(JSON.stringify(vertices), { vertices, surplus: BigInt(surplus) });
  }
}
