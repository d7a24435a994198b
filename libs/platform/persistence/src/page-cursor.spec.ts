import { describe, expect, it } from '@jest/globals';
import { toBase64url } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { keyOfCursor, pageOfRows } from './page-cursor.js';

const KEY = /^key:[a-z0-9]+$/;
const cursorOf = (text: string) => toBase64url(new TextEncoder().encode(text));

describe('pageOfRows', () => {
  it('gives a cursor that leads back to the last key, where more rows follow', () => {
    const page = pageOfRows(['key:ana', 'key:ben'], 1, (row) => row);
    expect(page.items).toEqual(['key:ana']);
    expect(keyOfCursor(page.nextCursor ?? undefined, KEY)).toBe('key:ana');
  });
  it('gives no cursor where no rows follow', () => {
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 5 }), (rows) => {
      expect(pageOfRows(rows, 5, (row) => row)).toEqual({ items: rows, nextCursor: null });
    }));
  });
});

describe('keyOfCursor', () => {
  it('begins before every key without a cursor', () => { expect(keyOfCursor(undefined, KEY)).toBeNull(); });
  it.each([
    ['text that is no base64url', 'A'], ['an empty cursor', ''], ['something that is no key', cursorOf('ana')],
    ['a key with more behind it', cursorOf('key:ana OR true')], ['bytes that are no text', toBase64url(Uint8Array.of(0xff, 0xfe))],
    ['a key that no listing has, for its length', cursorOf(`key:${'a'.repeat(200)}`)],
  ])('refuses %s', (_what, cursor) => {
    expect(() => keyOfCursor(cursor, KEY)).toThrow(expect.objectContaining({ code: 'message.malformed', fields: [expect.objectContaining({ pointer: '/cursor' })] }));
  });
});
