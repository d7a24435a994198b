import { describe, expect, it } from '@jest/globals';
import { idempotencyKeyOf } from './idempotency-key.js';

describe('an Idempotency-Key', () => {
  it.each([
    ['"8e03978e-40d5"', '8e03978e-40d5'],
    ['8e03978e-40d5', '8e03978e-40d5'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('reads %s', (header, key) => expect(idempotencyKeyOf(header)).toBe(key));

  it.each([[undefined], ['']])('is missing as %p', (header) => {
    expect(() => idempotencyKeyOf(header)).toThrow(expect.objectContaining({ code: 'gateway.idempotency_key_missing' }));
  });

  it.each([['""'], ['a b'], ['a'.repeat(256)], ['schlüssel'], [['a', 'b']]])('is malformed as %p', (header) => {
    expect(() => idempotencyKeyOf(header)).toThrow(expect.objectContaining({ code: 'gateway.idempotency_key_malformed' }));
  });
});
