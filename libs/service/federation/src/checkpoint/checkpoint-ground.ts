import { Injectable } from '@nestjs/common';
import { logCheckpoint } from '@kula/contracts';
import { DataSource } from 'typeorm';
import { CheckpointOptions } from './checkpoint-options.js';
import { readStoredCheckpoint } from './read-stored-checkpoint.js';

/** What the next checkpoint of a log is counted from: the last one, or the first entry. */
export interface Ground {
  readonly seq: number;
  /** Milliseconds since 1970, the issuer's clock. */
  readonly atMs: number;
  /** Entries behind it that make the next one due. */
  readonly entriesMin: number;
}

/** Where so many live entries come on one new one, going over them again is not worth it yet. */
const LIVE_PER_ENTRY_MAX = 10;

/** Finds where the own log was last summed up. */
@Injectable()
export class CheckpointGround {
  constructor(private readonly dataSource: DataSource, private readonly options: CheckpointOptions) {}

  /** Undefined for a log that has not begun. */
  async read(nodeId: string): Promise<Ground | undefined> {
    const [row] = await this.dataSource.query<{ seq: string; hash: string; jws: string; ts: string }[]>(
      `(SELECT seq, hash, jws, ts FROM entry WHERE issuer = $1 AND topic = $2 AND type = $3 ORDER BY seq DESC LIMIT 1)
       UNION ALL (SELECT seq, hash, jws, ts FROM entry WHERE issuer = $1 AND seq = 1) ORDER BY seq DESC LIMIT 1`, [nodeId, logCheckpoint.topic, logCheckpoint.type],
    );
    if (row === undefined) return undefined;
    const liveCount = readStoredCheckpoint(row)?.liveCount ?? 0;
    return { seq: Number(row.seq), atMs: Number(row.ts), entriesMin: Math.max(this.options.entriesMin, Math.ceil(liveCount / LIVE_PER_ENTRY_MAX)) };
  }
}
