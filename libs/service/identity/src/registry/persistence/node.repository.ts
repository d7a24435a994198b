import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { nodeTerms } from '../../search/domain/search-terms.js';
import { replaceTerms } from '../../search/replace-terms.js';

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

  /** What is known of a node. With `lock` nobody else changes it before the transaction ends. */
  async find(nodeId: string, tx: Transaction, lock = false): Promise<AnnouncedNode | undefined> {
    const [row] = await tx.query<(Omit<AnnouncedNode, 'announcedSeq'> & { announcedSeq: string })[]>(
      `SELECT node_id AS "nodeId", name, domain, gateway_url AS "gatewayUrl", operator_id AS "operatorId", announced_seq AS "announcedSeq"
       FROM node WHERE node_id = $1 ${lock ? 'FOR UPDATE' : ''}`, [nodeId],
    );
    return row && { ...row, announcedSeq: Number(row.announcedSeq) };
  }

  /** Adds the node, or replaces what an earlier announcement (or the settings) said. A later announcement stays. */
  async save(node: AnnouncedNode, tx: Transaction): Promise<void> {
    const { nodeId, name, domain, gatewayUrl, operatorId, announcedSeq } = node;
    const saved = await tx.query<unknown[]>(
      `INSERT INTO node (node_id, name, domain, gateway_url, operator_id, announced_seq) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (node_id) DO UPDATE
       SET name = $2, domain = $3, gateway_url = $4, operator_id = $5, announced_seq = $6
       WHERE node.announced_seq < $6 OR (node.announced_seq = 0 AND $6 = 0)
       RETURNING node_id`,
      [nodeId, name, domain, gatewayUrl, operatorId, announcedSeq],
    );
    if (saved.length > 0) await replaceTerms({ nodeId, partyId: null }, nodeTerms(node), tx);
  }
}
