import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type Item = z.output<typeof federation.impactItem>;

const EXAMPLES_MAX = 5;

interface Row { listings: string; titles: string[] }

/** Open listings of a node that members of this one see or are matched with. */
@Injectable()
export class MeasureImpact {
  constructor(private readonly dataSource: DataSource) {}

  /** Nothing where the node has no open listing here. O(open listings of the node). */
  async of(nodeId: string): Promise<Item[]> {
    const [row] = await this.dataSource.query<Row[]>(
      `WITH hidden AS (
         SELECT listing_id, title FROM listing WHERE home_node = $1 AND state = 'open'
         UNION ALL SELECT listing_id, capability FROM listing_summary WHERE home_node = $1 AND state = 'open' AND valid_until_ms IS NULL
       ) SELECT (SELECT count(*) FROM hidden) AS listings, ARRAY(SELECT title FROM hidden ORDER BY listing_id LIMIT ${EXAMPLES_MAX}) AS titles`, [nodeId],
    );
    const listings = Number(row?.listings ?? 0);
    if (listings === 0) return [];
    const found = listings === 1 ? '1 open listing' : `${listings} open listings`;
    return [{ what: 'listings_hidden', count: listings, sentence: `${found} of the node would not be matched any more.`, examples: row?.titles ?? [] }];
  }
}
