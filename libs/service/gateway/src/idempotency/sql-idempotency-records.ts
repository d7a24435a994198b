import { Injectable } from '@nestjs/common';
import { DependencyError } from '@kula/platform-messaging';
import { Chance } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { Answer } from '../http/answer.js';
import { IdempotencyRecords, type Claim, type RequestName } from './idempotency-records.js';

const KEPT = `interval '72 hours'`;
const IN_FLIGHT = `interval '30 seconds'`;
const SWEEP_ROWS_MAX = 1_000;
const CLAIM_ATTEMPTS_MAX = 5;

const BY_NAME = 'caller = $1 AND method = $2 AND path = $3 AND key = $4';

interface Row {
  readonly request_hash: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
}

const nameOf = ({ caller, method, path, key }: RequestName): string[] => [caller, method, path, key];

function claimOf(row: Row, requestHash: string): Claim {
  if (row.request_hash !== requestHash) return { kind: 'other_request' };
  if (row.status === null || row.headers === null || row.body === null) return { kind: 'in_flight' };
  return { kind: 'answered', answer: { status: row.status, headers: row.headers, body: row.body } };
}

/** Records in the gateway's own schema. Times are the database's, so that replicas agree on them. */
@Injectable()
export class SqlIdempotencyRecords extends IdempotencyRecords {
  constructor(private readonly dataSource: DataSource, private readonly chance: Chance) {
    super();
  }

  override async claim(name: RequestName, requestHash: string): Promise<Claim> {
    for (let attempts = 0; attempts < CLAIM_ATTEMPTS_MAX; attempts += 1) {
      const attempt = this.chance.uuid();
      if (await this.take(name, requestHash, attempt)) return { kind: 'yours', attempt };
      const row = await this.find(name);
      // A row that is gone was released between the two statements: the name is free again.
      if (row !== undefined) return claimOf(row, requestHash);
    }
    throw new DependencyError('the record of a request is taken and released again and again');
  }

  override async complete(name: RequestName, attempt: string, { status, headers, body }: Answer): Promise<void> {
    await this.dataSource.query(
      `UPDATE idempotency_record SET status = $6, headers = $7, body = $8 WHERE ${BY_NAME} AND attempt = $5`,
      [...nameOf(name), attempt, status, JSON.stringify(headers), body],
    );
  }

  override async release(name: RequestName, attempt: string): Promise<void> {
    await this.dataSource.query(`DELETE FROM idempotency_record WHERE ${BY_NAME} AND attempt = $5 AND status IS NULL`, [...nameOf(name), attempt]);
  }

  override async sweep(): Promise<boolean> {
    const [, removed] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM idempotency_record WHERE ctid IN
         (SELECT ctid FROM idempotency_record WHERE started_at < now() - ${KEPT} LIMIT ${SWEEP_ROWS_MAX} FOR UPDATE SKIP LOCKED)`,
    );
    return removed === SWEEP_ROWS_MAX;
  }

  private async take(name: RequestName, requestHash: string, attempt: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `INSERT INTO idempotency_record AS held (caller, method, path, key, request_hash, attempt) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (caller, method, path, key) DO UPDATE
         SET request_hash = EXCLUDED.request_hash, attempt = EXCLUDED.attempt, started_at = now(), status = NULL, headers = NULL, body = NULL
         WHERE held.started_at < now() - ${KEPT}
            OR (held.status IS NULL AND held.started_at < now() - ${IN_FLIGHT} AND held.request_hash = EXCLUDED.request_hash)
       RETURNING attempt`,
      [...nameOf(name), requestHash, attempt],
    );
    return rows.length > 0;
  }

  private async find(name: RequestName): Promise<Row | undefined> {
    const [row] = await this.dataSource.query<Row[]>(`SELECT request_hash, status, headers, body FROM idempotency_record WHERE ${BY_NAME}`, nameOf(name));
    return row;
  }
}
