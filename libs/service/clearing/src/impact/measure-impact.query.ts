import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type Item = z.output<typeof federation.impactItem>;

const EXAMPLES_MAX = 5;

interface Row { obligations: string; ids: string[] }

/** Obligations that are not discharged and have a party of a node. */
@Injectable()
export class MeasureImpact {
  constructor(private readonly dataSource: DataSource) {}

  /** Nothing where nothing is owed with the node. O(open obligations). */
  async of(nodeId: string): Promise<Item[]> {
    const [row] = await this.dataSource.query<Row[]>(
      `WITH touched AS (
         SELECT DISTINCT obligation_id FROM obligation JOIN arrangement USING (agreement_id), jsonb_array_elements(parties) AS party
         WHERE obligation.state <> 'discharged' AND party ->> 'homeNode' = $1 AND party ->> 'cooperative' IN (debtor, creditor)
       ) SELECT (SELECT count(*) FROM touched) AS obligations, ARRAY(SELECT obligation_id FROM touched ORDER BY obligation_id LIMIT ${EXAMPLES_MAX}) AS ids`, [nodeId],
    );
    const obligations = Number(row?.obligations ?? 0);
    if (obligations === 0) return [];
    const owed = obligations === 1 ? '1 obligation with a party of the node is' : `${obligations} obligations with a party of the node are`;
    return [{ what: 'open_obligations', count: obligations, sentence: `${owed} not discharged and could not be cleared.`, examples: row?.ids ?? [] }];
  }
}
