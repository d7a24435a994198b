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
    const members = memberCount(value, 0, hasOnlyPlainText(text));
    return members !== undefined && hasNamesOnce(text, members) ? value : undefined;
  } catch {
    // Neither UTF-8 nor JSON: both are the sender's fault and read the same to the caller.
    return undefined;
  }
}

/** True for a value that survives sealing and opening unchanged. Members that are undefined are left out of entries. */
export const isBoundedJson = (value: unknown): value is Json => memberCount(value, 0, false) !== undefined;

/**
 * Members of all objects in a value, or undefined where the value is outside the bounds.
 *
 * @param isPlain true where every string of the value is already known to be plain text.
 */
function memberCount(value: unknown, depth: number, isPlain: boolean): number | undefined {
  if (value === null) return 0;
  if (typeof value !== 'object') return isBoundedScalar(value, isPlain) ? 0 : undefined;
  if (depth === JSON_DEPTH_MAX) return undefined;
  return Array.isArray(value) ? itemCount(value, depth + 1, isPlain) : namedCount(value, depth + 1, isPlain);
}

function isBoundedScalar(value: unknown, isPlain: boolean): boolean {
  if (typeof value === 'string') return isPlain || isPlainText(value);
  return typeof value === 'number' ? isExactNumber(value) : typeof value === 'boolean';
}

function itemCount(items: readonly unknown[], depth: number, isPlain: boolean): number | undefined {
  let total = 0;
  for (const item of items) {
    const count = memberCount(item, depth, isPlain);
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

function namedCount(record: object, depth: number, isPlain: boolean): number | undefined {
  let total = 0;
  for (const name of Object.keys(record)) {
    const member = (record as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const count = isPlain || isPlainText(name) ? memberCount(member, depth, isPlain) : undefined;
    if (count === undefined) return undefined;
    total += count + 1;
  }
  return total;
}

const isPlainText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** True where no string in valid JSON text can be other than plain: only an escape in hex brings in a lone surrogate or U+0000. */
const hasOnlyPlainText = (text: string): boolean => !text.includes('\\u');

const isExactNumber = (value: number): boolean => (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));

/**
 * True where valid JSON text writes as many names as its value has members, so that no name occurs twice in one object.
 *
 * Quick first: without white space before any colon, every name is followed by `":` at once, so there are at least as
 * many of these as names, and as many names as members. If the ends are equal, so is the middle. Anything else is read
 * letter by letter.
 */
const hasNamesOnce = (text: string, members: number): boolean =>
  (!SPACE_BEFORE_COLON.some((space) => text.includes(space)) && occurrences(text, '":') === members) || namesIn(text) === members;

const SPACE_BEFORE_COLON = [' :', '\t:', '\n:', '\r:'];

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

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
