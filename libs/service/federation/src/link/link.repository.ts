import { Injectable } from '@nestjs/common';
import type { LinkView } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { LinkState } from './domain/link.transitions.js';

/** Place in a peer's stream up to which everything has been dealt with. */
export interface LinkCursor {
  /** Creation time of the peer's stream; null before the first contact. */
  readonly epoch: string | null;
  /** What of the stream was read up to there: of another view the place says nothing. */
  readonly view: LinkView;
  readonly streamSeq: number;
}

/** How it goes with a link that does not come to follow. */
export interface LinkAttempts {
  /** Failed ones in a row. */
  readonly attempts?: number;
  readonly nextAttemptAt?: Date;
}

/** Something a peer delivered that was not stored. */
export interface RefusedArrival {
  readonly code: string;
  readonly detail: string;
  readonly issuer: string | null;
  readonly streamSeq: number | null;
  readonly bytes: Uint8Array;
}

/** What one delivery of a peer came to, beside the entries stored. */
export interface LinkProgress {
  readonly peer: string;
  readonly stored: number;
  /** Their signed bytes; left out where none was stored. */
  readonly storedBytes?: number;
  readonly refused: readonly RefusedArrival[];
  /** Arrivals that were passed over: counted, not kept. */
  readonly passed?: { readonly code: string; readonly count: number };
  /** Absent: the cursor stays. */
  readonly cursor?: { readonly epoch: string; readonly streamSeq: number };
}

/** Refusals kept per peer, the latest; all of them are counted. */
const KEPT_MAX = 100;
const BYTES_MAX = 65_536;

/** What is remembered of each link. */
@Injectable()
export class LinkRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes the link known, stopped and at the beginning of the peer's stream, where it is not; takes over its name. */
  async add(peer: string, name: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO link (peer, name, state) VALUES ($1, $2, 'stopped') ON CONFLICT (peer) DO UPDATE SET name = excluded.name`, [peer, name],
    );
  }

  /** Shows every link as stopped: whoever kept them before does so no longer. */
  async reset(): Promise<void> {
    await this.dataSource.query(`UPDATE link SET state = 'stopped', since = now(), next_attempt_at = NULL WHERE state <> 'stopped'`);
  }

  /** Records the state; the last error too, where one is given or taken back with null, and how the attempts go. */
  async setState(peer: string, state: LinkState, lastError?: string | null, { attempts, nextAttemptAt }: LinkAttempts = {}): Promise<void> {
    await this.dataSource.query(
      `UPDATE link SET since = CASE WHEN state = $2 THEN since ELSE now() END, state = $2,
         last_error = CASE WHEN $3 THEN $4 ELSE last_error END, last_error_at = CASE WHEN NOT $3 THEN last_error_at WHEN $4::text IS NOT NULL THEN now() END,
         attempts = CASE WHEN $2 = 'following' THEN 0 ELSE coalesce($5, attempts) END, next_attempt_at = $6,
         connections = connections + CASE WHEN $2 = 'following' THEN 1 ELSE 0 END WHERE peer = $1`,
      [peer, state, lastError !== undefined, lastError ?? null, attempts ?? null, nextAttemptAt ?? null],
    );
  }

  async cursor(peer: string): Promise<LinkCursor> {
    const [row] = await this.dataSource.query<{ epoch: string | null; stream_seq: string; view: LinkView }[]>('SELECT epoch, stream_seq, view FROM link WHERE peer = $1', [peer]);
    return { epoch: row?.epoch ?? null, streamSeq: Number(row?.stream_seq ?? 0), view: row?.view ?? 'own' };
  }

  async setCursor(peer: string, { epoch, streamSeq, view }: LinkCursor): Promise<void> {
    await this.dataSource.query('UPDATE link SET epoch = $2, stream_seq = $3, view = $4 WHERE peer = $1', [peer, epoch, streamSeq, view]);
  }

  /** Records what a delivery came to, in the transaction that stores its entries. */
  async record({ peer, stored, storedBytes = 0, refused, passed, cursor }: LinkProgress, tx: Transaction): Promise<void> {
    await tx.query(
      `UPDATE link SET received = received + $2, received_bytes = received_bytes + $5, last_entry_at = CASE WHEN $2 > 0 THEN now() ELSE last_entry_at END,
         epoch = coalesce($3, epoch), stream_seq = coalesce($4, stream_seq) WHERE peer = $1`,
      [peer, stored, cursor?.epoch ?? null, cursor?.streamSeq ?? null, storedBytes],
    );
    if (refused.length > 0) await this.keepRefused(peer, refused, tx);
    const counted = countsOf(refused, passed);
    if (counted.size > 0) await this.count(peer, counted, tx);
  }

  private async keepRefused(peer: string, refused: readonly RefusedArrival[], tx: Transaction): Promise<void> {
    const kept = refused.slice(-KEPT_MAX);
    const column = <Name extends keyof RefusedArrival>(name: Name) => kept.map((each) => each[name]);
    await tx.query(
      `INSERT INTO refused_arrival (peer, issuer, stream_seq, code, detail, bytes)
       SELECT $1, issuer, stream_seq, code, detail, bytes
       FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[]) AS new (issuer, stream_seq, code, detail, bytes)`,
      [peer, column('issuer'), column('streamSeq'), column('code'), column('detail'), kept.map(({ bytes }) => Buffer.from(bytes).subarray(0, BYTES_MAX))],
    );
    await tx.query(
      `DELETE FROM refused_arrival WHERE peer = $1 AND id <= (SELECT id FROM refused_arrival WHERE peer = $1 ORDER BY id DESC OFFSET ${KEPT_MAX} LIMIT 1)`, [peer],
    );
  }

  private async count(peer: string, counted: ReadonlyMap<string, number>, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO refusal_count (peer, code, count) SELECT $1, code, count FROM unnest($2::text[], $3::bigint[]) AS new (code, count)
       ON CONFLICT (peer, code) DO UPDATE SET count = refusal_count.count + excluded.count`, [peer, [...counted.keys()], [...counted.values()]],
    );
  }
}

/** How many arrivals came to nothing, by code. */
function countsOf(refused: readonly RefusedArrival[], passed: LinkProgress['passed']): Map<string, number> {
  const counts = new Map(passed === undefined || passed.count === 0 ? [] : [[passed.code, passed.count]]);
  for (const { code } of refused) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
