import { portableCodec, type ByteCodec } from '@kula/kernel-crypto';
import { ENTRY_BYTES_MAX, readKid, type EntryHeader, type EntryPayload } from './entry.js';
import { parseBoundedJson } from './bounded-json.js';
import { payloadFault } from './payload-shape.js';
import { refuseEntry, type EntryRefusal } from './refusal.js';

/** What the holder of an entry demands of it beside a good signature. */
export interface ExpectedEntry {
  /** Federation id of this network. */
  readonly net: string;
  /** Issuer named by the subject it came on, where there was one. */
  readonly iss?: string;
  /** Topic named by the subject it came on, where there was one. */
  readonly topic?: string;
  /** False where the key had not yet begun, or had ceased, to sign for its node at this place of the log. Absent: every known key signs everywhere. */
  readonly keyIsValidAt?: (kid: string, seq: number) => boolean;
}

/** An entry whose bytes are its issuer's own word. */
export interface OpenedEntry {
  /** The exact signed bytes, to be stored and forwarded. */
  readonly jws: string;
  readonly hash: string;
  readonly header: EntryHeader;
  readonly payload: EntryPayload;
  /** True where the entry's own signature was verified, false where a verified later entry covers its bytes. */
  readonly isSignatureVerified: boolean;
}

/** What is known of the bytes of an entry before it is read: their name, and how they were found to be the issuer's. */
export type AuthenticBytes = Pick<OpenedEntry, 'hash' | 'isSignatureVerified'>;

/** An entry taken apart, nothing in it believed yet. */
export interface EntryParts {
  readonly jws: string;
  readonly kid: string;
  /** The part that is signed; ASCII. */
  readonly signedText: string;
  readonly payloadBytes: Uint8Array;
  readonly signature: Uint8Array;
}

const ascii = new TextDecoder('utf-8', { ignoreBOM: true });

/** The one text a header can have. Being fixed, it is compared rather than parsed: no JSON is read before the signature holds. */
export const headerText = (kid: string): string => `{"alg":"EdDSA","kid":"${kid}","typ":"sep-entry+jws"}`;

/** The parts of a compact JWS with our header, or the refusal of anything else. O(size). */
export function splitEntry(jws: string, codec: ByteCodec = portableCodec): EntryParts | EntryRefusal {
  if (jws.length > ENTRY_BYTES_MAX) return refuseEntry('entry.too_large', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
  const [header, payload, signature, ...more] = jws.split('.').map((part) => codec.fromBase64url(part));
  if (header === undefined || payload === undefined || signature?.length !== 64 || more.length > 0) {
    return refuseEntry('entry.malformed', 'an entry is three parts in canonical base64url, the last of 64 bytes');
  }
  const text = ascii.decode(header);
  const kid = text.slice('{"alg":"EdDSA","kid":"'.length, -'","typ":"sep-entry+jws"}'.length);
  if (readKid(kid) === undefined || text !== headerText(kid)) {
    return refuseEntry('entry.malformed', 'the header is not the canonical one with a kid of a node');
  }
  return { jws, kid, signedText: jws.slice(0, jws.lastIndexOf('.')), payloadBytes: payload, signature };
}

/**
 * The entry that authentic bytes say.
 *
 * To be called only once the bytes are known to be the issuer's: by their own signature, or by the `prev` of a verified
 * later entry, which has then been compared with the hash.
 */
export function readAuthentic(parts: EntryParts, expected: ExpectedEntry, known: AuthenticBytes): OpenedEntry | EntryRefusal {
  const value = parseBoundedJson(parts.payloadBytes);
  if (value === undefined) return refuseEntry('entry.malformed', 'the payload is not JSON that all readers read alike');
  const fault = payloadFault(value);
  if (fault !== undefined) return refuseEntry('entry.malformed', fault);
  const payload = value as unknown as EntryPayload;
  const refusal = mismatch(parts.kid, payload, expected);
  if (refusal !== undefined) return refusal;
  const header: EntryHeader = { alg: 'EdDSA', kid: parts.kid, typ: 'sep-entry+jws' };
  return { jws: parts.jws, header, payload, ...known };
}

function mismatch(kid: string, payload: EntryPayload, expected: ExpectedEntry): EntryRefusal | undefined {
  if (payload.net !== expected.net) return refuseEntry('entry.wrong_network', 'the entry belongs to another network');
  if (payload.iss !== readKid(kid)?.nodeId) return refuseEntry('entry.wrong_issuer', 'the key belongs to another node than the issuer');
  if (payload.iss !== (expected.iss ?? payload.iss)) return refuseEntry('entry.wrong_issuer', 'the entry came as that of another issuer');
  if (payload.topic !== (expected.topic ?? payload.topic)) return refuseEntry('entry.wrong_topic', 'the entry came as one of another topic');
  if (expected.keyIsValidAt?.(kid, payload.seq) === false) return refuseEntry('entry.retired_key', 'the key does not sign at this place of the log');
  return undefined;
}
