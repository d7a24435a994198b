import type { UnitGraph } from './unit-graph.js';

/** Strongly connected components. A pair whose two parties lie in different components is on no ring and never clears. */
export interface Components {
  /** Component of each party. Whoever is owed across components lies in a component with a lower number. */
  readonly componentOf: Int32Array;
  /** Parties of each component, ascending. */
  readonly members: readonly (readonly number[])[];
}

/** Components by Tarjan's depth-first search (1972), without recursion. O(parties + pairs). */
export function components(graph: UnitGraph): Components {
  const search = new ComponentSearch(graph);
  for (let party = 0; party < graph.parties.length; party += 1) search.startAt(party);
  return search;
}

const UNSEEN = -1;

class ComponentSearch implements Components {
  readonly componentOf: Int32Array;
  readonly members: number[][] = [];
  private readonly firstPair: Int32Array;
  private readonly nextPair: Int32Array;
  private readonly visit: Int32Array;
  private readonly lowest: Int32Array;
  private readonly open: number[] = [];
  private readonly path: number[] = [];
  private visits = 0;

  constructor(private readonly graph: UnitGraph) {
    const parties = graph.parties.length;
    this.componentOf = new Int32Array(parties).fill(UNSEEN);
    this.firstPair = firstPairs(graph.debtor, parties);
    this.nextPair = this.firstPair.slice();
    this.visit = new Int32Array(parties).fill(UNSEEN);
    this.lowest = new Int32Array(parties);
  }

  startAt(party: number): void {
    if (this.visit[party] !== UNSEEN) return;
    this.enter(party);
    for (let current = this.path.at(-1); current !== undefined; current = this.path.at(-1)) this.step(current);
  }

  private enter(party: number): void {
    this.visit[party] = this.lowest[party] = this.visits;
    this.visits += 1;
    this.open.push(party);
    this.path.push(party);
  }

  private step(party: number): void {
    const pair = this.nextPair[party]!;
    if (pair === this.firstPair[party + 1]) { this.leave(party); return; }
    this.nextPair[party] = pair + 1;
    const creditor = this.graph.creditor[pair]!;
    if (this.visit[creditor] === UNSEEN) this.enter(creditor);
    else if (this.componentOf[creditor] === UNSEEN) this.lower(party, this.visit[creditor]!);
  }

  private leave(party: number): void {
    this.path.pop();
    if (this.lowest[party] === this.visit[party]) this.close(party);
    const caller = this.path.at(-1);
    if (caller !== undefined) this.lower(caller, this.lowest[party]!);
  }

  private lower(party: number, visit: number): void {
    if (visit < this.lowest[party]!) this.lowest[party] = visit;
  }

  private close(party: number): void {
    const members = this.open.splice(this.open.lastIndexOf(party));
    for (const member of members) this.componentOf[member] = this.members.length;
    this.members.push(members.sort((left, right) => left - right));
  }
}

/** Number of the first pair of each party in a list of pairs sorted by party, and the number of pairs at the end. */
export function firstPairs(partyOfPair: Int32Array, parties: number): Int32Array {
  const first = new Int32Array(parties + 1);
  for (const party of partyOfPair) first[party + 1]! += 1;
  for (let party = 0; party < parties; party += 1) first[party + 1]! += first[party]!;
  return first;
}
