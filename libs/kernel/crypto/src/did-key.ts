/** Ed25519 public keys as `did:key` identifiers (W3C CCG did:key, multicodec 0xed01, base58btc). */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = Uint8Array.of(0xed, 0x01);

/** Permanent id of a participant, a cooperative or an operator: `did:key:z6Mk…`. */
export type Did = `did:key:z${string}`;

/** Permanent id of a node: the fingerprint part of its first key's did, safe as one NATS token. */
export type NodeId = string;

function toBase58(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  let text = '';
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)]! + text;
  return text;
}

function fromBase58(text: string): Uint8Array | undefined {
  let number = 0n;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    number = number * 58n + BigInt(value);
  }
  const bytes: number[] = [];
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 0xffn));
  return Uint8Array.from(bytes);
}

/** The did of a 32-byte Ed25519 public key. */
export const didOfKey = (publicKey: Uint8Array): Did => `did:key:z${toBase58(Uint8Array.of(...PREFIX, ...publicKey))}`;

/** The 32-byte public key behind a did, or undefined where the text is no Ed25519 did:key. */
export function keyOfDid(did: string): Uint8Array | undefined {
  if (!did.startsWith('did:key:z') || did.length > 64) return undefined;
  const bytes = fromBase58(did.slice('did:key:z'.length));
  if (bytes?.length !== 34 || bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) return undefined;
  const key = bytes.slice(2);
  return didOfKey(key) === did ? key : undefined;
}

/** True for the did of an Ed25519 key. */
export const isDid = (text: string): text is Did => keyOfDid(text) !== undefined;

/** The node id of a 32-byte public key. */
export const nodeIdOfKey = (publicKey: Uint8Array): NodeId => didOfKey(publicKey).slice('did:key:'.length);

/** The 32-byte public key a node id was made from, or undefined where it is none. */
export const keyOfNodeId = (nodeId: NodeId): Uint8Array | undefined => keyOfDid(`did:key:${nodeId}`);
