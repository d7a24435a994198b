import { firstSchedule, isNodeId, type KeySchedule } from '@kula/kernel-federation-log';

/** What the database keeps of an issuer's keys: all but the first, of which its id is made. */
export interface StoredKeys {
  readonly recovery_key_hash: string | null;
  readonly keys: readonly { readonly no: number; readonly key: string; readonly from: number }[] | null;
}

/** An issuer's keys as stored; undefined for a name that is no node id. */
export function storedSchedule(issuer: string, stored: StoredKeys | undefined): KeySchedule | undefined {
  const first = isNodeId(issuer) ? firstSchedule(issuer) : undefined;
  if (first === undefined || stored === undefined) return first;
  const later = (stored.keys ?? []).map(({ no, key, from }) => ({ keyNo: no, publicKey: new Uint8Array(Buffer.from(key, 'hex')), fromSeq: from }));
  return { ...first, keys: [...first.keys, ...later], recoveryKeyHash: stored.recovery_key_hash };
}
