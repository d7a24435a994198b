import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type Item = z.output<typeof federation.impactItem>;

const EXAMPLES_MAX = 5;

interface Row { members: string; addresses: string[]; cooperatives: string }

/** Members of a node that this one knows. */
@Injectable()
export class MeasureImpact {
  constructor(private readonly dataSource: DataSource) {}

  /** Nothing where nobody of the node is known. O(members of the node). */
  async of(nodeId: string): Promise<Item[]> {
    const [row] = await this.dataSource.query<Row[]>(
      `SELECT (SELECT count(*) FROM participant WHERE home_node = $1) AS members, (SELECT count(*) FROM cooperative WHERE home_node = $1) AS cooperatives,
         ARRAY(SELECT handle || '@' || domain FROM participant JOIN node ON node_id = home_node WHERE home_node = $1 ORDER BY handle LIMIT ${EXAMPLES_MAX}) AS addresses`, [nodeId],
    );
    const [members, cooperatives] = [Number(row?.members ?? 0), Number(row?.cooperatives ?? 0)];
    if (members === 0) return [];
    const sentence = `${members} ${members === 1 ? 'member' : 'members'} in ${cooperatives} ${cooperatives === 1 ? 'cooperative' : 'cooperatives'} of the node could not be reached.`;
    return [{ what: 'members_affected', count: members, sentence, examples: row?.addresses ?? [] }];
  }
}
