import { fromBase64url, toBase64url } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';

const KEY_BYTES_MAX = 200;

/** Which part of a listing is asked for. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page and, where more follow, the cursor of the next one. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/**
 * The sort key after which a page begins, or null for the first page.
 *
 * @param form what a key of this listing looks like.
 * @throws MalformedMessageError on /cursor where the cursor is none of this listing.
 */
export function keyOfCursor(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined) return null;
  const bytes = fromBase64url(cursor);
  const key = bytes === undefined || bytes.length > KEY_BYTES_MAX ? '' : new TextDecoder().decode(bytes);
  if (!form.test(key)) throw new MalformedMessageError([{ pointer: '/cursor', detail: 'must be a cursor of this listing' }]);
  return key;
}

/** A page from one row more than was asked for: the extra row only says that more follow. */
export function pageOfRows<Item>(rows: readonly Item[], limit: number, keyOf: (item: Item) => string): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const isWhole = rows.length <= limit || last === undefined;
  return { items, nextCursor: isWhole ? null : toBase64url(new TextEncoder().encode(keyOf(last))) };
}
