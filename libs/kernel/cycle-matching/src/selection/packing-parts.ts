import { packingProblem, type PackingProblem } from '../packing/packing-problem.js';
import { DisjointSets } from './disjoint-sets.js';
import { verticesOf, type ValuedCycles } from './valued-cycles.js';

const OWN_ROWS_MAX = 1500;

/** A packing problem and what its columns and rows stand for. Values are divided by `valueUnit`, which divides them all. */
export interface PackingPart {
  readonly problem: PackingProblem;
  readonly valueUnit: number;
  readonly cycleOf: Int32Array;
  /** -1 for a row that stands for no vertex, see `ownRows`. */
  readonly vertexOf: Int32Array;
}

/** Cycles that compete for a vertex, in parts that do not touch each other, and cycles that compete for none. */
export interface PackingParts {
  readonly parts: readonly PackingPart[];
  readonly free: readonly number[];
}

/**
 * The problem taken apart: vertices with capacity for every cycle through them bind nothing, of cycles that meet
 * the same scarce vertices only the best can be needed, and what no scarce vertex joins is a part of its own.
 */
export function packingParts(cycles: ValuedCycles): PackingParts {
  let kept = cycles.usable;
  let binding = bindingVertices(cycles, kept);
  for (let before = -1; before !== kept.length;) {
    before = kept.length;
    kept = bestOfEach(cycles, kept, binding);
    binding = bindingVertices(cycles, kept);
  }
  const scarce = (cycle: number): Int32Array => verticesOf(cycles.table, cycle).filter((vertex) => binding[vertex] === 1);
  const sets = new DisjointSets(cycles.capacity.length);
  const members = new Map<number, number[]>();
  const free: number[] = [];
  for (const cycle of kept) for (const vertex of scarce(cycle)) sets.join(scarce(cycle)[0]!, vertex);
  for (const cycle of kept) {
    const [first] = scarce(cycle);
    if (first === undefined) free.push(cycle);
    else if (members.has(sets.nameOf(first))) members.get(sets.nameOf(first))!.push(cycle);
    else members.set(sets.nameOf(first), [cycle]);
  }
  return { parts: [...members.values()].map((part) => packingPart(cycles, part, scarce)), free };
}

/** 1 for the vertices that more cycles pass through than they have capacity. */
function bindingVertices({ table, capacity }: ValuedCycles, kept: Int32Array): Uint8Array {
  const uses = new Int32Array(capacity.length);
  for (const cycle of kept) for (const vertex of verticesOf(table, cycle)) uses[vertex]! += 1;
  return Uint8Array.from(uses, (count, vertex) => (count > capacity[vertex]! ? 1 : 0));
}

/** Of cycles with the same binding vertices, one of them of capacity 1, the first of greatest value. */
function bestOfEach({ table, value, capacity }: ValuedCycles, kept: Int32Array, binding: Uint8Array): Int32Array {
  const best = new Map<string, number>();
  const nameOf = (cycle: number): string | undefined => {
    const scarce = verticesOf(table, cycle).filter((vertex) => binding[vertex] === 1).sort();
    return scarce.some((vertex) => capacity[vertex] === 1) ? scarce.join() : undefined;
  };
  for (const cycle of kept) {
    const name = nameOf(cycle);
    if (name === undefined) continue;
    const rival = best.get(name);
    if (rival === undefined || value[cycle]! > value[rival]!) best.set(name, cycle);
  }
  const winners = new Set(best.values());
  return kept.filter((cycle) => winners.has(cycle) || nameOf(cycle) === undefined);
}

function packingPart(cycles: ValuedCycles, members: readonly number[], scarce: (cycle: number) => Int32Array): PackingPart {
  const vertices = [...new Set(members.flatMap((cycle) => [...scarce(cycle)]))].sort((left, right) => left - right);
  const rowOf = new Map(vertices.map((vertex, row) => [vertex, row]));
  const ownRow = ownRows(members.filter((cycle) => scarce(cycle).every((vertex) => cycles.capacity[vertex]! > 1)), vertices.length);
  const start = new Int32Array(members.length + 1);
  const row: number[] = [];
  members.forEach((cycle, column) => {
    row.push(...scarce(cycle).map((vertex) => rowOf.get(vertex)!).sort());
    if (ownRow.has(cycle)) row.push(ownRow.get(cycle)!);
    start[column + 1] = row.length;
  });
  const valueUnit = members.reduce((unit, cycle) => greatestSharedDivisor(unit, cycles.value[cycle]!), 0);
  const capacity = [...vertices.map((vertex) => cycles.capacity[vertex]!), ...[...ownRow].map(() => 1)];
  const value = Float64Array.from(members, (cycle) => cycles.value[cycle]! / valueUnit);
  return {
    problem: packingProblem(Int32Array.from(capacity), start, Int32Array.from(row), value),
    valueUnit,
    cycleOf: Int32Array.from(members),
    vertexOf: Int32Array.from([...vertices, ...[...ownRow].map(() => -1)]),
  };
}

/**
 * A row of capacity 1 for each of these cycles, which meet no vertex of capacity 1: without it a linear relaxation
 * would choose such a cycle more than once. Left out where there are too many; bounds are then weaker, not wrong.
 */
function ownRows(cycles: readonly number[], firstRow: number): Map<number, number> {
  return cycles.length > OWN_ROWS_MAX ? new Map() : new Map(cycles.map((cycle, at) => [cycle, firstRow + at]));
}

/** Of non-negative integers; 0 for two zeros. */
export function greatestSharedDivisor(left: number, right: number): number {
  let [larger, smaller] = [left, right];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
