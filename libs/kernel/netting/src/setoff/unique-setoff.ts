import { invariant } from '@kula/kernel-primitives';
import { solveSetoff, type SetoffProblem, type SetoffSolution } from './network-simplex.js';

const ROUNDS = 32;

/**
 * The one optimal set-off of a component under the first round of preferences that leaves a single one.
 *
 * Every exact method that asks for the same rounds finds the same amounts, because the choice depends on the problem alone.
 * @throws InvariantError after 32 rounds with ties, which independent preferences do not produce.
 */
export function uniqueSetoff(
  component: Omit<SetoffProblem, 'preference'>, preferenceOf: (round: number) => Float64Array,
): SetoffSolution {
  for (let round = 0; round < ROUNDS; round += 1) {
    const problem = { ...component, preference: preferenceOf(round) };
    const solution = solveSetoff(problem);
    if (isUnique(problem, solution)) return solution;
  }
  invariant(false, `one of ${ROUNDS} rounds of preferences leaves a single optimal set-off`);
}

/**
 * True where no other set-off is as good.
 *
 * Another one exists exactly if amounts can be moved around some ring at no cost: a ring of pairs with reduced cost zero, each
 * used in a direction that still has room. Pairs with room both ways join their parties; any ring of those, or of the one-way
 * moves between the joined groups, is such a ring. The answer does not depend on which optimal prices are given. O(pairs).
 */
export function isUnique(problem: SetoffProblem, solution: SetoffSolution): boolean {
  const groups = new Groups(problem.nodes);
  const oneWay: Move[] = [];
  for (const [pair, owed] of problem.owed.entries()) {
    if (!isFree(problem, solution, pair)) continue;
    const from = problem.debtor[pair]!;
    const to = problem.creditor[pair]!;
    const remaining = solution.remaining[pair]!;
    if (remaining === 0n) oneWay.push({ from, to });
    else if (remaining === owed) oneWay.push({ from: to, to: from });
    else if (!groups.join(from, to)) return false;
  }
  return !hasRing(problem.nodes, oneWay.map(({ from, to }) => ({ from: groups.of(from), to: groups.of(to) })));
}

interface Move {
  readonly from: number;
  readonly to: number;
}

function isFree({ debtor, creditor, preference }: SetoffProblem, { potential, tiePotential }: SetoffSolution, pair: number): boolean {
  const from = debtor[pair]!;
  const to = creditor[pair]!;
  return 1 - potential[from]! + potential[to]! === 0 && preference[pair]! - tiePotential[from]! + tiePotential[to]! === 0;
}

/** Disjoint groups of nodes (union-find with path halving). */
class Groups {
  private readonly above: Int32Array;

  constructor(nodes: number) {
    this.above = Int32Array.from({ length: nodes }, (_, node) => node);
  }

  of(node: number): number {
    let current = node;
    while (this.above[current] !== current) {
      this.above[current] = this.above[this.above[current]!]!;
      current = this.above[current]!;
    }
    return current;
  }

  /** False where the two nodes were in one group already. */
  join(left: number, right: number): boolean {
    const [from, to] = [this.of(left), this.of(right)];
    this.above[from] = to;
    return from !== to;
  }
}

/** True where the moves lead back to some start: taking away nodes that nothing leads to does not use all moves up (Kahn 1962). */
function hasRing(nodes: number, moves: readonly Move[]): boolean {
  const arriving = new Int32Array(nodes);
  const onward = new Map<number, number[]>();
  for (const { from, to } of moves) {
    arriving[to]! += 1;
    const known = onward.get(from);
    if (known === undefined) onward.set(from, [to]);
    else known.push(to);
  }
  const free = [...onward.keys()].filter((node) => arriving[node] === 0);
  let used = 0;
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    for (const to of onward.get(node) ?? []) {
      used += 1;
      arriving[to]! -= 1;
      if (arriving[to] === 0) free.push(to);
    }
  }
  return used < moves.length;
}
