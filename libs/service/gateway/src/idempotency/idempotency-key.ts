import { IdempotencyKeyMalformedError, IdempotencyKeyMissingError } from '../problems/gateway.errors.js';

/** Header that names a request (draft-ietf-httpapi-idempotency-key-header-07). */
export const IDEMPOTENCY_KEY = 'idempotency-key';

/** Longest key, in characters. */
export const KEY_LENGTH_MAX = 255;

const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The key a request carries.
 *
 * The draft writes it as a quoted string; a bare one, as most clients send it, names the same request.
 * @throws IdempotencyKeyMissingError, IdempotencyKeyMalformedError
 */
export function idempotencyKeyOf(header: string | readonly string[] | undefined): string {
  if (header === undefined || header === '') throw new IdempotencyKeyMissingError();
  if (typeof header !== 'string') throw new IdempotencyKeyMalformedError();
  const key = QUOTED.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1') ?? header;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > KEY_LENGTH_MAX) throw new IdempotencyKeyMalformedError();
  return key;
}
