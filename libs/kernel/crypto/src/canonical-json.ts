import { byCodeUnit, invariant } from '@kula/kernel-primitives';

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * Canonical JSON text (JCS, RFC 8785): sorted names, no white space, ECMAScript numbers.
 *
 * Members whose value is undefined are left out. O(size). Nesting is bounded by the caller's parser.
 * @throws InvariantError on numbers that are not finite and on strings with lone surrogates.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number') invariant(Number.isFinite(value), 'a number in canonical JSON is finite');
  if (typeof value === 'string') return canonicalString(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const members = Object.entries(value as { readonly [name: string]: Json | undefined })
    .filter((member): member is [string, Json] => member[1] !== undefined)
    .sort(([left], [right]) => byCodeUnit(left, right))
    .map(([name, item]) => `${canonicalString(name)}:${canonicalJson(item)}`);
  return `{${members.join(',')}}`;
}

function canonicalString(text: string): string {
  invariant(text.isWellFormed(), 'a string in canonical JSON is well-formed Unicode');
  return JSON.stringify(text);
}

const utf8 = new TextEncoder();

/** Canonical JSON as UTF-8 bytes. */
export const canonicalBytes = (value: Json): Uint8Array => utf8.encode(canonicalJson(value));
