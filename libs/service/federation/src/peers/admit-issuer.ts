import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { newPeer } from './domain/peer.js';
import { PeerBlockedError, PeerIsSelfError } from './domain/peer.errors.js';
import { ListedNodeRepository } from './lists/listed-node.repository.js';
import { PeerDesk } from './peer-desk.js';
import { PeerRepository } from './peer.repository.js';

type Admitted = z.output<typeof federation.admitIssuer.input>;

/** Lets the log of a node in, whoever carries it, without a link to the node. */
@Injectable()
export class AdmitIssuer {
  constructor(private readonly own: OwnNode, private readonly desk: PeerDesk, private readonly list: ListedNodeRepository, private readonly peers: PeerRepository) {}

  /** @throws PeerIsSelfError, PeerBlockedError. */
  async handle(issuer: Admitted): Promise<void> {
    await this.desk.together((tx) => this.admitIn(issuer, null, tx));
  }

  /** A node that is known already keeps its standing and is let in by the list. */
  async admitIn({ nodeId, name }: Admitted, reason: string | null, tx: Transaction): Promise<void> {
    if (nodeId === this.own.nodeId) throw new PeerIsSelfError();
    await this.desk.changeIn(nodeId, async (before) => {
      if (before?.state === 'blocked') throw new PeerBlockedError();
      return before ?? { ...newPeer({ nodeId, name, state: 'linked' }, this.desk.now()), reason };
    }, tx);
    await this.list.put({ nodeId, name, verdict: 'allow', reason }, this.desk.now(), tx);
    await this.peers.touch(tx);
  }
}
