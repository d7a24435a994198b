import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What is held of one log. */
export interface IssuerCondition {
  readonly issuer: string;
  readonly seq: number;
  readonly hash: string;
  /** Its last agreed entry, where it has contradicted itself and nobody has decided yet. */
  readonly agreedUpTo: number | null;
  /** When the last entry was sealed, by the clock of its issuer, and when it was stored by ours; null where the entry itself is not held. */
  readonly last: { readonly sealedAt: Date; readonly storedAt: Date } | null;
  /** Entries ever stored and their signed bytes; a moment behind. */
  readonly entries: number;
  readonly bytes: number;
}

interface Row { issuer: string; seq: string; hash: string; agreed_up_to: string | null; ts: string | null; stored_at: Date | null; entries: string; bytes: string }

/** The logs that are held here, this node's own among them. */
@Injectable()
export class IssuerConditions {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of the node ids. */
  async read(): Promise<IssuerCondition[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT issuer, seq, issuer_head.hash, agreed_up_to, ts, stored_at, coalesce(entries, 0) AS entries, coalesce(bytes, 0) AS bytes
       FROM issuer_head LEFT JOIN entry USING (issuer, seq) LEFT JOIN issuer_tally USING (issuer) ORDER BY issuer COLLATE "C"`,
    );
    return rows.map(conditionOf);
  }
}

const conditionOf = (row: Row): IssuerCondition => ({
  issuer: row.issuer, seq: Number(row.seq), hash: row.hash, agreedUpTo: row.agreed_up_to === null ? null : Number(row.agreed_up_to),
  last: row.ts === null || row.stored_at === null ? null : { sealedAt: new Date(Number(row.ts)), storedAt: row.stored_at },
  entries: Number(row.entries), bytes: Number(row.bytes),
});
