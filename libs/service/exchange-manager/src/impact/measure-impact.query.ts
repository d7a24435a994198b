import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';

type Item = z.output<typeof federation.impactItem>;

const EXAMPLES_MAX = 5;

interface Row { chains: string; chain_ids: string[]; members: string; member_ids: string[] }

/** Rings that have not ended and in which a node takes part, and the members of this node in them. */
@Injectable()
export class MeasureImpact {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode) {}

  /** Nothing where no open ring knows the node. O(open rings). */
  async of(nodeId: string): Promise<Item[]> {
    const [row] = await this.dataSource.query<Row[]>(
      `WITH seat AS (
         SELECT chain_id, seat ->> 'participant_id' AS participant, seat ->> 'home_node' AS home
         FROM chain, json_array_elements(replica -> 'terms' -> 'participants') AS seat WHERE state NOT IN ('completed', 'aborted', 'failed')
       ), touched AS (SELECT DISTINCT chain_id FROM seat WHERE home = $1),
       member AS (SELECT DISTINCT participant FROM seat JOIN touched USING (chain_id) WHERE home = $2)
       SELECT (SELECT count(*) FROM touched) AS chains, ARRAY(SELECT chain_id FROM touched ORDER BY chain_id LIMIT ${EXAMPLES_MAX}) AS chain_ids,
         (SELECT count(*) FROM member) AS members, ARRAY(SELECT participant FROM member ORDER BY participant LIMIT ${EXAMPLES_MAX}) AS member_ids`, [nodeId, this.own.nodeId],
    );
    return row === undefined || Number(row.chains) === 0 ? [] : itemsOf(row);
  }
}

function itemsOf(row: Row): Item[] {
  const [chains, members] = [Number(row.chains), Number(row.members)];
  return [
    { what: 'open_chains', count: chains, sentence: `${chains} ${chains === 1 ? 'ring that has' : 'rings that have'} not ended would stop where they are: the node takes part.`, examples: row.chain_ids },
    { what: 'members_affected', count: members, sentence: `${members} ${members === 1 ? 'member' : 'members'} of this node with a part in these rings.`, examples: row.member_ids },
  ];
}
