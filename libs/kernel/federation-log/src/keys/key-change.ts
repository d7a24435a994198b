import { didOfKey, fromBase64url, hashBytes, signDocument, toBase64url, verifyDocument, type Ed25519, type NodeId, type SignatureDomain } from '@kula/kernel-crypto';
import { isHash, type EntryBody, type EntryPayload, type Head } from '../entry/entry.js';
import { lastKey, type KeySchedule } from './key-schedule.js';

/** Topic of the entries that say who a node is and which keys it has. */
export const KEY_TOPIC = 'announce';
export const ROTATION_TYPE = 'key.rotated';
export const RECOVERY_TYPE = 'key.recovered';

const NODE_KEY: SignatureDomain = 'sep/node-key/v1';
const NODE_RECOVERY: SignatureDomain = 'sep/node-recovery/v1';

/** Where a log stands before its key changes: the change is the entry after the head. */
export interface LogState {
  readonly schedule: KeySchedule;
  readonly head: Head;
}

/** The key a node goes on with. */
export interface NextKey {
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** Commitment from then on, see commitmentTo; null: the keys cannot be recovered any more. */
  readonly recoveryKeyHash: string | null;
}

/** What a node publishes of a recovery key long before it needs it: SHA-256 of the public key, base64url. */
export const commitmentTo = (recoveryPublicKey: Uint8Array): string => hashBytes(recoveryPublicKey);

/**
 * Body of the `key.rotated` entry that follows a head. The entry is sealed with the last key of the schedule; the one
 * after it has to be sealed with the new key.
 *
 * Good for this one place of the log: where the head moves before the entry is sealed, make it anew.
 */
export function rotationBody(ed25519: Ed25519, state: LogState, next: NextKey): EntryBody {
  const named = nextKeyAt(ed25519, state, next);
  return {
    node_id: named.node_id, key_no: named.key_no, public_key: named.public_key, recovery_key_hash: next.recoveryKeyHash,
    proof: signDocument(ed25519, next.privateKey, NODE_KEY, named),
  };
}

/**
 * Body of the `key.recovered` entry that follows a head. The entry is sealed with the new key, under its own kid.
 *
 * @param recoveryPrivateKey private half of the key that the schedule's recoveryKeyHash commits to; 32 bytes.
 */
export function recoveryBody(ed25519: Ed25519, state: LogState, next: NextKey, recoveryPrivateKey: Uint8Array): EntryBody {
  return {
    ...rotationBody(ed25519, state, next),
    recovery_public_key: toBase64url(ed25519.publicKey(recoveryPrivateKey)),
    recovery_signature: signDocument(ed25519, recoveryPrivateKey, NODE_RECOVERY, nextKeyAt(ed25519, state, next)),
  };
}

/** The one document that the new key and the recovery key sign, each for its own purpose: which key comes next in which place of which log. */
interface SignedKey {
  readonly [name: string]: string | number;
  readonly node_id: NodeId;
  readonly key_no: number;
  readonly public_key: string;
  readonly seq: number;
  readonly prev: string;
}

function nextKeyAt(ed25519: Ed25519, { schedule, head }: LogState, { privateKey }: NextKey): SignedKey {
  return {
    node_id: schedule.issuer, key_no: lastKey(schedule).keyNo + 1, public_key: toBase64url(ed25519.publicKey(privateKey)),
    seq: head.seq + 1, prev: head.hash,
  };
}

/** What the body of an entry says about a new key; nothing in it believed yet. */
export interface KeyChange {
  readonly nodeId: string;
  readonly keyNo: number;
  readonly publicKey: Uint8Array;
  readonly recoveryKeyHash: string | null;
  /** True where the new key itself made the proof for just this entry. */
  readonly isProven: (ed25519: Ed25519) => boolean;
  /** True where a key with this hash named the new key for just this entry. */
  readonly isRecoveredBy: (ed25519: Ed25519, recoveryKeyHash: string | null) => boolean;
}

/**
 * The change of keys in a payload, or undefined where a member is missing or has the wrong form.
 *
 * A key of small order is read like any other; verifyDocument lets it prove nothing.
 */
export function readKeyChange({ body, seq, prev }: EntryPayload): KeyChange | undefined {
  const { node_id: nodeId, key_no: keyNo, public_key: publicKeyText, recovery_key_hash: recoveryKeyHash } = body;
  const publicKey = keyIn(publicKeyText);
  if (typeof nodeId !== 'string' || typeof keyNo !== 'number' || publicKey === undefined || !isCommitment(recoveryKeyHash)) return undefined;
  const document: SignedKey = { node_id: nodeId, key_no: keyNo, public_key: publicKeyText as string, seq, prev };
  const holds = (ed25519: Ed25519, key: Uint8Array, domain: SignatureDomain, signature: unknown) =>
    typeof signature === 'string' && verifyDocument(ed25519, { signer: didOfKey(key), domain, document, signature });
  return {
    nodeId, keyNo, publicKey, recoveryKeyHash,
    isProven: (ed25519) => holds(ed25519, publicKey, NODE_KEY, body['proof']),
    isRecoveredBy: (ed25519, committed) => {
      const key = keyIn(body['recovery_public_key']);
      return key !== undefined && commitmentTo(key) === committed && holds(ed25519, key, NODE_RECOVERY, body['recovery_signature']);
    },
  };
}

/** The commitment in the first entry of a log. Anything but a hash commits to nothing. */
export const commitmentIn = ({ recovery_key_hash: hash }: EntryBody): string | null => (isCommitment(hash) ? hash : null);

const isCommitment = (value: unknown): value is string | null => value === null || (typeof value === 'string' && isHash(value));

function keyIn(text: unknown): Uint8Array | undefined {
  const bytes = typeof text === 'string' ? fromBase64url(text) : undefined;
  return bytes?.length === 32 ? bytes : undefined;
}
