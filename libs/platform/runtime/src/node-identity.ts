/** Which node this service works for. */
export class NodeIdentity {
  constructor(readonly id: string) {}

  isSelf(nodeId: string): boolean {
    return nodeId === this.id;
  }
}
