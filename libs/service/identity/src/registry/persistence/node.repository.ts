import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** What a node said about itself. */
export interface AnnouncedNode {
  readonly nodeId: string;
  readonly name: string;
  readonly domain: string;
  readonly gatewayUrl: string;
  readonly operatorId: string;
  /** Place of the announcement in the node's log; 0 while only this node's own settings say it. */
  readonly announcedSeq: number;
}

/** The nodes learned from their announcements. */
@Injectable()
export class NodeRepository {
  async isKnown(nodeId: string, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>('SELECT 1 FROM node WHERE node_id = $1', [nodeId]);
    return rows.length > 0;
  }

  /** The node known by a domain, or undefined. */
  async holderOf(domain: string, tx: Transaction): Promise<string | undefined> {
    const [row] = await tx.query<{ node_id: string }[]>('SELECT node_id FROM node WHERE domain = $1', [domain]);
    return row?.node_id;
  }

  /** Adds the node, or replaces what an earlier announcement (or the settings) said. A later announcement stays. */
  async save(node: AnnouncedNode, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO node (node_id, name, domain, gateway_url, operator_id, announced_seq) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (node_id) DO UPDATE
       SET name = $2, domain = $3, gateway_url = $4, operator_id = $5, announced_seq = $6
       WHERE node.announced_seq < $6 OR (node.announced_seq = 0 AND $6 = 0)`,
      [node.nodeId, node.name, node.domain, node.gatewayUrl, node.operatorId, node.announcedSeq],
    );
  }

  /** True where the registry says the same about the node. */
  async matches({ nodeId, name, domain, gatewayUrl, operatorId }: AnnouncedNode, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      'SELECT 1 FROM node WHERE node_id = $1 AND name = $2 AND domain = $3 AND gateway_url = $4 AND operator_id = $5',
      [nodeId, name, domain, gatewayUrl, operatorId],
    );
    return rows.length > 0;
  }
}
