import { Injectable } from '@nestjs/common';
import type { SnapshotAnswer } from '@kula/contracts';
import { DataSource } from 'typeorm';

const ENTRIES_MAX = 500;
/** With the largest entry on top still below what a server carries in one message. */
const BYTES_MAX = 512 * 1024;

interface Row { jws: string; is_last: boolean }

/** The entries that are live at a checkpoint that was found true. */
@Injectable()
export class LiveEntries {
  constructor(private readonly dataSource: DataSource) {}

  /** Entries of a log after a number, live at the checkpoint, in order; `isLast` where there is no further one. */
  async page(issuer: string, checkpointSeq: number, after: number): Promise<SnapshotAnswer> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT jws, place = count AS is_last FROM (
         SELECT jws, row_number() OVER (ORDER BY seq) AS place, count(*) OVER () AS count, sum(octet_length(jws)) OVER (ORDER BY seq) - octet_length(jws) AS before
         FROM (SELECT seq, jws FROM entry WHERE issuer = $1 AND seq > $3 AND seq < $2 AND (dead_at IS NULL OR dead_at > $2) ORDER BY seq LIMIT ${ENTRIES_MAX + 1}) AS next
       ) AS measured WHERE before < ${BYTES_MAX} AND place <= ${ENTRIES_MAX} ORDER BY place`, [issuer, checkpointSeq, after],
    );
    return { entries: rows.map(({ jws }) => jws), isLast: rows.at(-1)?.is_last ?? true };
  }
}
