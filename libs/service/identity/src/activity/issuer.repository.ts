import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** The key of a node, and the place of the entry that brought it. */
export interface IssuerKey { readonly keyNo: number; readonly seq: number }

/** The last entry of an issuer, as it came. */
export interface LastEntry {
  readonly issuer: string;
  readonly seq: number;
  readonly sealedAt: Date;
  readonly receivedAt: Date;
}

/** What is known of issuers beside what they announced. */
@Injectable()
export class IssuerRepository {
  /** Says with which key a node signs. What a later entry said stays. */
  async changeKey(issuer: string, { keyNo, seq }: IssuerKey, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO issuer (issuer, key_no, key_seq) VALUES ($1, $2, $3)
       ON CONFLICT (issuer) DO UPDATE SET key_no = $2, key_seq = $3 WHERE issuer.key_seq < $3`, [issuer, keyNo, seq],
    );
  }

  /** Says which entries came last, one per issuer. Later ones stay. */
  async noteLast(entries: readonly LastEntry[], tx: Transaction): Promise<void> {
    // One order for all replicas, so that none waits for another in a circle.
    const rows = entries.toSorted((left, right) => (left.issuer < right.issuer ? -1 : 1));
    await tx.query(
      `INSERT INTO issuer (issuer, last_seq, last_sealed_at, last_received_at)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
       ON CONFLICT (issuer) DO UPDATE SET last_seq = EXCLUDED.last_seq, last_sealed_at = EXCLUDED.last_sealed_at, last_received_at = EXCLUDED.last_received_at
       WHERE issuer.last_seq < EXCLUDED.last_seq`,
      [rows.map(({ issuer }) => issuer), rows.map(({ seq }) => seq), rows.map(({ sealedAt }) => sealedAt), rows.map(({ receivedAt }) => receivedAt)],
    );
  }
}
