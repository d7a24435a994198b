import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { z } from 'zod';
import { OwnNode } from '../../own-node.js';
import { isRelayed, moved, newPeer, stateAfter, type PeerRecord } from '../domain/peer.js';
import { PeerBlockedError, PeerDeclinesError, PeerIsAnotherError, PeerIsSelfError } from '../domain/peer.errors.js';
import { PeerDesk } from '../peer-desk.js';
import { PeerRepository } from '../peer.repository.js';
import { GatewayClient } from './gateway-client.js';
import { withLinkKey } from './link-keys.js';
import { StatementCourier } from './statement-courier.js';

type Wanted = z.output<typeof federation.requestLink.input>;

/** Asks the node behind a gateway address for a link, on the word of our operator. */
@Injectable()
export class RequestLink {
  constructor(
    private readonly own: OwnNode, private readonly gateways: GatewayClient, private readonly desk: PeerDesk, private readonly peers: PeerRepository,
    private readonly courier: StatementCourier,
  ) {}

  /**
   * The id of the node that was asked. What it answers is taken in; where the request does not arrive it is tried again.
   *
   * @throws AddressRefusedError, PeerUnreachableError, PeerIsAnotherError, PeerIsSelfError, PeerBlockedError, PeerDeclinesError.
   */
  async handle({ gatewayUrl, view, nodeId: wanted }: Wanted): Promise<string> {
    const { nodeId, name } = await this.gateways.nodeAt(gatewayUrl);
    if (wanted !== undefined && wanted !== nodeId) throw new PeerIsAnotherError(nodeId, wanted);
    if (nodeId === this.own.nodeId) throw new PeerIsSelfError();
    await this.desk.together(async (tx) => {
      await this.desk.changeIn(nodeId, (before) => this.asked(before, { nodeId, name, gatewayUrl, view }), tx);
      // Delivered right here, while the operator waits: two at a time would overtake each other.
      await this.peers.reserveOwed(nodeId, tx);
    });
    const after = await this.courier.deliverTo(nodeId);
    if (after?.state === 'declined') throw new PeerDeclinesError();
    return nodeId;
  }

  private asked(before: PeerRecord | undefined, { nodeId, name, gatewayUrl, view }: Pick<PeerRecord, 'nodeId' | 'name' | 'view'> & { readonly gatewayUrl: string }): PeerRecord {
    const isNew = before !== undefined && before.state === 'linked' && isRelayed(before);
    const state = stateAfter(before, isNew ? 'askAnew' : 'ask');
    if (state === undefined || state === 'stranger') throw new PeerBlockedError();
    const known = before ?? newPeer({ nodeId, name, state }, this.desk.now());
    // Where the other node has asked before, this is our agreement.
    const owes = known.state === 'asking' ? 'agrees' : 'asks';
    return withLinkKey({ ...moved(known, state, this.desk.now()), gatewayUrl, view, owes });
  }
}
