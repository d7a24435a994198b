import { nkeys } from '@nats-io/transport-node';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PUBLIC = /^[AUN][A-Z2-7]{55}$/;
const KEY_BYTES = 32;
const utf8 = new TextEncoder();

/** Bytes of base32 text (RFC 4648, no padding) whose letters have been checked. */
function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [bits, held, place] = [0, 0, 0];
  for (const letter of text) {
    bits = ((bits << 5) | ALPHABET.indexOf(letter)) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[place++] = bits >> held;
    }
  }
  return bytes;
}

/** The 32 raw bytes of the public NKey of a user, account or server; undefined where length, letters or checksum are wrong. No curve arithmetic. */
export function publicKeyIn(nkey: string): Uint8Array | undefined {
  // The library passes over what stands behind a key.
  if (!PUBLIC.test(nkey)) return undefined;
  try {
    nkeys.fromPublic(nkey);
  } catch {
    return undefined;
  }
  return fromBase32(nkey).subarray(1, 1 + KEY_BYTES);
}

/** The 32 raw bytes of a seed, which are the private key of Ed25519, and the public NKey that belongs to it. @throws NKeysError where it is none. */
export function privateKeyIn(seed: string): { readonly privateKey: Uint8Array; readonly publicNkey: string } {
  const publicNkey = nkeys.fromSeed(utf8.encode(seed)).getPublicKey();
  return { privateKey: fromBase32(seed).subarray(2, 2 + KEY_BYTES), publicNkey };
}
