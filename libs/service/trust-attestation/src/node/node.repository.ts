import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import { CREDIBILITY_START, isInGoodStanding } from './domain/credibility.js';

interface Row {
  readonly node_id: string;
  readonly credibility: number;
  readonly experiences: number;
  readonly attestations_received: number;
  readonly version: number;
}

/** What this node thinks of another. Credibility in millionths. */
export interface CreditedNode {
  readonly nodeId: string;
  readonly credibility: number;
  readonly experiences: number;
  readonly attestationsReceived: number;
  readonly isInGoodStanding: boolean;
  readonly version: number;
}

/** How far a node's word goes here. */
export interface Credit {
  readonly isKnown: boolean;
  readonly credibility: number;
  readonly isInGoodStanding: boolean;
}

const COLUMNS = 'node_id, credibility, experiences, attestations_received, version';
const OWN_CREDIT: Credit = { isKnown: true, credibility: 1_000_000, isInGoodStanding: true };
const STRANGER: Credit = { isKnown: false, credibility: CREDIBILITY_START, isInGoodStanding: true };

const toNode = (row: Row): CreditedNode => ({
  nodeId: row.node_id, credibility: row.credibility, experiences: row.experiences, attestationsReceived: row.attestations_received,
  isInGoodStanding: isInGoodStanding(row.credibility, row.experiences), version: row.version,
});

/** The other nodes. This one is not among them: it believes itself. */
@Injectable()
export class NodeRepository {
  constructor(private readonly own: NodeIdentity) {}

  /** The node, or undefined where it is not known. */
  async find(nodeId: string, tx: Transaction): Promise<CreditedNode | undefined> {
    const [row] = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM node WHERE node_id = $1`, [nodeId]);
    return row && toNode(row);
  }

  /** How far the node's word goes; nobody's yet where it is not known. */
  async creditOf(nodeId: string, tx: Transaction): Promise<Credit> {
    if (this.own.isSelf(nodeId)) return OWN_CREDIT;
    const node = await this.find(nodeId, tx);
    return node === undefined ? STRANGER : { isKnown: true, credibility: node.credibility, isInGoodStanding: node.isInGoodStanding };
  }

  /** Nodes by id, at most `limit` + 1, after an id. */
  async list({ after, limit }: { after: string | null; limit: number }, tx: Transaction): Promise<CreditedNode[]> {
    const rows = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM node WHERE $1::text IS NULL OR node_id > $1 ORDER BY node_id LIMIT $2`, [after, limit + 1]);
    return rows.map(toNode);
  }

  /** Remembers another node. One that is known stays as it is. */
  async add(nodeId: string, tx: Transaction): Promise<void> {
    if (this.own.isSelf(nodeId)) return;
    await tx.query(
      'INSERT INTO node (node_id, credibility, experiences, attestations_received, version) VALUES ($1, $2, 0, 0, 1) ON CONFLICT DO NOTHING', [nodeId, CREDIBILITY_START],
    );
  }

  /** Saves a change. @throws StaleWriteError where another writer came first. */
  async save({ nodeId, credibility, experiences, attestationsReceived, version }: CreditedNode, tx: Transaction): Promise<void> {
    const [, affected] = await tx.query<[unknown, number]>(
      'UPDATE node SET credibility = $3, experiences = $4, attestations_received = $5, version = version + 1 WHERE node_id = $1 AND version = $2',
      [nodeId, version, credibility, experiences, attestationsReceived],
    );
    if (affected !== 1) throw new StaleWriteError(`node ${nodeId} changed after version ${version}`);
  }
}
