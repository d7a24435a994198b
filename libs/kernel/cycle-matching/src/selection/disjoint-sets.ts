/** Sets that grow together (union-find with path halving). The smallest member names a set. */
export class DisjointSets {
  private readonly parent: Int32Array;

  constructor(count: number) {
    this.parent = new Int32Array(count).map((_, member) => member);
  }

  nameOf(member: number): number {
    let at = member;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!;
      at = this.parent[at]!;
    }
    return at;
  }

  join(left: number, right: number): void {
    const [first, second] = [this.nameOf(left), this.nameOf(right)];
    this.parent[Math.max(first, second)] = Math.min(first, second);
  }
}
