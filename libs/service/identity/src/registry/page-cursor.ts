import { fromBase64url, toBase64url } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';
import type { z } from 'zod';

const KEY_SIZE_MAX = 100;

/** Which part of a listing is asked for. */
export interface PageRequest { readonly limit: number; readonly cursor?: string | undefined }

/** The sort key after which a page begins; the empty text for the first page. @throws MalformedMessageError on /cursor. */
export function keyOfCursor(cursor: string | undefined, key: z.ZodType<string>): string {
  if (cursor === undefined) return '';
  const bytes = fromBase64url(cursor);
  const parsed = key.safeParse(new TextDecoder().decode(bytes?.subarray(0, KEY_SIZE_MAX)));
  if (!parsed.success) throw new MalformedMessageError([{ pointer: '/cursor', detail: 'must be a cursor of this listing' }]);
  return parsed.data;
}

/** A page from one row more than was asked for: the extra row only says that more follow. */
export function pageOfRows<Item>(rows: readonly Item[], limit: number, keyOf: (item: Item) => string): { items: Item[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const isWhole = rows.length <= limit || last === undefined;
  return { items, nextCursor: isWhole ? null : toBase64url(new TextEncoder().encode(keyOf(last))) };
}
