import { fromBase64url } from '@kula/kernel-crypto';
import { ENTRY_BYTES_MAX, hashEntry, readKid, type EntryHeader, type EntryPayload } from './entry.js';
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

/** An entry taken apart, nothing in it believed yet. */
export interface EntryParts {
  readonly jws: string;
  readonly kid: string;
  readonly signedBytes: Uint8Array;
  readonly payloadBytes: Uint8Array;
  readonly signature: Uint8Array;
}

const utf8 = new TextEncoder();
const ascii = new TextDecoder('utf-8', { ignoreBOM: true });

/** The one text a header can have. Being fixed, it is compared rather than parsed: no JSON is read before the signature holds. */
export const headerText = (kid: string): string => `{"alg":"EdDSA","kid":"${kid}","typ":"sep-entry+jws"}`;

/** The parts of a compact JWS with our header, or the refusal of anything else. O(size). */
export function splitEntry(jws: string): EntryParts | EntryRefusal {
  if (jws.length > ENTRY_BYTES_MAX) return refuseEntry('entry.too_large', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
  const [header, payload, signature, ...more] = jws.split('.').map((part) => fromBase64url(part));
  if (header === undefined || payload === undefined || signature?.length !== 64 || more.length > 0) {
    return refuseEntry('entry.malformed', 'an entry is three parts in canonical base64url, the last of 64 bytes');
  }
  const text = ascii.decode(header);
  const kid = text.slice('{"alg":"EdDSA","kid":"'.length, -'","typ":"sep-entry+jws"}'.length);
  if (readKid(kid) === undefined || text !== headerText(kid)) {
    return refuseEntry('entry.malformed', 'the header is not the canonical one with a kid of a node');
  }
  const signedBytes = utf8.encode(jws.slice(0, jws.lastIndexOf('.')));
  return { jws, kid, signedBytes, payloadBytes: payload, signature };
}

/**
 * The entry that authentic bytes say.
 *
 * To be called only once the bytes are known to be the issuer's: by their own signature, or by the `prev` of a verified
 * later entry, which is then given as `coveredHash`.
 */
export function readAuthentic(parts: EntryParts, expected: ExpectedEntry, coveredHash?: string): OpenedEntry | EntryRefusal {
  const value = parseBoundedJson(parts.payloadBytes);
  if (value === undefined) return refuseEntry('entry.malformed', 'the payload is not JSON that all readers read alike');
  const fault = payloadFault(value);
  if (fault !== undefined) return refuseEntry('entry.malformed', fault);
  const payload = value as unknown as EntryPayload;
  const refusal = mismatch(parts.kid, payload, expected);
  if (refusal !== undefined) return refusal;
  const header: EntryHeader = { alg: 'EdDSA', kid: parts.kid, typ: 'sep-entry+jws' };
  return { jws: parts.jws, hash: coveredHash ?? hashEntry(parts.jws), header, payload, isSignatureVerified: coveredHash === undefined };
}

function mismatch(kid: string, payload: EntryPayload, expected: ExpectedEntry): EntryRefusal | undefined {
  if (payload.net !== expected.net) return refuseEntry('entry.wrong_network', 'the entry belongs to another network');
  if (payload.iss !== readKid(kid)?.nodeId) return refuseEntry('entry.wrong_issuer', 'the key belongs to another node than the issuer');
  if (payload.iss !== (expected.iss ?? payload.iss)) return refuseEntry('entry.wrong_issuer', 'the entry came as that of another issuer');
  if (payload.topic !== (expected.topic ?? payload.topic)) return refuseEntry('entry.wrong_topic', 'the entry came as one of another topic');
  if (expected.keyIsValidAt?.(kid, payload.seq) === false) return refuseEntry('entry.retired_key', 'the key does not sign at this place of the log');
  return undefined;
}
