import { Injectable } from '@nestjs/common';
import { PeerSession } from '../link/peer-session.js';
import { PeerSessions } from '../link/peer-sessions.js';
import { OwnNode } from '../own-node.js';
import type { Peer } from '../peers/peer-directory.js';

/** Talks to a peer whether or not its link is up: over the link's connection, else over one for this purpose. */
@Injectable()
export class ReachPeer {
  constructor(private readonly own: OwnNode, private readonly sessions: PeerSessions) {}

  /** Runs the conversation. @throws whatever dialling or the conversation throws. */
  async during<Answer>(peer: Peer, talk: (session: PeerSession) => Promise<Answer>): Promise<Answer> {
    const open = this.sessions.of(peer.nodeId);
    if (open !== undefined) return talk(open);
    const session = await PeerSession.dial(peer, this.own.nodeId);
    try {
      return await talk(session);
    } finally {
      await session.close();
    }
  }
}
