import type { nodeAnnounced } from '@kula/contracts';
import type { NodeId } from '@kula/kernel-crypto';
import type { Sealer } from '@kula/kernel-federation-log';
import type { z } from 'zod';

/** The node this service speaks for, with its signing key. */
export class OwnNode {
  /** Who seals: the first key of the node. */
  readonly sealer: Sealer;

  constructor(
    readonly nodeId: NodeId, readonly network: string, privateKey: Uint8Array, readonly announcement: z.output<typeof nodeAnnounced.body>,
  ) {
    this.sealer = { kid: `${nodeId}#1`, privateKey, net: network };
  }
}
