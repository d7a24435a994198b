import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** Why nothing is taken of an issuer for a while. */
export type ParkingCode = 'federation.issuer_over_quota' | 'federation.clock_ahead' | 'federation.entries_missing';

/** An issuer of which nothing is taken until a time; what it says meanwhile is fetched afterwards. */
export interface ParkedIssuer {
  readonly issuer: string;
  readonly code: ParkingCode;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

interface Row { issuer: string; code: ParkingCode; until_ms: string }

const LATEST_MS = 253_402_300_799_999;

/** Issuers whose entries wait. Kept by the active instance, which alone accepts entries; what it has passed over survives it. */
@Injectable()
export class ParkedIssuers {
  private parked = new Map<string, ParkedIssuer>();

  constructor(private readonly dataSource: DataSource) {}

  /** Reads what was parked before. Quotas begin anew with the process, so who is over them is fetched at once. */
  async load(): Promise<void> {
    const rows = await this.dataSource.query<Row[]>('SELECT issuer, code, until_ms FROM parked_issuer');
    this.parked = new Map(rows.map(({ issuer, code, until_ms: untilMs }) => [issuer, { issuer, code, untilMs: Number(untilMs) }]));
    for (const parked of [...this.parked.values()].filter(({ code }) => code === 'federation.issuer_over_quota')) await this.park({ ...parked, untilMs: 0 });
  }

  /** How an issuer is parked now; undefined where its time has come or it is not. */
  at(issuer: string, nowMs: number): ParkedIssuer | undefined {
    const parked = this.parked.get(issuer);
    return parked !== undefined && nowMs < parked.untilMs ? parked : undefined;
  }

  /** Issuers whose time has come, to be fetched. */
  due(nowMs: number): ParkedIssuer[] { return [...this.parked.values()].filter(({ untilMs }) => untilMs <= nowMs); }

  /** Parks an issuer, in the transaction that passes over what it said. */
  async park({ issuer, code, untilMs }: ParkedIssuer, tx: Transaction | DataSource = this.dataSource): Promise<void> {
    const until = Math.min(Math.ceil(untilMs), LATEST_MS);
    await tx.query(
      'INSERT INTO parked_issuer (issuer, code, until_ms) VALUES ($1, $2, $3) ON CONFLICT (issuer) DO UPDATE SET code = excluded.code, until_ms = excluded.until_ms',
      [issuer, code, until],
    );
    this.parked.set(issuer, { issuer, code, untilMs: until });
  }

  /** Ends the parking that was found due, unless the issuer has been parked anew. */
  async release({ issuer, untilMs }: ParkedIssuer): Promise<void> {
    await this.dataSource.query('DELETE FROM parked_issuer WHERE issuer = $1 AND until_ms = $2', [issuer, untilMs]);
    if (this.parked.get(issuer)?.untilMs === untilMs) this.parked.delete(issuer);
  }
}
