import type { Obligation, UnitReduction } from './netting.types.js';
import { unitGraphs, type UnitGraph } from './setoff/unit-graph.js';
import { unitReduction } from './setoff/unit-reduction.js';

/**
 * What would remain if each two parties only set off what they owe each other.
 *
 * A report to compare with, never a first step: done first it can destroy longer rings and clear less in the end. O(n log n).
 */
export const bilateralSetoff = (obligations: readonly Obligation[]): readonly UnitReduction[] =>
  unitGraphs(obligations).map((graph) => unitReduction(graph, pairRemaining(graph)));

function pairRemaining({ parties, debtor, creditor, owed }: UnitGraph): bigint[] {
  const owedByPair = new Map(owed.map((amount, pair) => [debtor[pair]! * parties.length + creditor[pair]!, amount]));
  return owed.map((amount, pair) => {
    const back = owedByPair.get(creditor[pair]! * parties.length + debtor[pair]!) ?? 0n;
    return amount > back ? amount - back : 0n;
  });
}
