import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** The key of a node, and the place of the entry that brought it. */
export interface IssuerKey { readonly keyNo: number; readonly seq: number }

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
}
