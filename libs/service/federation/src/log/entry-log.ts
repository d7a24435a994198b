import { Injectable } from '@nestjs/common';
import type { Head } from '@kula/kernel-federation-log';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** An entry to be stored, verified or sealed. */
export interface NewEntry {
  readonly seq: number;
  readonly hash: string;
  readonly topic: string;
  readonly type: string;
  readonly subject: string;
  readonly ts: number;
  /** The exact signed bytes. */
  readonly jws: string;
  /** Draft it was sealed from; null for entries of other nodes. */
  readonly draftId: string | null;
}

/** A stored entry. `position` is its place in the order in which this node came to hold entries: 1, 2, 3 … without a gap. */
export interface StoredEntry extends Omit<NewEntry, 'draftId'> {
  readonly issuer: string;
  readonly position: number;
}

/** What is held of an issuer. */
export interface IssuerLog {
  readonly head: Head | undefined;
  /** Last entry agreed before the issuer contradicted itself; undefined for an issuer that never did. */
  readonly agreedUpTo: number | undefined;
}

interface Row { position: string; issuer: string; seq: string; hash: string; topic: string; type: string; subject: string; ts: string; jws: string }

const COLUMNS = 'position, issuer, seq, hash, topic, type, subject, ts, jws';
const ATTEMPTS_MAX = 8;

const storedEntry = (row: Row): StoredEntry => ({ ...row, position: Number(row.position), seq: Number(row.seq), ts: Number(row.ts) });

/**
 * The logs this node holds, its own included: the truth, of which every stream is a copy.
 *
 * @invariant sequence numbers of an issuer and positions of the node have no gap; every entry is the next of its issuer's chain.
 */
@Injectable()
export class EntryLog {
  private readonly watchers = new Set<() => void>();

  constructor(private readonly dataSource: DataSource) {}

  /** Calls the watcher whenever new entries have been committed here. Answers how to stop that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }

  /** Head of an issuer's log and whether it is frozen. */
  async issuerLog(issuer: string): Promise<IssuerLog> {
    const [row] = await this.dataSource.query<{ seq: string; hash: string; agreed_up_to: string | null }[]>(
      'SELECT seq, hash, agreed_up_to FROM issuer_head WHERE issuer = $1', [issuer],
    );
    if (row === undefined) return { head: undefined, agreedUpTo: undefined };
    return { head: { seq: Number(row.seq), hash: row.hash }, agreedUpTo: row.agreed_up_to === null ? undefined : Number(row.agreed_up_to) };
  }

  /** Hashes held at sequence numbers of an issuer; those that are not held are left out. */
  async hashesAt(issuer: string, seqs: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.dataSource.query<{ seq: string; hash: string }[]>('SELECT seq, hash FROM entry WHERE issuer = $1 AND seq = ANY($2)', [issuer, seqs]);
    return new Map(rows.map((row) => [Number(row.seq), row.hash]));
  }

  /** Position of the last stored entry; 0 where there is none. */
  async tail(): Promise<number> {
    const [row] = await this.dataSource.query<{ tail: string }[]>('SELECT coalesce(max(position), 0) AS tail FROM entry');
    return Number(row?.tail);
  }

  /** Position of an issuer's entry; 0 where it is not held. */
  async positionOf(issuer: string, seq: number): Promise<number> {
    const [row] = await this.dataSource.query<{ position: string }[]>('SELECT position FROM entry WHERE issuer = $1 AND seq = $2', [issuer, Number.isSafeInteger(seq) ? seq : 0]);
    return Number(row?.position ?? 0);
  }

  /** The entry at a position, or undefined. */
  async at(position: number): Promise<StoredEntry | undefined> {
    const rows = await this.dataSource.query<Row[]>(`SELECT ${COLUMNS} FROM entry WHERE position = $1`, [position]);
    return rows.map(storedEntry)[0];
  }

  /** Entries after a position, in order; at most `entriesMax`, and no further one once `bytesMax` are reached. */
  async after(position: number, entriesMax: number, bytesMax: number): Promise<StoredEntry[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM (
         SELECT ${COLUMNS}, sum(octet_length(jws)) OVER (ORDER BY position) - octet_length(jws) AS before
         FROM (SELECT ${COLUMNS} FROM entry WHERE position > $1 ORDER BY position LIMIT $2) AS next
       ) AS measured WHERE before < $3 ORDER BY position`, [position, entriesMax, bytesMax],
    );
    return rows.map(storedEntry);
  }

  /** Entries of one issuer from a sequence number on, in order, bounded in the same way. */
  async ofIssuer(issuer: string, from: number, bounds: { readonly entriesMax: number; readonly bytesMax: number }): Promise<StoredEntry[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM (
         SELECT ${COLUMNS}, sum(octet_length(jws)) OVER (ORDER BY seq) - octet_length(jws) AS before
         FROM (SELECT ${COLUMNS} FROM entry WHERE issuer = $1 AND seq >= $2 ORDER BY seq LIMIT $3) AS next
       ) AS measured WHERE before < $4 ORDER BY seq`, [issuer, from, bounds.entriesMax, bounds.bytesMax],
    );
    return rows.map(storedEntry);
  }

  /**
   * Stores entries that continue an issuer's log after the expected head.
   *
   * One writer at a time (advisory lock until commit), so that positions are given without a gap and become visible in order.
   * @throws StaleWriteError where the log ends elsewhere.
   */
  async append(issuer: string, expected: Head | undefined, entries: readonly NewEntry[], tx: Transaction): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined) return;
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.log'))`);
    const [held] = await tx.query<{ seq: string; hash: string }[]>('SELECT seq, hash FROM issuer_head WHERE issuer = $1', [issuer]);
    if (held?.hash !== expected?.hash || Number(held?.seq ?? 0) !== (expected?.seq ?? 0)) throw new StaleWriteError('the log ends elsewhere');
    await tx.query(
      `INSERT INTO entry (position, issuer, seq, hash, topic, type, subject, ts, jws, draft_id)
       SELECT (SELECT coalesce(max(position), 0) FROM entry) + row_number() OVER (ORDER BY seq), $1, seq, hash, topic, type, subject, ts, jws, draft_id
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::uuid[])
         AS new (seq, hash, topic, type, subject, ts, jws, draft_id)`,
      [issuer, ...columnsOf(entries)],
    );
    await tx.query(
      `INSERT INTO issuer_head (issuer, seq, hash) VALUES ($1, $2, $3) ON CONFLICT (issuer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
      [issuer, last.seq, last.hash],
    );
  }

  /**
   * Runs work that reads heads, thinks, and stores in a transaction of its own; again when another writer came first.
   *
   * Tells the watchers afterwards. @throws StaleWriteError after 8 attempts.
   */
  async storing<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await work();
        for (const watcher of this.watchers) watcher();
        return result;
      } catch (error) {
        if (!(error instanceof StaleWriteError) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}

function columnsOf(entries: readonly NewEntry[]): unknown[] {
  const column = <Name extends keyof NewEntry>(name: Name) => entries.map((entry) => entry[name]);
  return [column('seq'), column('hash'), column('topic'), column('type'), column('subject'), column('ts'), column('jws'), column('draftId')];
}
