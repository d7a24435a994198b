import { fromBase64url, toBase64url } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';

/** Which part of a listing is asked for. */
export interface PageRequest { readonly limit: number; readonly cursor?: string | undefined }

/** The sort key after which a page begins, or null for the first page. @throws MalformedMessageError on /cursor. */
export function keyOfCursor(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined) return null;
  const key = new TextDecoder().decode(fromBase64url(cursor));
  if (!form.test(key)) throw new MalformedMessageError([{ pointer: '/cursor', detail: 'must be a cursor of this listing' }]);
  return key;
}

/** A page from one row more than was asked for: the extra row only says that more follow. */
export function pageOfRows<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const isWhole = rows.length <= limit || last === undefined;
  return { items, nextCursor: isWhole ? null : toBase64url(new TextEncoder().encode(keyOf(last))) };
}
