import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { Declared, OwedWord, PeerRecord } from './domain/peer.js';
import type { PeerState } from './domain/peer.transitions.js';

/** A peer as it is stored, with the version that a write compares. */
export interface StoredPeer {
  readonly record: PeerRecord;
  readonly version: number;
}

/** How it goes with a statement that the peer has not acknowledged. */
export interface DeliveryOutcome {
  /** Null: it was heard; nothing is wrong. */
  readonly error: string | null;
  readonly nextAt: Date;
}

interface Row {
  node_id: string; name: string; state: PeerState; previous_state: PeerState | null; gateway_url: string | null; nats_url: string | null; view: 'own' | 'all';
  tls_ca: string | null; link_nkey_seed: string | null; peer_nkey: string | null; declared: Declared | null; stated_at: Date | null; retries: number;
  reason: string | null; version: number; added_at: Date; changed_at: Date; owes: OwedWord | null;
}

export const PEER_COLUMNS = `node_id, name, state, previous_state, gateway_url, nats_url, view, tls_ca, link_nkey_seed, peer_nkey, declared, stated_at,
  retries, reason, version, added_at, changed_at, owes`;

/** Requests of strangers that wait for a decision at a time. */
const ASKING_MAX = 100;

export const peerRecord = (row: Row): PeerRecord => ({
  nodeId: row.node_id, name: row.name, state: row.state, previous: row.previous_state, gatewayUrl: row.gateway_url, natsUrl: row.nats_url, view: row.view,
  tlsCa: row.tls_ca, linkNkeySeed: row.link_nkey_seed, peerNkey: row.peer_nkey, declared: row.declared, statedAt: row.stated_at, owes: row.owes,
  retries: row.retries, reason: row.reason, addedAt: row.added_at, changedAt: row.changed_at,
});

export type PeerRow = Row;

/** The peers of this node in the database: the truth for every instance. */
@Injectable()
export class PeerRepository {
  constructor(private readonly dataSource: DataSource) {}

  async find(nodeId: string, tx: Transaction): Promise<StoredPeer | undefined> {
    const [row] = await tx.query<Row[]>(`SELECT ${PEER_COLUMNS} FROM peer WHERE node_id = $1`, [nodeId]);
    return row && { record: peerRecord(row), version: row.version };
  }

  /** Node whose peer dials with a public NKey; undefined where none does. */
  async holderOf(publicNkey: string, tx: Transaction): Promise<string | undefined> {
    const [row] = await tx.query<{ node_id: string }[]>('SELECT node_id FROM peer WHERE peer_nkey = $1', [publicNkey]);
    return row?.node_id;
  }

  /** Peers that the peers file names, or named when it was last taken in. */
  async declared(tx: Transaction): Promise<PeerRecord[]> {
    return (await tx.query<Row[]>(`SELECT ${PEER_COLUMNS} FROM peer WHERE declared IS NOT NULL ORDER BY node_id`)).map(peerRecord);
  }

  /** Stores a peer over the version it was read as; undefined: a new one. @throws StaleWriteError where it has changed since. */
  async save(peer: PeerRecord, version: number | undefined, tx: Transaction): Promise<void> {
    const values = valuesOf(peer);
    if (version === undefined) {
      await tx.query(
        `INSERT INTO peer (node_id, name, state, previous_state, gateway_url, nats_url, view, tls_ca, link_nkey_seed, peer_nkey, declared, stated_at, retries, reason, added_at, changed_at, owes, owed_next_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, CASE WHEN $17::text IS NOT NULL THEN now() END, 1)`, values,
      );
      return;
    }
    const [, changed] = await tx.query<[unknown[], number]>(
      `UPDATE peer SET name = $2, state = $3, previous_state = $4, gateway_url = $5, nats_url = $6, view = $7, tls_ca = $8, link_nkey_seed = $9, peer_nkey = $10,
         declared = $11, stated_at = $12, retries = $13, reason = $14, added_at = $15, changed_at = $16, version = version + 1,
         owed_attempts = CASE WHEN owes IS NOT DISTINCT FROM $17::text THEN owed_attempts ELSE 0 END, owes = $17,
         owed_next_at = CASE WHEN $17::text IS NULL THEN NULL WHEN owes IS NOT DISTINCT FROM $17::text AND retries = $13::int THEN owed_next_at ELSE now() END,
         owed_error = CASE WHEN $17::text IS NOT NULL AND owes IS NOT DISTINCT FROM $17::text THEN owed_error END,
         owed_error_at = CASE WHEN $17::text IS NOT NULL AND owes IS NOT DISTINCT FROM $17::text THEN owed_error_at END
       WHERE node_id = $1 AND version = $18`, [...values, version],
    );
    if (changed !== 1) throw new StaleWriteError('the peer has changed meanwhile');
  }

  /** Removes the record, not what came from the peer. @throws StaleWriteError where it has changed since. */
  async remove(nodeId: string, version: number, tx: Transaction): Promise<void> {
    const [, removed] = await tx.query<[unknown[], number]>('DELETE FROM peer WHERE node_id = $1 AND version = $2', [nodeId, version]);
    if (removed !== 1) throw new StaleWriteError('the peer has changed meanwhile');
  }

  /** Lets the oldest undecided requests fall out where there are too many. Names those that fell. */
  async crowdOut(tx: Transaction): Promise<string[]> {
    const [rows] = await tx.query<[{ node_id: string }[], number]>(
      `DELETE FROM peer WHERE state = 'asking' AND node_id IN (SELECT node_id FROM peer WHERE state = 'asking' ORDER BY added_at DESC, node_id OFFSET ${ASKING_MAX}) RETURNING node_id`,
    );
    return rows.map((row) => row.node_id);
  }

  /** Tells other instances that something has changed. The last statement of a transaction: writers wait here for each other. */
  async touch(tx: Transaction): Promise<void> {
    await tx.query('UPDATE peer_revision SET revision = revision + 1');
  }

  /** Statements whose time has come, taken for a minute by whoever calls. */
  async takeOwed(limit: number): Promise<PeerRecord[]> {
    const [rows] = await this.dataSource.query<[Row[], number]>(
      `UPDATE peer SET owed_next_at = now() + interval '60 seconds'
       WHERE node_id IN (SELECT node_id FROM peer WHERE owes IS NOT NULL AND owed_next_at <= now() ORDER BY owed_next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING ${PEER_COLUMNS}`, [limit],
    );
    return rows.map(peerRecord);
  }

  /** Keeps what is owed to a peer for a minute from everybody but whoever calls `takeOwedTo`. */
  async reserveOwed(nodeId: string, tx: Transaction): Promise<void> {
    await tx.query(`UPDATE peer SET owed_next_at = now() + interval '60 seconds' WHERE node_id = $1 AND owes IS NOT NULL`, [nodeId]);
  }

  /** Takes the statement owed to one peer, whoever has it; undefined where nothing is owed. */
  async takeOwedTo(nodeId: string): Promise<PeerRecord | undefined> {
    const [rows] = await this.dataSource.query<[Row[], number]>(
      `UPDATE peer SET owed_next_at = now() + interval '60 seconds' WHERE node_id = $1 AND owes IS NOT NULL RETURNING ${PEER_COLUMNS}`, [nodeId],
    );
    return rows.map(peerRecord)[0];
  }

  /** Attempts so far to deliver what is owed. */
  async owedAttempts(nodeId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ owed_attempts: number }[]>('SELECT owed_attempts FROM peer WHERE node_id = $1', [nodeId]);
    return row?.owed_attempts ?? 0;
  }

  /** Records how a delivery went, where the same statement is still owed. */
  async noteDelivery({ nodeId, owes }: PeerRecord, { error, nextAt }: DeliveryOutcome): Promise<void> {
    await this.dataSource.query(
      `UPDATE peer SET owed_attempts = CASE WHEN $3::text IS NULL THEN 0 ELSE owed_attempts + 1 END, owed_error = $3,
         owed_error_at = CASE WHEN $3 IS NULL THEN NULL ELSE now() END, owed_next_at = $4 WHERE node_id = $1 AND owes = $2`, [nodeId, owes, error, nextAt],
    );
  }
}

const valuesOf = (peer: PeerRecord): unknown[] => [
  peer.nodeId, peer.name, peer.state, peer.previous, peer.gatewayUrl, peer.natsUrl, peer.view, peer.tlsCa, peer.linkNkeySeed, peer.peerNkey,
  peer.declared === null ? null : JSON.stringify(peer.declared), peer.statedAt, peer.retries, peer.reason, peer.addedAt, peer.changedAt, peer.owes,
];
