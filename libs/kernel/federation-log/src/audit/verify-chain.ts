import { fromBase64url, hashBytes, type Ed25519 } from '@kula/kernel-crypto';
import type { Head, KeyLookup } from '../entry/entry.js';
import { readStrictJson } from './strict-json.js';

/** A stored stretch of one issuer's log, in order. */
export interface LogSegment {
  readonly net: string;
  readonly iss: string;
  /** Entry the segment follows; undefined where it begins the log. */
  readonly after?: Head | undefined;
  readonly entries: readonly string[];
  readonly keyOf: KeyLookup;
  /** False where the key does not sign for its node at this place of the log. Absent: every known key signs everywhere. */
  readonly keyIsValidAt?: (kid: string, seq: number) => boolean;
}

/** Why a segment is not a log of its issuer. */
export type ChainFault =
  | 'malformed_entry' | 'unknown_key' | 'retired_key' | 'bad_signature' | 'other_network' | 'other_issuer' | 'broken_sequence' | 'broken_link';

/** Result of an audit. */
export type ChainAudit =
  | {
    readonly isSound: true;
    readonly head: Head | undefined;
    /** Sequence numbers of entries whose own signature does not hold: their issuer committed to them by signing a later one. */
    readonly coveredOnly: readonly number[];
  }
  | { readonly isSound: false; readonly index: number; readonly fault: ChainFault };

/**
 * Audits a whole stored segment: every form, signature, sequence number and link.
 *
 * Written apart from the code that seals and accepts, with which it shares only hashing and base64url, so that a fault
 * there does not repeat itself here. It states the rules of docs/protocol/federation-log.md anew. One signature
 * verification an entry; O(bytes).
 */
export function verifyChain(ed25519: Ed25519, segment: LogSegment): ChainAudit {
  let head = segment.after ?? BEFORE_THE_FIRST;
  const coveredOnly: number[] = [];
  for (const [index, jws] of segment.entries.entries()) {
    const claims = soundClaims(jws, head, segment);
    if (typeof claims === 'string') return { isSound: false, index, fault: claims };
    const holds = ed25519.verify(segment.keyOf(claims.kid)!, new TextEncoder().encode(claims.signedText), claims.signature);
    if (!holds && index === segment.entries.length - 1) return { isSound: false, index, fault: 'bad_signature' };
    if (!holds) coveredOnly.push(claims.seq);
    head = { seq: claims.seq, hash: hashBytes(new TextEncoder().encode(jws)) };
  }
  return { isSound: true, head: head.seq === 0 ? undefined : head, coveredOnly };
}

const BEFORE_THE_FIRST: Head = { seq: 0, hash: 'A'.repeat(43) };

interface Claims {
  readonly kid: string;
  readonly net: string;
  readonly iss: string;
  readonly seq: number;
  readonly prev: string;
  readonly signedText: string;
  readonly signature: Uint8Array;
}

function soundClaims(jws: string, head: Head, segment: LogSegment): Claims | ChainFault {
  const claims = claimsOf(jws);
  return claims === undefined ? 'malformed_entry' : faultOf(claims, head, segment) ?? claims;
}

function faultOf(claims: Claims, head: Head, segment: LogSegment): ChainFault | undefined {
  if (segment.keyOf(claims.kid) === undefined) return 'unknown_key';
  if (claims.net !== segment.net) return 'other_network';
  if (claims.iss !== segment.iss || !claims.kid.startsWith(`${segment.iss}#`)) return 'other_issuer';
  if (segment.keyIsValidAt?.(claims.kid, claims.seq) === false) return 'retired_key';
  if (claims.seq !== head.seq + 1) return 'broken_sequence';
  if (claims.prev !== head.hash) return 'broken_link';
  return undefined;
}

const ENTRY = /^([\w-]{1,200})\.([\w-]+)\.([\w-]{86})$/;
const HEADER = /^\{"alg":"EdDSA","kid":"(z6Mk[1-9A-HJ-NP-Za-km-z]{44}#[1-9]\d{0,5})","typ":"sep-entry\+jws"\}$/;
const NODE = 'z6Mk[1-9A-HJ-NP-Za-km-z]{44}';
const HASH = '[\\w-]{42}[AEIMQUYcgkosw048]';

/** Form of each member written as text; numbers in plain decimal. */
const FORMS: Readonly<Record<string, RegExp>> = {
  v: /^1$/,
  net: /^"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"$/,
  iss: new RegExp(`^"${NODE}"$`),
  seq: /^[1-9]\d{0,15}$/,
  prev: new RegExp(`^"${HASH}"$`),
  topic: /^"[\w-]{1,64}"$/,
  type: /^"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}"$/,
  sub: /^"(?:[^\p{Cc}"\\]|\\["\\]){1,256}"$/u,
  ts: /^(?:0|[1-9]\d{0,14})$/,
  body: /^\{.*\}$/s,
  to: new RegExp(`^"${NODE}"$`),
  re: new RegExp(`^"${HASH}"$`),
  exp: /^(?:0|[1-9]\d{0,14})$/,
};
const OPTIONAL = ['to', 're', 'exp'];
/** 9999-12-31T23:59:59.999Z. */
const LAST_MS = 253_402_300_799_999;

function claimsOf(jws: string): Claims | undefined {
  const parts = jws.length > 65_536 ? undefined : ENTRY.exec(jws)?.slice(1).map((part) => fromBase64url(part));
  if (!isWhole(parts)) return undefined;
  const [header, payload, signature] = parts;
  const kid = HEADER.exec(String.fromCharCode(...header))?.[1];
  const claims = readStrictJson(payload);
  if (kid === undefined || !isPayload(claims) || (claims.seq === 1) !== /^A+$/.test(claims.prev)) return undefined;
  const { net, iss, seq, prev } = claims;
  return { kid, net, iss, seq, prev, signedText: jws.slice(0, jws.lastIndexOf('.')), signature };
}

const isWhole = (parts: readonly (Uint8Array | undefined)[] | undefined): parts is readonly [Uint8Array, Uint8Array, Uint8Array] =>
  parts !== undefined && !parts.includes(undefined);

function isPayload(value: unknown): value is Pick<Claims, 'net' | 'iss' | 'seq' | 'prev'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  const hasForm = [...members].every(([name, member]) => Object.hasOwn(FORMS, name) && FORMS[name]!.test(JSON.stringify(member)));
  const isComplete = Object.keys(FORMS).every((name) => members.has(name) || OPTIONAL.includes(name));
  return hasForm && isComplete && [members.get('ts'), members.get('exp') ?? 0].every((time) => Number(time) <= LAST_MS);
}
