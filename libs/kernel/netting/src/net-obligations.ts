import type { NettingOutcome, NettingProblem, UnitOutcome } from './netting.types.js';
import { unitPositions } from './net-positions.js';
import { components, type Components } from './setoff/components.js';
import { leastPotentials } from './setoff/least-potentials.js';
import { tieBreak } from './setoff/tie-break.js';
import { uniqueSetoff } from './setoff/unique-setoff.js';
import { unitGraphs, type UnitGraph } from './setoff/unit-graph.js';
import { unitReduction } from './setoff/unit-reduction.js';

/**
 * The set-off that clears the most in every unit, with its certificate.
 *
 * Obligations only shrink; every net position stays what it was; units are never mixed. Exact for amounts of any size.
 * The same outcome, to the byte, for any order of the obligations. Of equally good set-offs the salt picks one.
 * @throws InvariantError where `checkObligations` refuses the obligations.
 * @invariant `verifyNetting` accepts the outcome.
 */
export function netObligations({ obligations, salt }: NettingProblem): NettingOutcome {
  return { perUnit: unitGraphs(obligations).map((graph) => unitOutcome(graph, salt)) };
}

function unitOutcome(graph: UnitGraph, salt: string): UnitOutcome {
  const parts = components(graph);
  const remaining = [...graph.owed];
  const guide = new Int32Array(graph.parties.length);
  for (const ring of ringComponents(graph, parts)) {
    const solution = uniqueSetoff(ring, (round) => preferences(ring, salt, round));
    ring.pairs.forEach((pair, local) => { remaining[pair] = solution.remaining[local]!; });
    ring.members.forEach((party, local) => { guide[party] = solution.potential[local]!; });
  }
  const potentials = leastPotentials({ graph, components: parts, remaining, guide });
  return {
    ...unitPositions(graph),
    ...unitReduction(graph, remaining),
    potentials: graph.parties.map((party, number) => ({ party, potential: potentials[number]! })),
  };
}

/** A component of two or more parties, with its own numbering of parties and pairs; `pairs` and `members` lead back to the unit's. */
interface RingComponent {
  readonly nodes: number;
  readonly names: readonly string[];
  readonly debtor: Int32Array;
  readonly creditor: Int32Array;
  readonly owed: readonly bigint[];
  readonly pairs: readonly number[];
  readonly members: readonly number[];
}

function ringComponents(graph: UnitGraph, { componentOf, members }: Components): RingComponent[] {
  const pairs: number[][] = members.map(() => []);
  graph.debtor.forEach((debtor, pair) => {
    const component = componentOf[debtor]!;
    if (component === componentOf[graph.creditor[pair]!]) pairs[component]!.push(pair);
  });
  const local = new Int32Array(graph.parties.length);
  for (const parties of members) parties.forEach((party, number) => { local[party] = number; });
  return members.flatMap((parties, component) => (parties.length < 2 ? [] : [{
    nodes: parties.length,
    names: parties.map((party) => graph.parties[party]!),
    debtor: Int32Array.from(pairs[component]!, (pair) => local[graph.debtor[pair]!]!),
    creditor: Int32Array.from(pairs[component]!, (pair) => local[graph.creditor[pair]!]!),
    owed: pairs[component]!.map((pair) => graph.owed[pair]!),
    pairs: pairs[component]!,
    members: parties,
  }]));
}

function preferences({ names, debtor, creditor }: RingComponent, salt: string, round: number): Float64Array {
  const preference = tieBreak(names, salt, round);
  return Float64Array.from(debtor, (from, pair) => preference.of(from, creditor[pair]!));
}
