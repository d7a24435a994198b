import { invariant } from '@kula/kernel-primitives';
import type { PoolCycle } from '../enumeration/find-cycles.js';
import type { ExchangePool, PoolArc } from '../pool/exchange-pool.js';
import type { Selection } from '../selection/selection.types.js';
import { dearCycles } from './dear-cycles.js';

/**
 * Checks a selection against its pool, from the beginning and with none of the solver's code.
 *
 * Cycles: arcs exist and close, vertices are distinct, length and capacity are kept, scores and values add up.
 * Bound: worked out again from the published prices, over every cycle of the pool. A component whose proof is
 * `exhausted` is the solver's word: its objective is checked, that nothing is better is not.
 * @throws InvariantError naming the first fact that does not hold.
 */
export function verifySelection(pool: ExchangePool, selection: Selection): void {
  const objective = checkCycles(pool, selection.cycles);
  invariant(objective === selection.objective, 'the objective is the sum of the values of the cycles');
  const inComponent = checkComponents(pool, selection);
  const bound = provenBound(pool, selection, inComponent);
  invariant(selection.bound === bound, 'the bound is what prices and searches prove');
  invariant(selection.bound >= selection.objective, 'the bound is not below the objective');
  invariant(selection.proven === (selection.bound === selection.objective), 'proven means that objective and bound meet');
  const gap = bound === 0n ? 0 : Number(bound - objective) / Number(bound);
  invariant(selection.gap === gap, 'the gap is the part of the bound that is not reached');
}

function checkCycles(pool: ExchangePool, cycles: readonly PoolCycle[]): bigint {
  const arcs = new Map(pool.arcs.map((arc) => [arc.id, arc]));
  const left = capacityOf(pool);
  const seen = new Set<string>();
  let objective = 0n;
  for (const cycle of cycles) {
    checkCycle(pool, arcs, cycle);
    const name = JSON.stringify(fromSmallest(cycle.vertices));
    invariant(!seen.has(name), 'a cycle is selected once');
    seen.add(name);
    for (const vertex of cycle.vertices) {
      const units = left.get(vertex)!;
      invariant(units >= 1, `vertex ${vertex} is used within its capacity`);
      left.set(vertex, units - 1);
    }
    objective += BigInt(cycle.value);
  }
  return objective;
}

function checkCycle(pool: ExchangePool, arcs: ReadonlyMap<string, PoolArc>, { vertices, arcIds, score, value }: PoolCycle): void {
  const length = vertices.length;
  invariant(length >= 2 && length <= pool.cycleCap, 'a cycle has two vertices up to the cycle cap');
  invariant(new Set(vertices).size === length, 'a cycle visits each vertex once');
  invariant(arcIds.length === length, 'a cycle has one arc from each vertex');
  let sum = 0;
  arcIds.forEach((id, at) => {
    const arc = arcs.get(id);
    invariant(arc !== undefined, `arc ${id} is an arc of the pool`);
    invariant(arc.from === vertices[at] && arc.to === vertices[(at + 1) % length], `arc ${id} leads from its vertex to the next`);
    sum += arc.score;
  });
  invariant(sum === score, 'the score of a cycle is the sum of its arcs');
  const { served, score: weight } = pool.objective ?? { served: 0, score: 1 };
  invariant(value === served * length + weight * sum, 'the value of a cycle follows from the objective of the pool');
}

function capacityOf(pool: ExchangePool): Map<string, number> {
  const units = new Map(pool.vertices.map((vertex) => [vertex, 1]));
  for (const { vertex, units: count } of pool.capacities ?? []) units.set(vertex, count);
  return units;
}

function fromSmallest(vertices: readonly string[]): string[] {
  const first = vertices.reduce((least, vertex, at) => (vertex < vertices[least]! ? at : least), 0);
  return [...vertices.slice(first), ...vertices.slice(0, first)];
}

/** Number of each vertex's component. */
function checkComponents(pool: ExchangePool, { components, cycles, prices }: Selection): Map<string, number> {
  const known = new Set(pool.vertices);
  const inComponent = new Map<string, number>();
  components.forEach(({ vertices }, number) => vertices.forEach((vertex) => {
    invariant(known.has(vertex) && !inComponent.has(vertex), `vertex ${vertex} of the pool is in one component`);
    inComponent.set(vertex, number);
  }));
  for (const { vertices } of cycles) {
    const number = inComponent.get(vertices[0]!);
    invariant(number !== undefined && vertices.every((vertex) => inComponent.get(vertex) === number), 'a cycle lies within a component');
  }
  components.forEach((component, number) => {
    const own = cycles.filter(({ vertices }) => inComponent.get(vertices[0]!) === number).reduce((sum, { value }) => sum + BigInt(value), 0n);
    invariant(component.objective === own, 'the objective of a component is the sum of the values of its cycles');
    invariant(component.bound >= own && (component.proof.kind === 'prices' || component.bound === own), 'the bound of a component is not below its objective');
  });
  invariant(Number.isSafeInteger(prices.scale) && prices.scale >= 1, 'the scale of prices is a positive integer');
  for (const { vertex, price } of prices.prices) {
    invariant(inComponent.has(vertex), `priced vertex ${vertex} is in a component`);
    invariant(Number.isSafeInteger(price) && price > 0, `the price of ${vertex} is a positive integer`);
  }
  invariant(new Set(prices.prices.map(({ vertex }) => vertex)).size === prices.prices.length, 'a vertex has one price');
  return inComponent;
}

/** The bound that prices prove for the components that rely on them, with the objective of the others. */
function provenBound(pool: ExchangePool, { components, prices }: Selection, inComponent: ReadonlyMap<string, number>): bigint {
  const unit = valueUnit(pool);
  const floor = (scaled: bigint): bigint => (scaled / BigInt(prices.scale) / unit) * unit;
  const totals = components.map(() => 0n);
  const capacity = capacityOf(pool);
  for (const { vertex, price } of prices.prices) totals[inComponent.get(vertex)!]! += BigInt(capacity.get(vertex)!) * BigInt(price);
  for (const { vertices, surplus } of dearCycles(pool, prices)) {
    const number = inComponent.get(vertices[0]!);
    invariant(number !== undefined && vertices.every((vertex) => inComponent.get(vertex) === number), 'a cycle worth more than its prices lies within a component');
    totals[number]! += surplus;
  }
  let open = 0n;
  let searched = 0n;
  components.forEach(({ proof, bound, objective }, number) => {
    invariant(proof.kind !== 'prices' || bound === floor(totals[number]!), 'the bound of a component follows from its prices');
    if (proof.kind === 'prices') open += totals[number]!;
    else searched += objective;
  });
  return searched + floor(open);
}

/** What divides the value of every arc. */
function valueUnit({ arcs, objective = { served: 0, score: 1 } }: ExchangePool): bigint {
  let unit = 0n;
  for (const { score } of arcs) {
    let rest = BigInt(objective.served + objective.score * score);
    while (rest > 0n) [unit, rest] = [rest, unit % rest];
  }
  return unit === 0n ? 1n : unit;
}
