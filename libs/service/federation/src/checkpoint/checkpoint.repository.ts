import { Injectable } from '@nestjs/common';
import type { Head } from '@kula/kernel-federation-log';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** `confirmed`: this node has found it true of the log it holds. `adopted`: its log begins with it, on the word of the issuer. `refused`: it is false. */
export type CheckpointState = 'confirmed' | 'adopted' | 'refused';

/** A checkpoint and what was found of it. */
export interface JudgedCheckpoint {
  readonly issuer: string;
  readonly seq: number;
  readonly hash: string;
  readonly state: CheckpointState;
  readonly liveCount: number;
  /** Why it is refused; null for others. */
  readonly code: string | null;
  readonly detail: string | null;
  /** Peer that gave it; null where it came with the log. */
  readonly shownBy: string | null;
}

/** A judged checkpoint, and how long ago it was judged. */
export interface RememberedCheckpoint extends JudgedCheckpoint {
  readonly judgedAt: Date;
}

/** A checkpoint by which snapshots are given. */
export interface ServableCheckpoint {
  readonly seq: number;
  /** The exact signed bytes. */
  readonly jws: string;
}

interface Row {
  issuer: string; seq: string; hash: string; state: CheckpointState; live_count: string; code: string | null; detail: string | null; shown_by: string | null; judged_at: Date;
}

/** Refused checkpoints kept of one issuer, the latest. */
const REFUSED_MAX = 100;
const COLUMNS = 'issuer, seq, hash, state, live_count, code, detail, shown_by, judged_at';

const remembered = ({ seq, live_count: liveCount, shown_by: shownBy, judged_at: judgedAt, ...row }: Row): RememberedCheckpoint =>
  ({ ...row, seq: Number(seq), liveCount: Number(liveCount), shownBy, judgedAt });

/** What was found of checkpoints. */
@Injectable()
export class CheckpointRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Keeps what was found. One that was judged before stays as it is. */
  async keep({ issuer, seq, hash, state, liveCount, code, detail, shownBy }: JudgedCheckpoint, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO checkpoint (issuer, seq, hash, state, live_count, code, detail, shown_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [issuer, seq, hash, state, liveCount, code, detail, shownBy],
    );
    if (state !== 'refused') return;
    await tx.query(
      `DELETE FROM checkpoint WHERE issuer = $1 AND state = 'refused' AND (judged_at, seq, hash) <
         (SELECT judged_at, seq, hash FROM checkpoint WHERE issuer = $1 AND state = 'refused' ORDER BY judged_at DESC, seq DESC, hash DESC OFFSET ${REFUSED_MAX - 1} LIMIT 1)`, [issuer],
    );
  }

  /** What was found of a checkpoint; undefined where it was not judged. */
  async stateOf(issuer: string, { seq, hash }: Head): Promise<CheckpointState | undefined> {
    const [row] = await this.dataSource.query<{ state: CheckpointState }[]>('SELECT state FROM checkpoint WHERE issuer = $1 AND seq = $2 AND hash = $3', [issuer, seq, hash]);
    return row?.state;
  }

  /** The checkpoint of an issuer that was judged last, true or not. */
  async last(issuer: string): Promise<RememberedCheckpoint | undefined> {
    const rows = await this.dataSource.query<Row[]>(`SELECT ${COLUMNS} FROM checkpoint WHERE issuer = $1 ORDER BY judged_at DESC, seq DESC LIMIT 1`, [issuer]);
    return rows.map(remembered)[0];
  }

  /**
   * The checkpoint by which a snapshot of a log can be given; of several the newest, or the oldest by which nothing has been
   * forgotten. Undefined for an issuer that has contradicted itself before it.
   */
  async servable(issuer: string, which: 'newest' | 'oldest' = 'newest'): Promise<ServableCheckpoint | undefined> {
    const [row] = await this.dataSource.query<{ seq: string; jws: string }[]>(
      `SELECT entry.seq, entry.jws FROM checkpoint JOIN entry USING (issuer, seq, hash) JOIN issuer_head USING (issuer)
       WHERE issuer = $1 AND checkpoint.state <> 'refused' AND entry.seq <= coalesce(agreed_up_to, entry.seq) ORDER BY entry.seq ${which === 'newest' ? 'DESC' : ''} LIMIT 1`, [issuer],
    );
    return row && { seq: Number(row.seq), jws: row.jws };
  }

  /** True where a snapshot of that checkpoint can be given. */
  async isServable(issuer: string, seq: number): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(`SELECT 1 FROM checkpoint JOIN entry USING (issuer, seq, hash) WHERE issuer = $1 AND seq = $2 AND state <> 'refused'`, [issuer, seq]);
    return rows.length > 0;
  }

  /** Checkpoints that say another thing than the log, the latest first. */
  async refused(limit: number): Promise<RememberedCheckpoint[]> {
    const rows = await this.dataSource.query<Row[]>(`SELECT ${COLUMNS} FROM checkpoint WHERE state = 'refused' ORDER BY judged_at DESC, issuer, seq LIMIT $1`, [limit]);
    return rows.map(remembered);
  }

  /** The newest checkpoint of each log that is used, in the order of issuers. */
  async newest(): Promise<RememberedCheckpoint[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT DISTINCT ON (issuer COLLATE "C") ${COLUMNS} FROM checkpoint WHERE state <> 'refused' ORDER BY issuer COLLATE "C", seq DESC`,
    );
    return rows.map(remembered);
  }
}
