/** A directed graph in rows: the arcs of vertex v are the positions start[v] to start[v + 1]. */
export interface ArcRows {
  readonly start: Int32Array;
  readonly head: Int32Array;
}

/**
 * Strongly connected component of every vertex, as a number.
 *
 * O(vertices + arcs), without recursion. Source: Tarjan 1972.
 */
export function strongComponents({ start, head }: ArcRows): Int32Array {
  const count = start.length - 1;
  const search = new ComponentSearch(count);
  for (let root = 0; root < count; root += 1) {
    if (search.order[root] !== 0) continue;
    search.enter(root, start[root]!);
    while (search.depth > 0) {
      const vertex = search.top();
      const at = search.next[vertex]!;
      if (at === start[vertex + 1]!) search.leave(vertex);
      else {
        search.next[vertex] = at + 1;
        search.look(vertex, head[at]!, start);
      }
    }
  }
  return search.component;
}

class ComponentSearch {
  readonly order: Int32Array;
  readonly next: Int32Array;
  readonly component: Int32Array;
  depth = 0;
  private readonly low: Int32Array;
  private readonly path: Int32Array;
  private readonly open: Int32Array;
  private openCount = 0;
  private visited = 0;
  private found = 0;

  constructor(count: number) {
    this.order = new Int32Array(count);
    this.next = new Int32Array(count);
    this.component = new Int32Array(count).fill(-1);
    this.low = new Int32Array(count);
    this.path = new Int32Array(count);
    this.open = new Int32Array(count);
  }

  top(): number {
    return this.path[this.depth - 1]!;
  }

  enter(vertex: number, first: number): void {
    this.visited += 1;
    this.order[vertex] = this.visited;
    this.low[vertex] = this.visited;
    this.next[vertex] = first;
    this.path[this.depth++] = vertex;
    this.open[this.openCount++] = vertex;
  }

  look(vertex: number, target: number, start: Int32Array): void {
    if (this.order[target] === 0) this.enter(target, start[target]!);
    else if (this.component[target] === -1) this.low[vertex] = Math.min(this.low[vertex]!, this.order[target]!);
  }

  leave(vertex: number): void {
    this.depth -= 1;
    if (this.depth > 0) this.low[this.top()] = Math.min(this.low[this.top()]!, this.low[vertex]!);
    if (this.low[vertex] !== this.order[vertex]) return;
    let member: number;
    do {
      member = this.open[--this.openCount]!;
      this.component[member] = this.found;
    } while (member !== vertex);
    this.found += 1;
  }
}
