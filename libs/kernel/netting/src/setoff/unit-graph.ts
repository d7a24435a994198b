import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import { checkObligations } from '../check-obligations.js';
import type { Obligation } from '../netting.types.js';

/**
 * Obligations of one unit, merged by ordered pair of parties.
 *
 * Parties are numbered in code unit order; pairs are numbered by debtor, then creditor. Both are the same for any input order.
 */
export interface UnitGraph {
  readonly unit: string;
  readonly parties: readonly string[];
  readonly debtor: Int32Array;
  readonly creditor: Int32Array;
  /** Σ amounts of each pair. */
  readonly owed: readonly bigint[];
  /** Obligations of each pair in the order in which a cleared amount reaches them. */
  readonly obligations: readonly (readonly Obligation[])[];
}

/**
 * One graph per unit, in code unit order. O(n log n).
 *
 * @throws InvariantError where `checkObligations` refuses the list.
 */
export function unitGraphs(obligations: readonly Obligation[]): UnitGraph[] {
  const [refusal] = checkObligations(obligations);
  invariant(refusal === undefined, `obligations are checked before netting: ${refusal?.pointer} ${refusal?.detail}`);
  const byUnit = new Map<string, Obligation[]>();
  for (const obligation of obligations) listAt(byUnit, obligation.unit).push(obligation);
  return [...byUnit].sort(([left], [right]) => byCodeUnit(left, right)).map(([unit, list]) => unitGraph(unit, list));
}

function unitGraph(unit: string, list: readonly Obligation[]): UnitGraph {
  const parties = [...new Set(list.flatMap(({ debtor, creditor }) => [debtor, creditor]))].sort(byCodeUnit);
  const numberOf = new Map(parties.map((party, number) => [party, number]));
  const byPair = new Map<number, Obligation[]>();
  for (const obligation of list) {
    const debtor = numberOf.get(obligation.debtor)!;
    listAt(byPair, debtor * parties.length + numberOf.get(obligation.creditor)!).push(obligation);
  }
  const keys = Float64Array.from(byPair.keys()).sort();
  const obligations = Array.from(keys, (key) => byPair.get(key)!.sort(byDueDate));
  return {
    unit, parties, obligations,
    debtor: Int32Array.from(keys, (key) => Math.floor(key / parties.length)),
    creditor: Int32Array.from(keys, (key) => key % parties.length),
    owed: obligations.map((pair) => pair.reduce((sum, { amount }) => sum + amount, 0n)),
  };
}

/** Oldest due date first, undated last, then by id. */
function byDueDate(left: Obligation, right: Obligation): number {
  if (left.dueAt === right.dueAt) return byCodeUnit(left.id, right.id);
  if (left.dueAt === undefined) return 1;
  if (right.dueAt === undefined) return -1;
  return byCodeUnit(left.dueAt, right.dueAt);
}

function listAt<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const found = lists.get(key);
  if (found !== undefined) return found;
  const list: Item[] = [];
  lists.set(key, list);
  return list;
}
