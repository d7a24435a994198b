/** Ed25519 public keys as `did:key` identifiers (W3C CCG did:key, multicodec 0xed01, base58btc). */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = Uint8Array.of(0xed, 0x01);

/**
 * Encodings of the points of small order, sign bit cleared (the eight torsion points and their non-canonical forms). A
 * signature under such a key would hold for messages it was not made for.
 */
const SMALL_ORDER = new Set([
  '00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function isSmallOrder(key: Uint8Array): boolean {
  const hex = [...key].map((byte, index) => (index === 31 ? byte & 0x7f : byte).toString(16).padStart(2, '0')).join('');
  return SMALL_ORDER.has(hex);
}

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

/** The 32-byte public key behind a did, or undefined where the text is no Ed25519 did:key or its key proves nothing (small order). */
export function keyOfDid(did: string): Uint8Array | undefined {
  if (!did.startsWith('did:key:z') || did.length > 64) return undefined;
  const bytes = fromBase58(did.slice('did:key:z'.length));
  if (bytes?.length !== 34 || bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) return undefined;
  const key = bytes.slice(2);
  return didOfKey(key) === did && !isSmallOrder(key) ? key : undefined;
}

/** True for the did of an Ed25519 key. */
export const isDid = (text: string): text is Did => keyOfDid(text) !== undefined;

/** The node id of a 32-byte public key. */
export const nodeIdOfKey = (publicKey: Uint8Array): NodeId => didOfKey(publicKey).slice('did:key:'.length);

/** The 32-byte public key a node id was made from, or undefined where it is none. */
export const keyOfNodeId = (nodeId: NodeId): Uint8Array | undefined => keyOfDid(`did:key:${nodeId}`);
