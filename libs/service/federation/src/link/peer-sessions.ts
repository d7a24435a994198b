import { Injectable } from '@nestjs/common';
import type { PeerSession } from './peer-session.js';

/** The connections to peers that are up: whom this node can ask something now. */
@Injectable()
export class PeerSessions {
  private readonly open = new Map<string, PeerSession>();
  private readonly watchers = new Set<(session: PeerSession) => void>();

  /** Every peer that can be asked, in the order in which they connected. */
  all(): readonly PeerSession[] { return [...this.open.values()]; }

  of(nodeId: string): PeerSession | undefined { return this.open.get(nodeId); }

  /** Calls the watcher with every session that begins from now on. Answers how to stop that. */
  watch(watcher: (session: PeerSession) => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }

  /** To be called by the link once its connection has been opened. */
  began(session: PeerSession): void {
    this.open.set(session.peer.nodeId, session);
    for (const watcher of this.watchers) watcher(session);
  }

  /** To be called by the link when its connection is over. */
  ended(session: PeerSession): void {
    if (this.open.get(session.peer.nodeId) === session) this.open.delete(session.peer.nodeId);
  }
}
