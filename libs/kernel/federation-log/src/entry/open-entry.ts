import type { Ed25519 } from '@kula/kernel-crypto';
import { hashEntryWith, type KeyLookup } from './entry.js';
import { readAuthentic, splitEntry, type ExpectedEntry, type OpenedEntry } from './entry-parts.js';
import { refuseEntry, type EntryRefusal } from './refusal.js';

const utf8 = new TextEncoder();

/**
 * The entry that a compact JWS carries, or a coded refusal. Never throws on bad input.
 *
 * Order: size, form and header, key, signature, and only then the payload is parsed. Unknown topics and types open
 * like any other. One signature verification; O(size) otherwise.
 */
export function openEntry(ed25519: Ed25519, jws: string, keyOf: KeyLookup, expected: ExpectedEntry): OpenedEntry | EntryRefusal {
  const parts = splitEntry(jws, ed25519.codec);
  if ('refused' in parts) return parts;
  const publicKey = keyOf(parts.kid);
  if (publicKey === undefined) return refuseEntry('entry.unknown_key', 'the key is not known');
  if (!ed25519.verify(publicKey, utf8.encode(parts.signedText), parts.signature)) {
    return refuseEntry('entry.bad_signature', 'the signature does not hold');
  }
  return readAuthentic(parts, expected, { hash: hashEntryWith(ed25519, jws), isSignatureVerified: true });
}
