import type { Json } from '@kula/kernel-crypto';

/** Deepest nesting of arrays and objects, the payload itself counted as one. */
export const JSON_DEPTH_MAX = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * The value of JSON bytes that every reader in every language reads alike, or undefined (I-JSON, RFC 7493).
 *
 * Refuses what readers disagree about: names that occur twice, integers beyond ±(2^53 − 1), numbers that overflow,
 * lone surrogates, invalid UTF-8, a byte order mark. Also U+0000, which databases cannot store, and nesting deeper
 * than JSON_DEPTH_MAX. O(size).
 */
export function parseBoundedJson(bytes: Uint8Array): Json | undefined {
  try {
    const text = utf8.decode(bytes);
    const value = JSON.parse(text) as Json;
    return memberCount(value, 0) === namesIn(text) ? value : undefined;
  } catch {
    // Neither UTF-8 nor JSON: both are the sender's fault and read the same to the caller.
    return undefined;
  }
}

/** True for a value that survives sealing and opening unchanged. Members that are undefined are left out of entries. */
export const isBoundedJson = (value: unknown): value is Json => memberCount(value, 0) !== undefined;

/** Members of all objects in a value, or undefined where the value is outside the bounds. */
function memberCount(value: unknown, depth: number): number | undefined {
  if (typeof value === 'string') return isPlainText(value) ? 0 : undefined;
  if (typeof value === 'number') return isExactNumber(value) ? 0 : undefined;
  if (typeof value === 'boolean' || value === null) return 0;
  if (typeof value !== 'object' || depth === JSON_DEPTH_MAX) return undefined;
  return Array.isArray(value) ? itemCount(value, depth + 1) : namedCount(value, depth + 1);
}

function itemCount(items: readonly unknown[], depth: number): number | undefined {
  let total = 0;
  for (const item of items) {
    const count = memberCount(item, depth);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

function namedCount(record: object, depth: number): number | undefined {
  let total = 0;
  for (const [name, member] of Object.entries(record)) {
    if (member === undefined) continue;
    const count = isPlainText(name) ? memberCount(member, depth) : undefined;
    if (count === undefined) return undefined;
    total += count + 1;
  }
  return total;
}

const isPlainText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const isExactNumber = (value: number): boolean => (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));

/** Member names written in valid JSON text, repeated ones counted each time. */
function namesIn(text: string): number {
  let names = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at);
    if (letter === QUOTE) at = closingQuote(text, at);
    else if (letter === COLON) names += 1;
  }
  return names;
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
