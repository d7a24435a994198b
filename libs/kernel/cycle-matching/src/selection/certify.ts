import type { PoolCycle } from '../enumeration/find-cycles.js';
import { cycleValue, SCORE_ALONE, type ExchangePool } from '../pool/exchange-pool.js';
import type { PoolGraph } from '../pool/pool-graph.js';
import type { StepBudget } from '../pool/step-budget.js';
import { greatestSharedDivisor } from './packing-parts.js';
import { coverCycles, coverPool, cycleSurplus, poolPriceScale } from './pool-prices.js';
import type { Selection, SelectionComponent } from './selection.types.js';
import type { SolvedCycles } from './solve-parts.js';
import { cycleComponents, type ValuedCycles } from './valued-cycles.js';

/** A choice of cycles and everything needed to say how good it is. */
export interface ChoiceMade {
  readonly pool: ExchangePool;
  readonly graph: PoolGraph;
  readonly vertices: readonly string[];
  readonly cycles: ValuedCycles;
  readonly solved: SolvedCycles;
  /** False where the pool has cycles that are not listed. */
  readonly isComplete: boolean;
  readonly budget: StepBudget;
  readonly cycleAt: (cycle: number) => PoolCycle;
}

/** One component while its figures are added up; totals in units of price. */
interface Account {
  readonly vertices: number[];
  objective: bigint;
  total: bigint;
  isExhausted: boolean;
  steps: number;
}

/** The selection with prices rounded to integers and the bound worked out from them, exactly. */
export function certifiedSelection(made: ChoiceMade): Selection {
  const { pool, cycles, solved } = made;
  const unit = valueUnit(pool);
  const scale = poolPriceScale(arcValueMax(pool) * pool.cycleCap);
  const price = solved.price.map((value) => Math.ceil(Math.max(0, value) * scale));
  if (made.isComplete) coverCycles(cycles, price, scale);
  else coverWholePool(made, price, scale);
  const accounts = [...accountsOf(made, price, scale).values()];
  const components = accounts.map((account) => componentOf(made, account, { scale, unit, count: accounts.length }));
  const open = accounts.filter((_, at) => components[at]!.proof.kind === 'prices').reduce((sum, { total }) => sum + total, 0n);
  const searched = components.filter(({ proof }) => proof.kind === 'exhausted').reduce((sum, { objective }) => sum + objective, 0n);
  const bound = searched + floorTo(open / BigInt(scale), unit);
  const objective = accounts.reduce((sum, account) => sum + account.objective, 0n);
  return {
    cycles: solved.chosen.map(made.cycleAt),
    objective, bound, proven: objective === bound,
    gap: bound === 0n ? 0 : Number(bound - objective) / Number(bound),
    steps: made.budget.spent,
    prices: { scale, prices: [...price].flatMap((value, at) => (value > 0 ? [{ vertex: made.vertices[at]!, price: value }] : [])) },
    components,
  };
}

const arcValue = ({ objective = SCORE_ALONE }: ExchangePool, score: number): number => cycleValue(objective, 1, score);

const arcValueMax = (pool: ExchangePool): number => pool.arcs.reduce((most, { score }) => Math.max(most, arcValue(pool, score)), 0);

/** What divides the value of every arc, and so every objective. */
const valueUnit = (pool: ExchangePool): number =>
  Math.max(1, pool.arcs.reduce((unit, { score }) => greatestSharedDivisor(unit, arcValue(pool, score)), 0));

const floorTo = (value: bigint, unit: number): bigint => (value / BigInt(unit)) * BigInt(unit);

function coverWholePool({ pool, graph, cycles, budget }: ChoiceMade, price: Float64Array, scale: number): void {
  const arcValues = graph.out.score.map((score) => arcValue(pool, score) * scale);
  coverPool({ graph, capacity: cycles.capacity, cycleCap: pool.cycleCap, arcValue: arcValues }, price, budget);
}

/** Accounts by smallest vertex. Where cycles are missing nothing is known to be apart: all vertices with arcs form one component. */
function accountsOf(made: ChoiceMade, price: Float64Array, scale: number): Map<number, Account> {
  const { cycles, solved } = made;
  const component = made.isComplete ? cycleComponents(cycles) : onArcs(made.graph);
  const accounts = new Map<number, Account>();
  component.forEach((name, vertex) => {
    if (name < 0) return;
    const account = accounts.get(name) ?? { vertices: [], objective: 0n, total: 0n, isExhausted: made.isComplete, steps: 0 };
    accounts.set(name, account);
    account.vertices.push(vertex);
    account.total += BigInt(cycles.capacity[vertex]!) * BigInt(price[vertex]!);
  });
  const accountOf = (vertex: number): Account => accounts.get(component[vertex]!)!;
  const firstOf = (cycle: number): number => cycles.table.vertex[cycles.table.start[cycle]!]!;
  for (const cycle of cycles.usable) {
    const surplus = cycleSurplus(cycles, price, scale, cycle);
    if (surplus > 0) accountOf(firstOf(cycle)).total += BigInt(surplus);
  }
  for (const cycle of solved.chosen) accountOf(firstOf(cycle)).objective += BigInt(cycles.value[cycle]!);
  for (const { vertex, isExhausted, steps } of solved.parts) {
    accountOf(vertex).isExhausted &&= isExhausted;
    accountOf(vertex).steps += steps;
  }
  return accounts;
}

/** Component 0 for every vertex that arcs meet, -1 for others. */
const onArcs = ({ out, count }: PoolGraph): Int32Array =>
  new Int32Array(count).map((_, vertex) => (out.start[vertex + 1]! > out.start[vertex]! ? 0 : -1));

interface Rounding {
  readonly scale: number;
  readonly unit: number;
  readonly count: number;
}

/**
 * A component's figures. Its prices prove its objective where what they leave over is so little that even the
 * remainders of all components together do not make up one unit of value.
 */
function componentOf(made: ChoiceMade, account: Account, { scale, unit, count }: Rounding): SelectionComponent {
  const { objective, total } = account;
  const rest = (total - objective * BigInt(scale)) * BigInt(count + 1);
  const isTight = rest < BigInt(unit) * BigInt(scale);
  const vertices = account.vertices.map((vertex) => made.vertices[vertex]!);
  if (isTight || !account.isExhausted) return { vertices, objective, bound: floorTo(total / BigInt(scale), unit), proof: { kind: 'prices' } };
  return { vertices, objective, bound: objective, proof: { kind: 'exhausted', steps: account.steps } };
}
