/**
 * Cycles in typed arrays: cycle c visits the vertices at the positions start[c] to start[c + 1],
 * and `arc` holds at the same positions the arc that leaves each of them.
 */
export interface CycleTable {
  readonly count: number;
  readonly start: Int32Array;
  readonly vertex: Int32Array;
  readonly arc: Int32Array;
  readonly score: Float64Array;
}

/** A table that grows. */
export class CycleTableBuilder {
  private count = 0;
  private start = new Int32Array(1024);
  private vertex = new Int32Array(4096);
  private arc = new Int32Array(4096);
  private score = new Float64Array(1024);

  get size(): number {
    return this.count;
  }

  /** Adds a cycle of the first `length` vertices and arcs. */
  add(vertices: Int32Array, arcs: Int32Array, length: number, score: number): void {
    const from = this.start[this.count]!;
    this.reserve(from + length);
    for (let at = 0; at < length; at += 1) {
      this.vertex[from + at] = vertices[at]!;
      this.arc[from + at] = arcs[at]!;
    }
    this.score[this.count] = score;
    this.count += 1;
    this.start[this.count] = from + length;
  }

  /** Forgets every cycle after the first `count`. */
  truncate(count: number): void {
    this.count = count;
  }

  table(): CycleTable {
    const used = this.start[this.count]!;
    return {
      count: this.count,
      start: this.start.subarray(0, this.count + 1),
      vertex: this.vertex.subarray(0, used),
      arc: this.arc.subarray(0, used),
      score: this.score.subarray(0, this.count),
    };
  }

  private reserve(used: number): void {
    if (this.count + 2 > this.start.length) {
      this.start = grown(this.start, new Int32Array(this.start.length * 2));
      this.score = grown(this.score, new Float64Array(this.score.length * 2));
    }
    if (used <= this.vertex.length) return;
    this.vertex = grown(this.vertex, new Int32Array(this.vertex.length * 2));
    this.arc = grown(this.arc, new Int32Array(this.arc.length * 2));
  }
}

function grown<Values extends Int32Array | Float64Array>(values: Values, larger: Values): Values {
  larger.set(values);
  return larger;
}
