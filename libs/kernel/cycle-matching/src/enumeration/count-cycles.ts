import { invariant } from '@kula/kernel-primitives';
import type { ExchangePool } from '../pool/exchange-pool.js';
import { poolGraph, renumbered, type PoolGraph } from '../pool/pool-graph.js';
import { RootWindow } from './root-window.js';

/** Simple cycles of one length and the sum of their scores in micro-units. */
export interface LengthCount {
  readonly length: number;
  readonly count: bigint;
  readonly scoreSum: bigint;
}

/** How many cycles a pool holds. Where `complete` is false the steps ran out and every figure is a lower bound. */
export interface CycleCounts {
  readonly byLength: readonly LengthCount[];
  readonly complete: boolean;
  readonly steps: number;
}

/**
 * Number and score sum of the simple cycles of each length from 2 to the cycle cap, each cycle once, best variant of every arc.
 *
 * Nothing is kept per cycle: the last two vertices are counted from sums prepared for each root,
 * so the time follows the number of paths two vertices shorter. Independent of order and of names.
 * @throws InvariantError on a pool that breaks its rules, or whose sums could pass 2^53 within one row.
 */
export function countCycles(pool: ExchangePool): CycleCounts {
  const graph = poolGraph(pool);
  return new CycleCount(byDegree(graph), pool).run();
}

/** Counts do not depend on the order of roots, their cost does: vertices with most arcs go first and are then out of the way. */
function byDegree(graph: PoolGraph): PoolGraph {
  const degree = (vertex: number): number =>
    (graph.out.start[vertex + 1]! - graph.out.start[vertex]!) * (graph.into.start[vertex + 1]! - graph.into.start[vertex]!);
  const order = Int32Array.from({ length: graph.count }, (_, vertex) => vertex).sort((left, right) => degree(right) - degree(left) || left - right);
  const position = new Int32Array(graph.count);
  order.forEach((vertex, at) => { position[vertex] = at; });
  return renumbered(graph, position);
}

/** Sums are kept below this and carried into a bigint: far enough from 2^53 to add one row more. */
const CARRY = 2 ** 52;

class CycleCount {
  private readonly window: RootWindow;
  private readonly mutual: MutualArcs;
  private readonly cap: number;
  private readonly onPath: Uint8Array;
  /** Whether an arc leads to the root (0 or 1), and its score. Zero for vertices on the path. */
  private readonly lastCount: Float64Array;
  private readonly lastSum: Float64Array;
  /** Ways to the root over one vertex, and the sum of their scores. No way starts or leads over a vertex of the path. */
  private readonly viaCount: Float64Array;
  private readonly viaSum: Float64Array;
  private readonly count: Float64Array;
  private readonly low: Float64Array;
  private readonly high: bigint[];
  private root = 0;
  private steps = 0;

  constructor(private readonly graph: PoolGraph, private readonly pool: ExchangePool) {
    this.cap = pool.cycleCap;
    this.window = new RootWindow(graph, Math.max(2, this.cap >> 1));
    this.mutual = mutualArcs(graph);
    this.onPath = new Uint8Array(graph.count);
    this.lastCount = new Float64Array(graph.count);
    this.lastSum = new Float64Array(graph.count);
    this.viaCount = new Float64Array(graph.count);
    this.viaSum = new Float64Array(graph.count);
    this.count = new Float64Array(this.cap + 1);
    this.low = new Float64Array(this.cap + 1);
    this.high = new Array<bigint>(this.cap + 1).fill(0n);
    checkCarry(graph, this.cap);
  }

  run(): CycleCounts {
    for (; this.root < this.graph.count && this.hasSteps(); this.root += 1) this.countFrom(this.root);
    const byLength = [];
    for (let length = 2; length <= this.cap; length += 1) {
      byLength.push({ length, count: BigInt(this.count[length]!), scoreSum: this.high[length]! + BigInt(this.low[length]!) });
    }
    return { byLength, complete: this.hasSteps(), steps: this.steps + this.window.steps };
  }

  private hasSteps(): boolean {
    return this.steps + this.window.steps <= this.pool.stepsMax;
  }

  private countFrom(root: number): void {
    this.window.open(root);
    if (this.window.within().length === 1) return;
    const { start, head, score } = this.graph.into;
    for (let at = this.window.firstInto[root]!; at < start[root + 1]!; at += 1) {
      this.lastCount[head[at]!] = 1;
      this.lastSum[head[at]!] = score[at]!;
      this.addWaysOver(head[at]!, 1, score[at]!);
    }
    this.extend(root, 1, 0);
    for (const vertex of this.window.within()) {
      this.lastCount[vertex] = 0;
      this.lastSum[vertex] = 0;
      this.viaCount[vertex] = 0;
      this.viaSum[vertex] = 0;
    }
  }

  /** Adds, or with sign -1 takes out, the ways to the root whose last stop is this vertex. */
  private addWaysOver(vertex: number, sign: number, last: number): void {
    const { start, head, score } = this.graph.into;
    this.steps += start[vertex + 1]! - this.window.firstInto[vertex]!;
    for (let at = this.window.firstInto[vertex]!; at < start[vertex + 1]!; at += 1) {
      if (this.onPath[head[at]!] === 1) continue;
      this.viaCount[head[at]!]! += sign;
      this.viaSum[head[at]!]! += sign * (score[at]! + last);
    }
  }

  /** Continues a path of `length` vertices that ends at `vertex` and scores `score`. */
  private extend(vertex: number, length: number, score: number): void {
    if (length >= this.cap - 2) {
      this.close(vertex, length, score);
      return;
    }
    if (!this.hasSteps()) return;
    const { start, head, score: scores } = this.graph.out;
    const end = start[vertex + 1]!;
    const room = this.cap - length;
    this.steps += end - this.window.firstOut[vertex]!;
    for (let at = this.window.firstOut[vertex]!; at < end; at += 1) {
      const next = head[at]!;
      if (this.window.distance[next]! <= room && this.onPath[next] === 0) this.stepOnto(next, length + 1, score + scores[at]!);
    }
  }

  private stepOnto(vertex: number, length: number, score: number): void {
    const { lastCount, lastSum, viaCount, viaSum } = this;
    const last = { count: lastCount[vertex]!, sum: lastSum[vertex]! };
    const via = { count: viaCount[vertex]!, sum: viaSum[vertex]! };
    if (last.count > 0) this.add(length, 1, score + last.sum);
    this.onPath[vertex] = 1;
    const isDeep = length >= this.cap - 2;
    if (last.count > 0 && !isDeep) this.addWaysOver(vertex, -1, last.sum);
    lastCount[vertex] = lastSum[vertex] = viaCount[vertex] = viaSum[vertex] = 0;
    this.extend(vertex, length, score);
    if (last.count > 0 && isDeep) this.takeBackAndForth(vertex, length, last.sum + score);
    if (last.count > 0 && !isDeep) this.addWaysOver(vertex, 1, last.sum);
    lastCount[vertex] = last.count;
    lastSum[vertex] = last.sum;
    viaCount[vertex] = via.count;
    viaSum[vertex] = via.sum;
    this.onPath[vertex] = 0;
  }

  /** Counts the cycles that reach the root over one or two vertices more. */
  private close(vertex: number, length: number, score: number): void {
    const { start, head, score: scores } = this.graph.out;
    const { lastCount, lastSum, viaCount, viaSum } = this;
    const end = start[vertex + 1]!;
    let nearCount = 0;
    let nearSum = 0;
    let farCount = 0;
    let farSum = 0;
    this.steps += end - this.window.firstOut[vertex]!;
    for (let at = this.window.firstOut[vertex]!; at < end; at += 1) {
      const next = head[at]!;
      nearCount += lastCount[next]!;
      nearSum += lastCount[next]! * scores[at]! + lastSum[next]!;
      farCount += viaCount[next]!;
      farSum += viaCount[next]! * scores[at]! + viaSum[next]!;
    }
    this.add(length + 1, nearCount, nearSum + nearCount * score);
    if (length + 2 <= this.cap) this.add(length + 2, farCount, farSum + farCount * score);
  }

  /** A way on that returns over the path's own last vertex closes no cycle: takes out what `close` counted of them. */
  private takeBackAndForth(vertex: number, length: number, score: number): void {
    const { start, head, score: scores } = this.mutual;
    let count = 0;
    let sum = 0;
    for (let at = start[vertex + 1]! - 1; at >= start[vertex]! && head[at]! > this.root; at -= 1) {
      if (this.onPath[head[at]!] === 1) continue;
      count += 1;
      sum += scores[at]!;
    }
    this.steps += count;
    this.add(length + 2, -count, -sum - count * score);
  }

  private add(length: number, count: number, sum: number): void {
    this.count[length]! += count;
    this.low[length]! += sum;
    if (this.low[length]! < CARRY) return;
    this.high[length]! += BigInt(this.low[length]!);
    this.low[length] = 0;
  }
}

/** Pairs of vertices with arcs both ways: rows of neighbours with the sum of the two scores. */
interface MutualArcs {
  readonly start: Int32Array;
  readonly head: Int32Array;
  readonly score: Float64Array;
}

function mutualArcs({ count, out, reverse }: PoolGraph): MutualArcs {
  const start = new Int32Array(count + 1);
  const kept = new Int32Array(reverse.length).map((_, at) => at).filter((at) => reverse[at]! >= 0);
  for (let vertex = 0, at = 0; vertex < count; vertex += 1) {
    while (at < kept.length && kept[at]! < out.start[vertex + 1]!) at += 1;
    start[vertex + 1] = at;
  }
  return { start, head: kept.map((at) => out.head[at]!), score: Float64Array.from([...kept].map((at) => out.score[at]! + reverse[at]!)) };
}

/** One row of arcs must not carry a sum from below CARRY past 2^53. */
function checkCarry({ out, into }: PoolGraph, cap: number): void {
  const longest = (start: Int32Array): number => start.subarray(1).reduce((most, end, vertex) => Math.max(most, end - start[vertex]!), 0);
  const scoreMax = out.score.reduce((most, score) => Math.max(most, score), 0);
  invariant(longest(out.start) * longest(into.start) * cap * scoreMax < CARRY, 'scores and rows are small enough to sum exactly');
}
