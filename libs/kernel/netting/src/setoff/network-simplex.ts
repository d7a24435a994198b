import { invariant } from '@kula/kernel-primitives';
import { SpanningTree } from './spanning-tree.js';

/**
 * Pairs of one strongly connected component: nodes from 0, `owed` positive.
 *
 * Of all ways to keep the net positions, the one sought keeps the least Σ remaining, and of those the least Σ preference·remaining.
 */
export interface SetoffProblem {
  readonly nodes: number;
  readonly debtor: Int32Array;
  readonly creditor: Int32Array;
  readonly owed: readonly bigint[];
  /** Integers from 0 to 2^32 − 1. */
  readonly preference: Float64Array;
}

/**
 * An optimal set-off with its prices.
 *
 * The reduced cost of a pair is (1, preference) − price[debtor] + price[creditor] with price = (potential, tiePotential), compared
 * first by the first part. @invariant a positive reduced cost means nothing remains, a negative one that all remains.
 */
export interface SetoffSolution {
  readonly remaining: readonly bigint[];
  readonly potential: Int32Array;
  readonly tiePotential: Float64Array;
}

/**
 * Solves one component by the network simplex method with strongly feasible trees (Cunningham 1976), which never cycles.
 *
 * Remaining amounts are a flow from net debtors to net creditors at cost (1, preference); the first tree sends every net position
 * through an extra root. Costs compare lexicographically, so the tie-break never touches the first objective. Deterministic.
 * O(pivots·(nodes + √pairs)); pivots grow a little faster than linearly in practice.
 */
export const solveSetoff = (problem: SetoffProblem): SetoffSolution => new SetoffSimplex(problem).solve();

const AT_ZERO = 1;
const IN_TREE = 0;
const AT_OWED = -1;

const NOWHERE = -1;

/** The ring that an entering pair closes: from the apex down to `tail`, over the pair to `head`, and up to the apex. */
interface Ring {
  readonly tail: number;
  readonly head: number;
  readonly apex: number;
}

/** The most that goes around a ring, and the node below the arc that leaves: on the tail's side or the head's; NOWHERE if the pair itself binds. */
interface Binding {
  readonly amount: bigint;
  readonly top: number;
  readonly cutsTail: boolean;
}

class SetoffSimplex {
  private readonly pairs: number;
  private readonly root: number;
  private readonly tree: SpanningTree;
  private readonly flow: bigint[];
  private readonly capacity: bigint[];
  /** AT_ZERO, IN_TREE or AT_OWED per pair; pairs outside the tree always sit at a bound. */
  private readonly side: Int8Array;
  private readonly potential: Int32Array;
  private readonly tiePotential: Float64Array;
  private readonly blockSize: number;
  private nextPair = 0;

  constructor(private readonly problem: SetoffProblem) {
    const { nodes, owed } = problem;
    this.pairs = owed.length;
    this.root = nodes;
    this.tree = new SpanningTree(nodes + 1);
    this.flow = [...owed.map(() => 0n), ...new Array<bigint>(nodes).fill(0n)];
    const unlimited = owed.reduce((sum, amount) => sum + amount, 1n);
    this.capacity = [...owed, ...new Array<bigint>(nodes).fill(unlimited)];
    this.side = new Int8Array(this.pairs).fill(AT_ZERO);
    this.potential = new Int32Array(nodes + 1);
    this.tiePotential = new Float64Array(nodes + 1);
    this.blockSize = Math.max(16, Math.ceil(Math.sqrt(this.pairs)));
    this.hangAllFromRoot();
  }

  solve(): SetoffSolution {
    for (let pair = this.enteringPair(); pair !== undefined; pair = this.enteringPair()) this.pivot(pair);
    for (let node = 0; node < this.root; node += 1) invariant(this.flow[this.pairs + node] === 0n, 'net positions are met by pairs alone');
    return { remaining: this.flow.slice(0, this.pairs), potential: this.potential, tiePotential: this.tiePotential };
  }

  /** Arc `pairs + node` joins each node to the root at a cost that no path of pairs reaches. */
  private hangAllFromRoot(): void {
    const { nodes, debtor, creditor, owed } = this.problem;
    const position = new Array<bigint>(nodes).fill(0n);
    owed.forEach((amount, pair) => {
      position[debtor[pair]!]! -= amount;
      position[creditor[pair]!]! += amount;
    });
    for (let node = 0; node < nodes; node += 1) {
      const rises = position[node]! <= 0n;
      this.tree.hang(node, { parent: this.root, arc: this.pairs + node, rises });
      this.flow[this.pairs + node] = rises ? -position[node]! : position[node]!;
      this.potential[node] = rises ? nodes : -nodes;
    }
  }

  /** The pair that most improves the objectives within the first block that holds any; undefined at the optimum. */
  private enteringPair(): number | undefined {
    const { debtor, creditor, preference } = this.problem;
    let best: number | undefined;
    let bestCost = 0;
    let bestTie = 0;
    for (let scanned = 1; scanned <= this.pairs; scanned += 1) {
      const pair = this.nextPair;
      this.nextPair = pair + 1 === this.pairs ? 0 : pair + 1;
      const side = this.side[pair]!;
      const from = debtor[pair]!;
      const to = creditor[pair]!;
      const cost = side * (1 - this.potential[from]! + this.potential[to]!);
      if (side !== IN_TREE && cost <= bestCost) {
        const tie = side * (preference[pair]! - this.tiePotential[from]! + this.tiePotential[to]!);
        if (cost < bestCost || tie < bestTie) { best = pair; bestCost = cost; bestTie = tie; }
      }
      if (best !== undefined && scanned % this.blockSize === 0) return best;
    }
    return best;
  }

  /** Brings a pair into the tree: sends what fits around the ring it closes, and lets the arc that binds leave. */
  private pivot(entering: number): void {
    const { debtor, creditor } = this.problem;
    const grows = this.side[entering] === AT_ZERO;
    const tail = (grows ? debtor : creditor)[entering]!;
    const head = (grows ? creditor : debtor)[entering]!;
    const ring: Ring = { tail, head, apex: this.meetingPoint(tail, head) };
    const { amount, top, cutsTail } = this.binding(ring, this.capacity[entering]!);
    if (amount > 0n) this.send(ring, amount);
    this.flow[entering]! += grows ? amount : -amount;
    if (top === NOWHERE) { this.side[entering] = grows ? AT_OWED : AT_ZERO; return; }

    const leaving = this.tree.arc[top]!;
    if (leaving < this.pairs) this.side[leaving] = this.flow[leaving] === 0n ? AT_ZERO : AT_OWED;
    this.side[entering] = IN_TREE;
    this.regraft(top, cutsTail ? tail : head, entering);
  }

  private meetingPoint(left: number, right: number): number {
    const { depth, parent } = this.tree;
    let low = left;
    let high = right;
    while (low !== high) {
      if (depth[low]! >= depth[high]!) low = parent[low]!;
      else high = parent[high]!;
    }
    return low;
  }

  /** How much fits around the ring, and the last arc to bind when one goes round it from the apex: that choice keeps the tree strongly feasible. */
  private binding({ tail, head, apex }: Ring, enteringRoom: bigint): Binding {
    const { parent, arc, rises } = this.tree;
    let amount = enteringRoom;
    let top = NOWHERE;
    let cutsTail = false;
    for (let node = tail; node !== apex; node = parent[node]!) {
      const room = this.room(arc[node]!, rises[node] === 0);
      if (room < amount) { amount = room; top = node; cutsTail = true; }
    }
    for (let node = head; node !== apex; node = parent[node]!) {
      const room = this.room(arc[node]!, rises[node] === 1);
      if (room <= amount) { amount = room; top = node; cutsTail = false; }
    }
    return { amount, top, cutsTail };
  }

  private room(arc: number, isForward: boolean): bigint {
    return isForward ? this.capacity[arc]! - this.flow[arc]! : this.flow[arc]!;
  }

  private send({ tail, head, apex }: Ring, amount: bigint): void {
    const { parent, arc, rises } = this.tree;
    for (let node = tail; node !== apex; node = parent[node]!) this.flow[arc[node]!]! += rises[node] === 0 ? amount : -amount;
    for (let node = head; node !== apex; node = parent[node]!) this.flow[arc[node]!]! += rises[node] === 1 ? amount : -amount;
  }

  /** Hangs the subtree of `top` by `node` from the other end of the entering pair, and shifts its prices so that the pair costs nothing. */
  private regraft(top: number, node: number, entering: number): void {
    const { debtor, creditor, preference } = this.problem;
    const rises = debtor[entering] === node;
    const parent = (rises ? creditor : debtor)[entering]!;
    const sign = rises ? 1 : -1;
    const shift = this.potential[parent]! + sign - this.potential[node]!;
    const tieShift = this.tiePotential[parent]! + sign * preference[entering]! - this.tiePotential[node]!;
    this.tree.regraft({ top, node, hold: { parent, arc: entering, rises } }, (moved) => {
      this.potential[moved]! += shift;
      this.tiePotential[moved]! += tieShift;
    });
  }
}
