import { keyOfNodeId, portableCodec, type Ed25519, type Json, type NodeId } from '@kula/kernel-crypto';

/** Largest entry: bytes of the whole compact JWS, which is ASCII, so also its length. */
export const ENTRY_BYTES_MAX = 65_536;

/** `prev` of the first entry of every log: base64url of 32 zero bytes. No other entry may carry it. */
export const GENESIS_PREVIOUS = 'A'.repeat(43);

/** Latest time an entry may name: the last millisecond of the year 9999, so that every RFC 3339 reader can print it. */
export const TIME_MS_MAX = 253_402_300_799_999;

/** Protected header of an entry. Exactly these members, written as canonical JSON. */
export interface EntryHeader {
  readonly alg: 'EdDSA';
  /** `<node id>#<key number>`; key 1 is the key the node id is made of. */
  readonly kid: string;
  readonly typ: 'sep-entry+jws';
}

/** What an entry says. Its meaning is known only to the services that read its topic. */
export type EntryBody = { readonly [name: string]: Json | undefined };

/** Payload of an entry. Closed: a member that is not listed here makes the entry malformed. */
export interface EntryPayload {
  readonly v: 1;
  /** Federation id: an entry of one network means nothing in another. */
  readonly net: string;
  /** Node whose log this is. */
  readonly iss: NodeId;
  /** 1, 2, 3 … without a gap, over all topics. */
  readonly seq: number;
  /** Hash of the entry at seq − 1. */
  readonly prev: string;
  /** One NATS token. Unknown topics are stored and ignored. */
  readonly topic: string;
  /** Message type within the topic. Unknown types are stored and ignored. */
  readonly type: string;
  /** Aggregate the entry is about; 1 to 256 code points. */
  readonly sub: string;
  /** Milliseconds since 1970 by the issuer's clock. Informative: nothing is ordered by it. */
  readonly ts: number;
  /** Node addressed. */
  readonly to?: NodeId;
  /** Hash of the entry that this one answers. */
  readonly re?: string;
  /** Milliseconds since 1970 after which the addressee need not answer. */
  readonly exp?: number;
  readonly body: EntryBody;
}

/** Last entry of a log: its sequence number and hash. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** The 32-byte public key behind a kid, or undefined where it is not known. */
export type KeyLookup = (kid: string) => Uint8Array | undefined;

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;
const KID = /^(z6Mk[1-9A-HJ-NP-Za-km-z]{44})#([1-9][0-9]{0,5})$/;
const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** True for text of the form of a node id. O(1): the fingerprint is not decoded. */
export const isNodeId = (text: string): text is NodeId => NODE_ID.test(text);

/** True for the one canonical base64url form of 32 bytes. */
export const isHash = (text: string): boolean => HASH.test(text);

/** Node and key number of a kid, or undefined where the text is no kid. */
export function readKid(kid: string): { readonly nodeId: NodeId; readonly keyNo: number } | undefined {
  const [, nodeId, keyNo] = KID.exec(kid) ?? [];
  return nodeId === undefined ? undefined : { nodeId, keyNo: Number(keyNo) };
}

/** The kid of a node's key. */
export const kidOf = (nodeId: NodeId, keyNo: number): string => `${nodeId}#${keyNo}`;

/** Looks up key 1 of any node without a registry: the node id is made of it. Knows no later keys. */
export const firstKey: KeyLookup = (kid) => {
  const parts = readKid(kid);
  return parts?.keyNo === 1 ? keyOfNodeId(parts.nodeId) : undefined;
};

/** Name of an entry in the whole federation: `<iss>:<seq>`. */
export const entryId = (iss: NodeId, seq: number): string => `${iss}:${seq}`;

/** SHA-256 of an entry's exact bytes, signature included, base64url: what the next entry carries as `prev`. */
export const hashEntry = (jws: string): string => portableCodec.hashText(jws);

/** hashEntry by the platform's own code, where it has any. */
export const hashEntryWith = ({ codec = portableCodec }: Pick<Ed25519, 'codec'>, jws: string): string => codec.hashText(jws);
