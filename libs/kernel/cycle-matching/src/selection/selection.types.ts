import type { PoolCycle } from '../enumeration/find-cycles.js';

/**
 * Why a part of the pool cannot do better.
 *
 * `prices`: the published vertex prices show the bound, to anybody. `exhausted`: the search went through every
 * alternative in so many steps; to check that is to search again.
 */
export type ComponentProof =
  | { readonly kind: 'prices' }
  | { readonly kind: 'exhausted'; readonly steps: number };

/** Vertices joined by cycles, and what was achieved among them. */
export interface SelectionComponent {
  /** Ascending. */
  readonly vertices: readonly string[];
  readonly objective: bigint;
  readonly bound: bigint;
  readonly proof: ComponentProof;
}

export interface VertexPrice {
  readonly vertex: string;
  /** Positive integer, in units of 1 / scale of a unit of value. */
  readonly price: number;
}

/**
 * A certificate: no selection is worth more than every capacity at its price, plus what cycles are worth beyond
 * the prices of their vertices. Vertices not named have price 0.
 */
export interface VertexPrices {
  readonly scale: number;
  /** Ascending by vertex. */
  readonly prices: readonly VertexPrice[];
}

/** The best set of cycles found, each at most once, no vertex beyond its capacity, with a bound that holds for the whole pool. */
export interface Selection {
  /** In canonical order. */
  readonly cycles: readonly PoolCycle[];
  /** Sum of the cycles' values. */
  readonly objective: bigint;
  /** No selection is worth more. */
  readonly bound: bigint;
  /** True where objective and bound meet. */
  readonly proven: boolean;
  /** (bound - objective) / bound; 0 where proven. */
  readonly gap: number;
  readonly steps: number;
  readonly prices: VertexPrices;
  /** By smallest vertex; vertices on no cycle worth anything are in none. */
  readonly components: readonly SelectionComponent[];
}
