import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type Item = z.output<typeof federation.impactItem>;

const EXAMPLES_MAX = 5;

interface Row { agreements: string; ids: string[] }

/** Agreements that are proposed, active or suspended and have a party of a node. */
@Injectable()
export class MeasureImpact {
  constructor(private readonly dataSource: DataSource) {}

  /** Nothing where no such agreement is known. O(open agreements). */
  async of(nodeId: string): Promise<Item[]> {
    const [row] = await this.dataSource.query<Row[]>(
      `WITH touched AS (
         SELECT DISTINCT agreement_id FROM agreement, jsonb_array_elements(terms -> 'parties') AS party
         WHERE state IN ('proposed', 'active', 'suspended') AND party ->> 'home_node' = $1
       ) SELECT (SELECT count(*) FROM touched) AS agreements, ARRAY(SELECT agreement_id FROM touched ORDER BY agreement_id LIMIT ${EXAMPLES_MAX}) AS ids`, [nodeId],
    );
    const agreements = Number(row?.agreements ?? 0);
    if (agreements === 0) return [];
    const found = agreements === 1 ? '1 agreement has' : `${agreements} agreements have`;
    return [{ what: 'open_agreements', count: agreements, sentence: `${found} a party at the node: nothing could be signed or cleared under it.`, examples: row?.ids ?? [] }];
  }
}
