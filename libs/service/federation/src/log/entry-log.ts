import { Injectable } from '@nestjs/common';
import type { Head, KeySchedule } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import { RecentEntries } from './recent-entries.js';
import { storedSchedule, type StoredKeys } from './stored-schedule.js';

/** An entry to be stored, verified or sealed. */
export interface NewEntry {
  readonly seq: number;
  readonly hash: string;
  readonly topic: string;
  readonly type: string;
  readonly subject: string;
  readonly ts: number;
  /** Milliseconds since 1970 after which it counts no longer; null: never. */
  readonly exp: number | null;
  /** The exact signed bytes. */
  readonly jws: string;
  /** Draft it was sealed from; null for entries of other nodes. */
  readonly draftId: string | null;
}

/** A stored entry. `position` is its place in the order in which this node came to hold entries: 1, 2, 3 …; a place is given once. */
export interface StoredEntry extends Omit<NewEntry, 'draftId' | 'exp'> {
  readonly issuer: string;
  readonly position: number;
}

/** What is held of an issuer. */
export interface IssuerLog {
  readonly head: Head | undefined;
  /** Last entry agreed before the issuer contradicted itself; undefined for an issuer that never did. */
  readonly agreedUpTo: number | undefined;
  /** Its keys as of the head; undefined for a name that is no node id. */
  readonly schedule: KeySchedule | undefined;
}

interface Row { position: string; issuer: string; seq: string; hash: string; topic: string; type: string; subject: string; ts: string; jws: string }

interface HeadRow extends StoredKeys { seq: string; hash: string; agreed_up_to: string | null }

const COLUMNS = 'position, issuer, seq, hash, topic, type, subject, ts, jws';
const ATTEMPTS_MAX = 8;

const storedEntry = (row: Row): StoredEntry => ({ ...row, position: Number(row.position), seq: Number(row.seq), ts: Number(row.ts) });

/**
 * The logs this node holds, its own included: the truth, of which every stream is a copy.
 *
 * @invariant sequence numbers of an issuer and positions of the node are given without a gap; every entry is the next of its
 * issuer's chain, or of a snapshot. Missing are entries that were dead at a checkpoint: they were forgotten, or never came.
 * Behind `edge()` no position is missing.
 */
@Injectable()
export class EntryLog {
  private readonly watchers = new Set<() => void>();
  private readonly recent = new RecentEntries();

  constructor(private readonly dataSource: DataSource) {}

  /** Calls the watcher whenever new entries have been committed here. Answers how to stop that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }

  /** Head of an issuer's log, whether it is frozen, and its keys: of one moment. */
  async issuerLog(issuer: string): Promise<IssuerLog> {
    const [row] = await this.dataSource.query<HeadRow[]>(
      `SELECT seq, hash, agreed_up_to, recovery_key_hash,
         (SELECT json_agg(json_build_object('no', key_no, 'key', encode(public_key, 'hex'), 'from', from_seq) ORDER BY key_no) FROM node_key WHERE node_key.issuer = issuer_head.issuer) AS keys
       FROM issuer_head WHERE issuer = $1`, [issuer],
    );
    const schedule = storedSchedule(issuer, row);
    if (row === undefined) return { head: undefined, agreedUpTo: undefined, schedule };
    return { head: { seq: Number(row.seq), hash: row.hash }, agreedUpTo: row.agreed_up_to === null ? undefined : Number(row.agreed_up_to), schedule };
  }

  /** Head and keys of a node's log. @throws InvariantError for a name that is no node id. */
  async nodeLog(nodeId: string): Promise<IssuerLog & { readonly schedule: KeySchedule }> {
    const log = await this.issuerLog(nodeId);
    const { schedule } = log;
    invariant(schedule !== undefined, 'a node has a node id');
    return { ...log, schedule };
  }

  /** Which key of an issuer signs from where on, as of its head. @throws InvariantError for a name that is no node id. */
  async scheduleOf(issuer: string): Promise<KeySchedule> {
    return (await this.nodeLog(issuer)).schedule;
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

  /** Last position whose entry was forgotten; 0 where none was. Behind it nothing is missing. */
  async edge(): Promise<number> {
    const [row] = await this.dataSource.query<{ position: string }[]>('SELECT position FROM log_edge');
    return Number(row?.position ?? 0);
  }

  /** Position behind which as many entries are held up to another position; 0 where there are fewer. */
  async positionBefore(position: number, entries: number): Promise<number> {
    const [row] = await this.dataSource.query<{ position: string }[]>('SELECT position FROM entry WHERE position <= $1 ORDER BY position DESC OFFSET $2 LIMIT 1', [position, entries]);
    return Number(row?.position ?? 0);
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
    const recent = this.recent.after(position, entriesMax, bytesMax);
    if (recent.length > 0) return recent;
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
   * Answers the entries with their positions: they may be handed to `remember` once the transaction has committed.
   * @throws StaleWriteError where the log ends elsewhere.
   */
  async append(issuer: string, expected: Head | undefined, entries: readonly NewEntry[], tx: Transaction): Promise<StoredEntry[]> {
    const last = entries.at(-1);
    if (last === undefined) return [];
    const tail = await this.lockedTail(issuer, expected, tx);
    await tx.query(
      `INSERT INTO entry (position, issuer, seq, hash, topic, type, subject, ts, jws, draft_id, exp)
       SELECT $11::bigint + row_number() OVER (ORDER BY seq), $1, seq, hash, topic, type, subject, ts, jws, draft_id, exp
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::bigint[])
         AS new (seq, hash, topic, type, subject, ts, jws, draft_id, exp)`,
      [issuer, ...columnsOf(entries), tail],
    );
    await tx.query(
      `INSERT INTO issuer_head (issuer, seq, hash) VALUES ($1, $2, $3) ON CONFLICT (issuer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
      [issuer, last.seq, last.hash],
    );
    return entries.map(({ draftId: _draftId, exp: _exp, ...entry }, index) => ({ ...entry, issuer, position: tail + index + 1 }));
  }

  /** Position of the last entry, which stays the last one until the transaction ends. @throws StaleWriteError where the issuer's log ends elsewhere. */
  private async lockedTail(issuer: string, expected: Head | undefined, tx: Transaction): Promise<number> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.log'))`);
    const [held] = await tx.query<{ tail: string; seq: string | null; hash: string | null }[]>(
      'SELECT tail, seq, hash FROM (SELECT coalesce(max(position), 0) AS tail FROM entry) AS log LEFT JOIN issuer_head ON issuer = $1', [issuer],
    );
    invariant(held !== undefined, 'an aggregate has one row');
    if (held.hash !== (expected?.hash ?? null) || Number(held.seq) !== (expected?.seq ?? 0)) throw new StaleWriteError('the log ends elsewhere');
    return Number(held.tail);
  }

  /** Keeps entries at hand that have been committed, for whoever copies them on. */
  remember(committed: readonly StoredEntry[]): void {
    this.recent.add(committed);
  }

  /** Forgets what was kept at hand: another process may have changed the database. */
  forgetRecent(): void {
    this.recent.clear();
  }

  /** Keeps an issuer's keys, in the transaction that appends the entries that brought them. */
  async keepSchedule({ issuer, keys, recoveryKeyHash }: KeySchedule, tx: Transaction): Promise<void> {
    await tx.query('UPDATE issuer_head SET recovery_key_hash = $2 WHERE issuer = $1', [issuer, recoveryKeyHash]);
    for (const { keyNo, publicKey, fromSeq } of keys.slice(1)) {
      await tx.query(
        'INSERT INTO node_key (issuer, key_no, public_key, from_seq) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, key_no) DO NOTHING',
        [issuer, keyNo, Buffer.from(publicKey), fromSeq],
      );
    }
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
  return [column('seq'), column('hash'), column('topic'), column('type'), column('subject'), column('ts'), column('jws'), column('draftId'), column('exp')];
}
