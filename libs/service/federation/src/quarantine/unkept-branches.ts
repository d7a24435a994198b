import { Injectable } from '@nestjs/common';
import type { OpenedEntry } from '@kula/kernel-federation-log';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/**
 * Branches of logs that people have decided against, by the hashes of their entries.
 *
 * Whatever continues such a branch belongs to it: it is the contradiction that was decided about, not another one.
 */
@Injectable()
export class UnkeptBranches {
  constructor(private readonly dataSource: DataSource) {}

  /** True where an entry is of such a branch, or continues one; it is then known as one of it. */
  async include({ hash, payload: { iss, prev } }: Pick<OpenedEntry, 'hash' | 'payload'>): Promise<boolean> {
    const rows = await this.dataSource.query<{ hash: string }[]>('SELECT hash FROM unkept_entry WHERE issuer = $1 AND hash IN ($2, $3)', [iss, hash, prev]);
    if (rows.length > 0 && !rows.some((row) => row.hash === hash)) await this.dataSource.query('INSERT INTO unkept_entry (issuer, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING', [iss, hash]);
    return rows.length > 0;
  }

  /** Of hashes of an issuer's entries, those of such branches. */
  async among(issuer: string, hashes: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.dataSource.query<{ hash: string }[]>('SELECT hash FROM unkept_entry WHERE issuer = $1 AND hash = ANY($2)', [issuer, hashes]);
    return new Set(rows.map(({ hash }) => hash));
  }

  /** Remembers entries as not kept. */
  async add(issuer: string, hashes: readonly string[], tx: Transaction): Promise<void> {
    await tx.query('INSERT INTO unkept_entry (issuer, hash) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING', [issuer, hashes]);
  }
}
