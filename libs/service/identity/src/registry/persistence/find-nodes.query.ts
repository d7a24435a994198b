import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import { keyOfCursor, pageOfRows, type Page, type PageRequest } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { LogReports, type LogReport } from '../../activity/log-reports.js';
import { OwnNode } from '../../own-node/own-node.js';
import { NodeUnknownError } from '../domain/registry.errors.js';

type NodeView = z.infer<typeof identity.node>;
type NodeRecord = z.infer<typeof identity.nodeRecord>;

interface NodeRow extends NodeView {
  readonly keyNo: number | null;
  readonly disputedClaims: string | null;
}

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

// $1 is this node's own id in both.
const SAID = `n.node_id AS "nodeId", n.name, n.domain, n.gateway_url AS "gatewayUrl", n.operator_id AS "operatorId", n.node_id = $1 AS "isSelf"`;
const RECORDS = `
  SELECT ${SAID}, i.key_no AS "keyNo", i.disputed_claims AS "disputedClaims"
  FROM node n LEFT JOIN issuer i ON i.issuer = n.node_id`;

/** What the registry shows of nodes, with what the federation service says about their logs and the links to them. */
@Injectable()
export class FindNodes {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode, private readonly logs: LogReports) {}

  /** This node. */
  async ownNode(): Promise<NodeView> {
    const [node] = await this.dataSource.query<NodeView[]>(`SELECT ${SAID} FROM node n WHERE n.node_id = $1`, [this.own.nodeId]);
    invariant(node !== undefined, 'this node is in its own registry');
    return node;
  }

  /** @throws NodeUnknownError. */
  async node(nodeId: string): Promise<NodeRecord> {
    const [node] = await this.nodesOf([nodeId]);
    if (node === undefined) throw new NodeUnknownError(nodeId);
    return node;
  }

  /** In the order of the ids. */
  async nodes({ limit, cursor }: PageRequest): Promise<Page<NodeRecord>> {
    const rows = await this.records('WHERE ($2::text IS NULL OR n.node_id > $2) ORDER BY n.node_id LIMIT $3', keyOfCursor(cursor, NODE_ID), limit + 1);
    return pageOfRows(rows, limit, (item) => item.nodeId);
  }

  /** Those of the nodes that are known, in the order of the ids. */
  async nodesOf(nodeIds: readonly string[]): Promise<NodeRecord[]> {
    return nodeIds.length === 0 ? [] : this.records('WHERE n.node_id = ANY ($2) ORDER BY n.node_id', nodeIds);
  }

  private async records(which: string, ...values: readonly unknown[]): Promise<NodeRecord[]> {
    const [rows, reportOf] = await Promise.all([this.dataSource.query<NodeRow[]>(`${RECORDS} ${which}`, [this.own.nodeId, ...values]), this.logs.read()]);
    return rows.map((row) => ({ ...presentNode(row), ...reportOf(row.nodeId) }));
  }
}

const presentNode = ({ keyNo, disputedClaims, ...said }: NodeRow): Omit<NodeRecord, keyof LogReport> =>
  ({ ...said, keyNo: keyNo ?? 1, disputedClaims: Number(disputedClaims ?? 0) });
