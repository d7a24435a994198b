/** Which node this service works for. */
export class NodeIdentity {
  constructor(readonly id: string) {}
}
