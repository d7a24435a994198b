/** The node this service belongs to. */
export class OwnNode {
  constructor(readonly nodeId: string) {}
}
