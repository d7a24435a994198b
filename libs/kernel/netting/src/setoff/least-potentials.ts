import { firstPairs, type Components } from './components.js';
import type { UnitGraph } from './unit-graph.js';

/** An optimal set-off of a whole unit: what remains per pair, and prices of the solver per party, comparable within a component only. */
export interface UnitSetoff {
  readonly graph: UnitGraph;
  readonly components: Components;
  readonly remaining: readonly bigint[];
  readonly guide: Int32Array;
}

/**
 * The least potentials from zero up that certify an optimal set-off: the same whichever method found it.
 *
 * Where something remains of what u owes v, potential[u] ≥ potential[v] + 1; where something was cleared, potential[v] ≥ potential[u] − 1.
 * The least solution is a longest path to every party. Components are taken from those that are owed to those that owe; inside one,
 * the solver's prices turn the lengths into non-positive ones, so the largest label is final (Dijkstra 1959). O(pairs·log pairs).
 */
export const leastPotentials = (setoff: UnitSetoff): Int32Array => new PotentialSearch(setoff).run();

class PotentialSearch {
  private readonly potential: Int32Array;
  private readonly isFinal: Uint8Array;
  private readonly firstOwing: Int32Array;
  private readonly firstOwed: Int32Array;
  private readonly pairsByCreditor: Int32Array;
  private readonly queue = new LabelQueue();

  constructor(private readonly setoff: UnitSetoff) {
    const { parties, debtor, creditor } = setoff.graph;
    this.potential = new Int32Array(parties.length);
    this.isFinal = new Uint8Array(parties.length);
    this.firstOwing = firstPairs(debtor, parties.length);
    this.firstOwed = firstPairs(creditor, parties.length);
    this.pairsByCreditor = new Int32Array(creditor.length);
    const next = this.firstOwed.slice();
    creditor.forEach((party, pair) => {
      this.pairsByCreditor[next[party]!] = pair;
      next[party]! += 1;
    });
  }

  run(): Int32Array {
    for (const members of this.setoff.components.members) {
      for (const party of members) this.label(party);
      for (let party = this.queue.take(); party !== undefined; party = this.queue.take()) this.settle(party);
    }
    return this.potential;
  }

  private label(party: number): void {
    this.queue.add(this.potential[party]! - this.setoff.guide[party]!, party);
  }

  private settle(party: number): void {
    if (this.isFinal[party] === 1) return;
    this.isFinal[party] = 1;
    const { graph, remaining } = this.setoff;
    const label = this.potential[party]!;
    for (let at = this.firstOwed[party]!; at < this.firstOwed[party + 1]!; at += 1) {
      const pair = this.pairsByCreditor[at]!;
      if (remaining[pair]! > 0n) this.raise(graph.debtor[pair]!, label + 1, party);
    }
    for (let pair = this.firstOwing[party]!; pair < this.firstOwing[party + 1]!; pair += 1) {
      if (remaining[pair]! < graph.owed[pair]!) this.raise(graph.creditor[pair]!, label - 1, party);
    }
  }

  /** Parties of later components are only raised here; they are queued when their component's turn comes. */
  private raise(party: number, label: number, cause: number): void {
    if (this.isFinal[party] === 1 || label <= this.potential[party]!) return;
    this.potential[party] = label;
    const { componentOf } = this.setoff.components;
    if (componentOf[party] === componentOf[cause]) this.label(party);
  }
}

/** A binary heap of parties, largest label first, then lowest number. */
class LabelQueue {
  private readonly labels: number[] = [];
  private readonly parties: number[] = [];

  add(label: number, party: number): void {
    let hole = this.labels.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      if (!this.goesBefore(label, party, above)) break;
      this.fill(hole, this.labels[above]!, this.parties[above]!);
      hole = above;
    }
    this.fill(hole, label, party);
  }

  take(): number | undefined {
    const first = this.parties[0];
    const label = this.labels.pop();
    const party = this.parties.pop();
    if (label !== undefined && party !== undefined && this.parties.length > 0) this.sink(label, party);
    return first;
  }

  private sink(label: number, party: number): void {
    let hole = 0;
    for (let below = 1; below < this.labels.length; below = 2 * hole + 1) {
      const right = below + 1;
      const next = right < this.labels.length && this.goesBefore(this.labels[right]!, this.parties[right]!, below) ? right : below;
      if (this.goesBefore(label, party, next)) break;
      this.fill(hole, this.labels[next]!, this.parties[next]!);
      hole = next;
    }
    this.fill(hole, label, party);
  }

  private goesBefore(label: number, party: number, index: number): boolean {
    const other = this.labels[index]!;
    return label > other || (label === other && party < this.parties[index]!);
  }

  private fill(index: number, label: number, party: number): void {
    this.labels[index] = label;
    this.parties[index] = party;
  }
}
