import { generateKeyPairSync } from 'node:crypto';
import { invariant } from '@kula/kernel-primitives';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { DataSource } from 'typeorm';

/** A key with which session tokens are signed. */
export interface SessionKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly privateKey: JWK;
}

/** The public half, as a token's reader needs it. */
export interface PublishedKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
}

/** Keys of session tokens. One signs; all are published, so that tokens outlive a change of keys. */
export class SessionKeyRepository {
  private constructor(private readonly dataSource: DataSource) {}

  /** The keys, with a signing key made where there is none. Replicas that start together end with the same one. */
  static async withSigningKey(dataSource: DataSource): Promise<SessionKeyRepository> {
    const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as JWK;
    await dataSource.query(
      'INSERT INTO session_key (kid, private_key, is_signing) VALUES ($1, $2, true) ON CONFLICT (is_signing) WHERE is_signing DO NOTHING',
      [await calculateJwkThumbprint(privateKey), JSON.stringify(privateKey)],
    );
    return new SessionKeyRepository(dataSource);
  }

  /** The key that signs now. */
  async signing(): Promise<SessionKey> {
    const [row] = await this.dataSource.query<{ kid: string; private_key: JWK }[]>('SELECT kid, private_key FROM session_key WHERE is_signing');
    invariant(row !== undefined, 'there is a key that signs sessions');
    return { kid: row.kid, privateKey: row.private_key };
  }

  /** The public keys, newest first. The private part never leaves the database on this path. */
  async published(): Promise<PublishedKey[]> {
    const rows = await this.dataSource.query<{ kid: string; x: string }[]>(`SELECT kid, private_key ->> 'x' AS x FROM session_key ORDER BY made_at DESC, kid`);
    return rows.map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' }));
  }
}
