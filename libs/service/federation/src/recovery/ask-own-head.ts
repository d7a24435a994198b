import { Injectable } from '@nestjs/common';
import { AuthorizationError } from '@nats-io/transport-node';
import type { Head, HeadVector } from '@kula/kernel-federation-log';
import { AskHeads } from '../heads/ask-heads.js';
import { PeerAnswerError } from '../link/link.errors.js';
import { OwnNode } from '../own-node.js';
import type { Peer } from '../peers/peer-directory.js';
import { ReachPeer } from './reach-peer.js';

/** Asks a peer what it holds of this node's own log. */
@Injectable()
export class AskOwnHead {
  constructor(private readonly own: OwnNode, private readonly reachPeer: ReachPeer, private readonly askHeads: AskHeads) {}

  /** The peer's word; null where it holds nothing of us or does not know us; undefined where it gives no word now. */
  async handle(peer: Peer): Promise<Head | null | undefined> {
    try {
      return this.wordIn(await this.reachPeer.during(peer, (session) => this.askHeads.handle(session)));
    } catch (error) {
      const isStranger = error instanceof AuthorizationError || (error instanceof PeerAnswerError && error.refused === 'federation.peer_unknown');
      return isStranger ? null : undefined;
    }
  }

  /** What a vector says of this node's own log. */
  wordIn(vector: HeadVector): Head | null {
    const said = vector[this.own.nodeId];
    return said === undefined ? null : { seq: said[0], hash: said[1] };
  }
}
