import { Injectable } from '@nestjs/common';
import { keyOfCursor, pageOfRows } from '@kula/platform-persistence';
import type { matching } from '@kula/contracts';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type RingView = z.input<typeof matching.ring>;

interface Row extends Omit<RingView, 'foundAt'> {
  readonly foundAt: Date;
  readonly rank: string;
}

const RANK = /^[01]\.[0-9]{2}\.[0-9]{8}\.[A-Za-z0-9_-]{1,64}$/;

/** What is shown of the rings. */
@Injectable()
export class FindRings {
  constructor(private readonly dataSource: DataSource) {}

  /** Rings of the latest search, and those this node has proposed, best first. */
  async latest({ limit, cursor, state }: z.output<typeof matching.listRings.input>): Promise<{ items: RingView[]; nextCursor: string | null }> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ring_id AS "ringId", state, score, legs, reason, proposing_node AS "proposingNode", found_at AS "foundAt", rank FROM ring
       WHERE rank > $1 AND ($2::text IS NULL OR state = $2) ORDER BY rank LIMIT $3`, [keyOfCursor(cursor, RANK) ?? '', state ?? null, limit + 1],
    );
    const { items, nextCursor } = pageOfRows(rows, limit, ({ rank }) => rank);
    return { items: items.map(({ rank: _rank, foundAt, ...ring }) => ({ ...ring, foundAt: foundAt.toISOString() })), nextCursor };
  }
}
