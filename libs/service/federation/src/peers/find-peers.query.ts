import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { keyOfCursor, pageOfRows, type Page } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { PeerUnknownError } from './domain/peer.errors.js';
import { presentPeer, type PeerView, type PeerViewRow } from './peer.presenter.js';
import { peerRecord } from './peer.repository.js';

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

/** $1 is this node: what peers say they hold of its log, and of their own, is compared with what is held here. */
const SELECT = `
  SELECT peer.*, link.state AS link_state, since, attempts, last_error, last_error_at, next_attempt_at, connections, received,
    (SELECT coalesce(sum(count), 0) FROM refusal_count WHERE refusal_count.peer = node_id) AS refused,
    (SELECT seq FROM peer_head WHERE peer_head.peer = node_id AND issuer = node_id) AS their_head,
    (SELECT seq FROM issuer_head WHERE issuer = node_id) AS held_head,
    ours.seq AS delivered_head, (SELECT seq FROM issuer_head WHERE issuer = $1) AS own_head,
    (SELECT ts FROM entry WHERE issuer = $1 AND seq = ours.seq + 1) AS lacking_ts
  FROM peer LEFT JOIN link ON link.peer = node_id LEFT JOIN peer_head AS ours ON ours.peer = node_id AND ours.issuer = $1`;

/** Peers as an operator sees them: the same answer by every replica. */
@Injectable()
export class FindPeers {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode, private readonly clock: Clock) {}

  /** @throws PeerUnknownError. */
  async one(nodeId: string): Promise<PeerView> {
    const [row] = await this.dataSource.query<PeerViewRow[]>(`${SELECT} WHERE node_id = $2`, [this.own.nodeId, nodeId]);
    if (row === undefined) throw new PeerUnknownError(nodeId);
    return presentPeer(peerRecord(row), row, this.clock.now());
  }

  async page({ limit, cursor, state }: z.output<typeof federation.listPeers.input>): Promise<Page<PeerView>> {
    const rows = await this.dataSource.query<PeerViewRow[]>(
      `${SELECT} WHERE ($2::text IS NULL OR node_id > $2) AND ($3::text IS NULL OR peer.state = $3) ORDER BY node_id LIMIT $4`,
      [this.own.nodeId, keyOfCursor(cursor, NODE_ID), state ?? null, limit + 1],
    );
    const { items, nextCursor } = pageOfRows(rows, limit, ({ node_id }) => node_id);
    return { items: items.map((row) => presentPeer(peerRecord(row), row, this.clock.now())), nextCursor };
  }
}
