import type { CycleTable } from '../enumeration/cycle-table.js';
import type { ExchangePool } from '../pool/exchange-pool.js';
import { DisjointSets } from './disjoint-sets.js';

/** Cycles to choose from: what each is worth, and how often each vertex may be used. */
export interface ValuedCycles {
  readonly table: CycleTable;
  readonly value: Float64Array;
  readonly capacity: Int32Array;
  /** Cycles that are worth something and whose every vertex has capacity, ascending. */
  readonly usable: Int32Array;
}

/** Capacity of each vertex in canonical order: 1 where nothing is said. */
export function capacities(pool: ExchangePool, vertices: readonly string[]): Int32Array {
  const units = new Map(pool.capacities?.map(({ vertex, units: count }) => [vertex, count]));
  return Int32Array.from(vertices, (vertex) => units.get(vertex) ?? 1);
}

export function valuedCycles(table: CycleTable, value: Float64Array, capacity: Int32Array): ValuedCycles {
  const usable = new Int32Array(table.count).map((_, cycle) => cycle)
    .filter((cycle) => value[cycle]! > 0 && verticesOf(table, cycle).every((vertex) => capacity[vertex]! > 0));
  return { table, value, capacity, usable };
}

export const verticesOf = (table: CycleTable, cycle: number): Int32Array =>
  table.vertex.subarray(table.start[cycle], table.start[cycle + 1]);

/** For every vertex on a usable cycle the smallest vertex it is joined to by usable cycles; for others -1. */
export function cycleComponents({ table, usable, capacity }: ValuedCycles): Int32Array {
  const sets = new DisjointSets(capacity.length);
  const component = new Int32Array(capacity.length).fill(-1);
  for (const cycle of usable) {
    const vertices = verticesOf(table, cycle);
    for (const vertex of vertices) {
      sets.join(vertices[0]!, vertex);
      component[vertex] = 0;
    }
  }
  return component.map((mark, vertex) => (mark < 0 ? -1 : sets.nameOf(vertex)));
}
