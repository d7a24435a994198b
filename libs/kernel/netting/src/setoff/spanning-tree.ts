const NONE = -1;

/** Where a subtree hangs: under `parent`, by `arc`; `rises` where the arc leads from the subtree up to the parent. */
export interface Hold {
  readonly parent: number;
  readonly arc: number;
  readonly rises: boolean;
}

/** A rooted spanning tree whose subtrees can be cut off and hung elsewhere by another of their nodes. */
export class SpanningTree {
  readonly parent: Int32Array;
  readonly arc: Int32Array;
  readonly rises: Uint8Array;
  readonly depth: Int32Array;
  private readonly firstChild: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;

  /** A tree of a root and `nodes` − 1 nodes that are still to be hung. */
  constructor(nodes: number) {
    this.parent = new Int32Array(nodes).fill(NONE);
    this.arc = new Int32Array(nodes).fill(NONE);
    this.rises = new Uint8Array(nodes);
    this.depth = new Int32Array(nodes);
    this.firstChild = new Int32Array(nodes).fill(NONE);
    this.next = new Int32Array(nodes).fill(NONE);
    this.previous = new Int32Array(nodes).fill(NONE);
  }

  /** Hangs a node that has no parent. Depths below it are left to `deepen`. */
  hang(node: number, { parent, arc, rises }: Hold): void {
    this.parent[node] = parent;
    this.arc[node] = arc;
    this.rises[node] = rises ? 1 : 0;
    this.depth[node] = this.depth[parent]! + 1;
    const sibling = this.firstChild[parent]!;
    this.previous[node] = NONE;
    this.next[node] = sibling;
    if (sibling !== NONE) this.previous[sibling] = node;
    this.firstChild[parent] = node;
  }

  /** Cuts the subtree of `top` off and hangs it by `node`, which lies in it. Calls `visit` on every moved node. O(path + subtree). */
  regraft({ top, node, hold }: { top: number; node: number; hold: Hold }, visit: (node: number) => void): void {
    let current = node;
    let to = hold;
    for (;;) {
      const from: Hold = { parent: current, arc: this.arc[current]!, rises: this.rises[current] === 0 };
      const parent = this.parent[current]!;
      this.cut(current);
      this.hang(current, to);
      if (current === top) break;
      current = parent;
      to = from;
    }
    this.deepen(node, visit);
  }

  private cut(node: number): void {
    const previous = this.previous[node]!;
    const next = this.next[node]!;
    if (previous === NONE) this.firstChild[this.parent[node]!] = next;
    else this.next[previous] = next;
    if (next !== NONE) this.previous[next] = previous;
  }

  /** Walks the subtree in preorder and sets depths from the parents'. */
  private deepen(start: number, visit: (node: number) => void): void {
    let node = start;
    while (node !== NONE) {
      this.depth[node] = this.depth[this.parent[node]!]! + 1;
      visit(node);
      node = this.following(node, start);
    }
  }

  private following(node: number, start: number): number {
    if (this.firstChild[node] !== NONE) return this.firstChild[node]!;
    let climbed = node;
    while (climbed !== start && this.next[climbed] === NONE) climbed = this.parent[climbed]!;
    return climbed === start ? NONE : this.next[climbed]!;
  }
}
