import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import { keyOfCursor, pageOfRows, type Page } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

export type ListedNode = z.output<typeof federation.listedNode>;
export type Verdict = ListedNode['verdict'];

interface Row { node_id: string; name: string; verdict: Verdict; reason: string | null; listed_at: Date }

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

const listedNode = (row: Row): ListedNode => ({ nodeId: row.node_id, name: row.name, verdict: row.verdict, reason: row.reason, listedAt: row.listed_at.toISOString() });

/** The list of nodes that are let in or kept out. */
@Injectable()
export class ListedNodeRepository {
  constructor(private readonly dataSource: DataSource) {}

  async verdictOn(nodeId: string, tx: Transaction): Promise<Verdict | undefined> {
    const [row] = await tx.query<{ verdict: Verdict }[]>('SELECT verdict FROM listed_node WHERE node_id = $1', [nodeId]);
    return row?.verdict;
  }

  /** Every line, in the order of the node ids. */
  async all(tx: Transaction | DataSource = this.dataSource): Promise<ListedNode[]> {
    return (await tx.query<Row[]>('SELECT node_id, name, verdict, reason, listed_at FROM listed_node ORDER BY node_id')).map(listedNode);
  }

  async page({ limit, cursor, verdict }: z.output<typeof federation.listNodesAdmitted.input>): Promise<Page<ListedNode>> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT node_id, name, verdict, reason, listed_at FROM listed_node
       WHERE ($1::text IS NULL OR node_id > $1) AND ($2::text IS NULL OR verdict = $2) ORDER BY node_id LIMIT $3`,
      [keyOfCursor(cursor, NODE_ID), verdict ?? null, limit + 1],
    );
    return pageOfRows(rows.map(listedNode), limit, ({ nodeId }) => nodeId);
  }

  async put({ nodeId, name, verdict, reason }: Pick<ListedNode, 'nodeId' | 'name' | 'verdict' | 'reason'>, at: Date, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO listed_node (node_id, name, verdict, reason, listed_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (node_id) DO UPDATE SET name = excluded.name, verdict = excluded.verdict, reason = excluded.reason, listed_at = excluded.listed_at`,
      [nodeId, name, verdict, reason, at],
    );
  }

  async remove(nodeId: string, tx: Transaction): Promise<void> {
    await tx.query('DELETE FROM listed_node WHERE node_id = $1', [nodeId]);
  }
}
