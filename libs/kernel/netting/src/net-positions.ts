import type { Obligation, UnitPositions } from './netting.types.js';
import { unitGraphs, type UnitGraph } from './setoff/unit-graph.js';

/**
 * Net position of every party in every unit, in minor units.
 *
 * O(n log n). @invariant the positions of a unit sum to zero.
 */
export const netPositions = (obligations: readonly Obligation[]): readonly UnitPositions[] => unitGraphs(obligations).map(unitPositions);

/** Net positions of one unit, in party order. */
export function unitPositions(graph: UnitGraph): UnitPositions {
  const totals = graph.parties.map(() => 0n);
  graph.owed.forEach((amount, pair) => {
    totals[graph.debtor[pair]!]! -= amount;
    totals[graph.creditor[pair]!]! += amount;
  });
  return {
    unit: graph.unit,
    netInternalDebt: totals.reduce((sum, position) => (position > 0n ? sum + position : sum), 0n),
    positions: graph.parties.map((party, number) => ({ party, position: totals[number]! })),
  };
}
