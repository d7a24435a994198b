import { keyOfNodeId, type NodeId } from '@kula/kernel-crypto';
import { readKid, type KeyLookup } from '../entry/entry.js';

/** Which key of a node signs from which entry on, up to the entry before the next key's first. */
export interface NodeKey {
  /** 1, 2, 3 … without a gap; key 1 is the key the node id is made of. */
  readonly keyNo: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly fromSeq: number;
}

/** The keys of a node as far as its log has been read, and what it has committed to for the case that it loses them. */
export interface KeySchedule {
  readonly issuer: NodeId;
  /** In order, at least one. */
  readonly keys: readonly NodeKey[];
  /** SHA-256 of the public key that may name the next key in place of the last one, base64url. Null: the keys cannot be recovered. */
  readonly recoveryKeyHash: string | null;
}

/** The schedule before the first entry of a log: key 1 signs all of it. Undefined where the id is no key. */
export function firstSchedule(issuer: NodeId): KeySchedule | undefined {
  const publicKey = keyOfNodeId(issuer);
  return publicKey && { issuer, keys: [{ keyNo: 1, publicKey, fromSeq: 1 }], recoveryKeyHash: null };
}

/** The key that signs after everything a schedule was read from. */
export const lastKey = ({ keys }: KeySchedule): NodeKey => keys.at(-1)!;

/** Looks up every key of a schedule, retired ones too: old entries are still opened with them. */
export const lookupIn = (schedule: KeySchedule): KeyLookup => (kid) => keyIn(schedule, kid)?.publicKey;

/** True where a key signs the entry at a place of the log. */
export function isValidAt(schedule: KeySchedule, kid: string, seq: number): boolean {
  const key = keyIn(schedule, kid);
  if (key === undefined) return false;
  const next = schedule.keys[key.keyNo];
  return seq >= key.fromSeq && (next === undefined || seq < next.fromSeq);
}

function keyIn({ issuer, keys }: KeySchedule, kid: string): NodeKey | undefined {
  const parts = readKid(kid);
  return parts?.nodeId === issuer ? keys[parts.keyNo - 1] : undefined;
}
