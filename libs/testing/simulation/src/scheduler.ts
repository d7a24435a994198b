import type { SeededRandom } from '@kula/testing-fixtures';

interface Planned {
  readonly at: number;
  readonly tie: number;
  readonly run: () => void;
}

const isBefore = (left: Planned, right: Planned): boolean => left.at < right.at || (left.at === right.at && left.tie < right.tie);

/** A virtual clock in milliseconds and what is planned on it. What is planned for one moment happens in an order that the seed decides. */
export class Scheduler {
  /** Binary heap: the next one first. */
  private readonly heap: Planned[] = [];
  private nowMs = 0;
  private stepsDone = 0;

  constructor(private readonly random: SeededRandom) {}

  get now(): number { return this.nowMs; }

  /** Steps taken so far. */
  get steps(): number { return this.stepsDone; }

  /** Plans something for later. O(log n). */
  after(ms: number, run: () => void): void {
    const { heap } = this;
    const planned = { at: this.nowMs + ms, tie: this.random(2 ** 31), run };
    let place = heap.length;
    heap.push(planned);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = planned;
  }

  /** Does what is planned up to a moment, one thing after the other. */
  runUntil(ms: number): void {
    while (this.heap.length > 0 && this.heap[0]!.at <= ms) {
      const next = this.takeFirst();
      this.nowMs = next.at;
      this.stepsDone += 1;
      next.run();
    }
    this.nowMs = Math.max(this.nowMs, ms);
  }

  private takeFirst(): Planned {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  private sink(planned: Planned): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, planned)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = planned;
  }
}
