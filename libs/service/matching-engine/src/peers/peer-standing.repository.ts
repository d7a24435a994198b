import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** How this node stands to another one, as the federation service says. */
export interface PeerStanding {
  readonly nodeId: string;
  /** New business with it may be begun. */
  readonly isOpen: boolean;
  readonly changedAt: string;
}

/** Peers asked in one search. */
const ASKED_MAX = 50;

/** With which nodes business may be begun. */
@Injectable()
export class PeerStandingRepository {
  /** Keeps how a peer stands, unless a later change is known. True where it was kept. */
  async save({ nodeId, isOpen, changedAt }: PeerStanding, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `INSERT INTO peer_standing (node_id, is_open, changed_at) VALUES ($1, $2, $3)
       ON CONFLICT (node_id) DO UPDATE SET is_open = $2, changed_at = $3 WHERE peer_standing.changed_at <= $3 RETURNING 1 AS kept`, [nodeId, isOpen, changedAt],
    );
    return rows.length > 0;
  }

  /** True where business may be begun with the node. Nobody is trusted of whom nothing was said. */
  async isOpen(nodeId: string, tx: Transaction): Promise<boolean> {
    return (await tx.query<unknown[]>('SELECT 1 FROM peer_standing WHERE node_id = $1 AND is_open', [nodeId])).length > 0;
  }

  /** At most 50 nodes with which business may be begun, in the order of their ids. */
  async findOpen(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ node_id: string }[]>('SELECT node_id FROM peer_standing WHERE is_open ORDER BY node_id LIMIT $1', [ASKED_MAX]);
    return rows.map(({ node_id: nodeId }) => nodeId);
  }
}
