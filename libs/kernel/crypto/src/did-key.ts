/** Ed25519 public keys as `did:key` identifiers (W3C CCG did:key, multicodec 0xed01, base58btc). */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = Uint8Array.of(0xed, 0x01);
const NO_LETTER = 255;
/** Value of each letter by its character code. */
const VALUES = new Uint8Array(128).fill(NO_LETTER);
for (let value = 0; value < ALPHABET.length; value += 1) VALUES[ALPHABET.charCodeAt(value)] = value;

/**
 * Encodings of the points of small order, sign bit cleared (the eight torsion points and their non-canonical forms). A
 * signature under such a key would hold for messages it was not made for.
 */
const SMALL_ORDER = [
  '00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((hex) => Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16)));

function isSmallOrder(key: Uint8Array): boolean {
  return SMALL_ORDER.some((point) => key.every((byte, index) => (index === 31 ? byte & 0x7f : byte) === point[index]));
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

/** The bytes of a base58 number, or undefined where the text is not its one form. O(length²), for texts of a few dozen letters. */
function fromBase58(text: string): Uint8Array | undefined {
  if (text.startsWith(ALPHABET[0]!)) return undefined;
  /** Least significant byte first. */
  const bytes: number[] = [];
  for (let letter = 0; letter < text.length; letter += 1) {
    let carry = VALUES[text.charCodeAt(letter)] ?? NO_LETTER;
    if (carry === NO_LETTER) return undefined;
    for (let at = 0; at < bytes.length; at += 1) {
      carry += bytes[at]! * 58;
      bytes[at] = carry & 0xff;
      carry >>= 8;
    }
    if (carry > 0) bytes.push(carry);
  }
  return Uint8Array.from(bytes.reverse());
}

/** The did of a 32-byte Ed25519 public key. */
export const didOfKey = (publicKey: Uint8Array): Did => `did:key:z${toBase58(Uint8Array.of(...PREFIX, ...publicKey))}`;

/** The 32-byte public key behind a did, or undefined where the text is no Ed25519 did:key or its key proves nothing (small order). */
export function keyOfDid(did: string): Uint8Array | undefined {
  if (!did.startsWith('did:key:z') || did.length > 64) return undefined;
  const bytes = fromBase58(did.slice('did:key:z'.length));
  if (bytes?.length !== 34 || bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) return undefined;
  const key = bytes.slice(2);
  return isSmallOrder(key) ? undefined : key;
}

/** True for the did of an Ed25519 key. */
export const isDid = (text: string): text is Did => keyOfDid(text) !== undefined;

/** The node id of a 32-byte public key. */
export const nodeIdOfKey = (publicKey: Uint8Array): NodeId => didOfKey(publicKey).slice('did:key:'.length);

/** The 32-byte public key a node id was made from, or undefined where it is none. */
export const keyOfNodeId = (nodeId: NodeId): Uint8Array | undefined => keyOfDid(`did:key:${nodeId}`);
