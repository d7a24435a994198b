import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import type { RemainingAmount, UnitReduction } from '../netting.types.js';
import type { UnitGraph } from './unit-graph.js';

/**
 * Remaining amount of every obligation when each pair of parties keeps `pairRemaining` of what it owes.
 *
 * What a pair clears goes to its obligations one after the other: oldest due date, then id.
 * @throws InvariantError where a pair would keep less than nothing or more than it owes.
 */
export function unitReduction(graph: UnitGraph, pairRemaining: readonly bigint[]): UnitReduction {
  const remaining: RemainingAmount[] = [];
  let grossTotal = 0n;
  let netTotal = 0n;
  graph.obligations.forEach((obligations, pair) => {
    const owed = graph.owed[pair]!;
    const kept = pairRemaining[pair]!;
    invariant(kept >= 0n && kept <= owed, 'a pair keeps between nothing and all of what it owes');
    let clearing = owed - kept;
    for (const { id, amount } of obligations) {
      const cleared = clearing < amount ? clearing : amount;
      remaining.push({ id, remaining: amount - cleared });
      clearing -= cleared;
    }
    grossTotal += owed;
    netTotal += kept;
  });
  remaining.sort((left, right) => byCodeUnit(left.id, right.id));
  return { unit: graph.unit, grossTotal, netTotal, cleared: grossTotal - netTotal, remaining };
}
