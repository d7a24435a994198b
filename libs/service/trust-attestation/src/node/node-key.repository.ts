import { Injectable } from '@nestjs/common';
import { fromBase64url, keyOfNodeId } from '@kula/kernel-crypto';
import type { Transaction } from '@kula/platform-persistence';

/** The key a node signs with from an entry of its log on. */
export interface NodeKey {
  /** How many keys the node has had with this one. */
  readonly keyNo: number;
  /** Base64url. */
  readonly publicKey: string;
}

/** The key each node signs with now, this one included. A node that has never changed its key has the one its id is made of. */
@Injectable()
export class NodeKeyRepository {
  /** The present public key; undefined where the id is no key and no other is known. */
  async present(nodeId: string, tx: Transaction): Promise<Uint8Array | undefined> {
    const [row] = await tx.query<{ public_key: string }[]>('SELECT public_key FROM node_key WHERE node_id = $1', [nodeId]);
    return row === undefined ? keyOfNodeId(nodeId) : fromBase64url(row.public_key);
  }

  /** Keeps a key unless a later one is known. */
  async change(nodeId: string, { keyNo, publicKey }: NodeKey, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO node_key (node_id, key_no, public_key) VALUES ($1, $2, $3)
       ON CONFLICT (node_id) DO UPDATE SET key_no = $2, public_key = $3 WHERE node_key.key_no < $2`, [nodeId, keyNo, publicKey],
    );
  }
}
