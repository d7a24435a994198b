import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { isAgreed } from '../peers/domain/peer.js';
import type { PeerState } from '../peers/domain/peer.transitions.js';
import { OwnNode } from '../own-node.js';

type Status = z.output<typeof federation.federationStatus>;

/** Entries that one side has and the other lacks, and for how long at least the oldest has been lacking; null: not known. */
export interface Lag {
  readonly entries: number | null;
  readonly seconds: number | null;
}

/** How it goes with a peer, as far as the database of this node knows. */
export interface LinkCondition {
  readonly nodeId: string;
  readonly name: string;
  /** Null: the peer has been forgotten, its link is still on record. */
  readonly peerState: PeerState | null;
  /** Both nodes agree to a link. */
  readonly isAgreed: boolean;
  /** Null: this node has never dialled it. */
  readonly link: {
    readonly state: Status['links'][number]['state'];
    readonly lastError: string | null;
    readonly lastEntryAt: Date | null;
    /** Failed attempts in a row. */
    readonly attempts: number;
    readonly reconnects: number;
    readonly received: number;
    readonly receivedBytes: number;
  } | null;
  readonly refused: number;
  /** What the peer has of its own log and we lack, as it last said. */
  readonly behind: Lag;
  /** What we have of our own log and the peer has not said it holds. */
  readonly undelivered: Lag;
  /** Seconds since the peer last said what it holds. */
  readonly heardSeconds: number | null;
}

interface Row {
  node_id: string; name: string; peer_state: PeerState | null; is_linkable: boolean;
  link_state: Status['links'][number]['state'] | null; last_error: string | null; last_entry_at: Date | null; attempts: number; connections: number;
  received: string; received_bytes: string; refused: string;
  their_head: string | null; held_head: string | null; lacking_since: Date | null;
  delivered_head: string | null; own_head: string | null; undelivered_ts: string | null; heard_at: Date | null;
}

/** $1 is this node. A node of which only the log is let in, from relays, is nobody to have a link with. */
const SELECT = `
  SELECT coalesce(peer.node_id, link.peer) AS node_id, coalesce(peer.name, link.name) AS name, peer.state AS peer_state,
    coalesce(peer.nats_url IS NOT NULL OR peer.peer_nkey IS NOT NULL OR peer.declared IS NOT NULL, false) AS is_linkable,
    link.state AS link_state, last_error, last_entry_at, coalesce(attempts, 0) AS attempts, coalesce(connections, 0) AS connections,
    coalesce(received, 0) AS received, coalesce(received_bytes, 0) AS received_bytes,
    (SELECT coalesce(sum(count), 0) FROM refusal_count WHERE refusal_count.peer = coalesce(peer.node_id, link.peer)) AS refused,
    theirs.seq AS their_head, held.seq AS held_head, coalesce((SELECT since FROM peer_lag WHERE peer_lag.peer = theirs.peer AND awaited_seq > coalesce(held.seq, 0)), theirs.said_at) AS lacking_since,
    ours.seq AS delivered_head, own.seq AS own_head, (SELECT ts FROM entry WHERE issuer = $1 AND seq > ours.seq ORDER BY seq LIMIT 1) AS undelivered_ts,
    (SELECT max(said_at) FROM peer_head WHERE peer_head.peer = coalesce(peer.node_id, link.peer)) AS heard_at
  FROM peer FULL JOIN link ON link.peer = peer.node_id
    LEFT JOIN peer_head AS theirs ON theirs.peer = coalesce(peer.node_id, link.peer) AND theirs.issuer = theirs.peer
    LEFT JOIN issuer_head AS held ON held.issuer = coalesce(peer.node_id, link.peer)
    LEFT JOIN peer_head AS ours ON ours.peer = coalesce(peer.node_id, link.peer) AND ours.issuer = $1
    LEFT JOIN issuer_head AS own ON own.issuer = $1
  ORDER BY coalesce(peer.node_id, link.peer) COLLATE "C"`;

/** Peers and links, and what each side lacks of the other: the same answer by every replica. */
@Injectable()
export class LinkConditions {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode, private readonly clock: Clock) {}

  /** In the order of the node ids. */
  async read(): Promise<LinkCondition[]> {
    const rows = await this.dataSource.query<Row[]>(SELECT, [this.own.nodeId]);
    const nowMs = this.clock.now().getTime();
    return rows.map((row) => conditionOf(row, nowMs));
  }
}

const ageSeconds = (atMs: number, nowMs: number): number => Math.max(0, Math.floor((nowMs - atMs) / 1_000));

function lagOf(head: string | null, reached: number, sinceMs: number | null, nowMs: number): Lag {
  if (head === null) return { entries: null, seconds: null };
  const entries = Math.max(0, Number(head) - reached);
  if (entries === 0) return { entries, seconds: 0 };
  return { entries, seconds: sinceMs === null ? null : ageSeconds(sinceMs, nowMs) };
}

function undeliveredOf({ own_head: ownHead, delivered_head: delivered, undelivered_ts: ts }: Row, nowMs: number): Lag {
  if (delivered === null) return { entries: null, seconds: null };
  return lagOf(ownHead ?? '0', Number(delivered), ts === null ? null : Number(ts), nowMs);
}

function linkOf(row: Row): LinkCondition['link'] {
  if (row.link_state === null) return null;
  return {
    state: row.link_state, lastError: row.last_error, lastEntryAt: row.last_entry_at, attempts: row.attempts, reconnects: Math.max(0, row.connections - 1),
    received: Number(row.received), receivedBytes: Number(row.received_bytes),
  };
}

const conditionOf = (row: Row, nowMs: number): LinkCondition => ({
  nodeId: row.node_id, name: row.name, peerState: row.peer_state, isAgreed: row.peer_state !== null && isAgreed(row.peer_state) && row.is_linkable,
  link: linkOf(row), refused: Number(row.refused),
  behind: lagOf(row.their_head, Number(row.held_head ?? 0), row.lacking_since?.getTime() ?? null, nowMs), undelivered: undeliveredOf(row, nowMs),
  heardSeconds: row.heard_at === null ? null : ageSeconds(row.heard_at.getTime(), nowMs),
});
