import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readStrictJson } from '../audit/strict-json.js';
import { parseBoundedJson } from './bounded-json.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the two readers of JSON', () => {
  const agree = (text: string) => expect(readStrictJson(bytes(text))).toEqual(parseBoundedJson(bytes(text)));

  it('agree on JSON', () => fc.assert(fc.property(fc.json(), agree), { numRuns: 500 }));

  it('agree on JSON that was damaged', () => {
    const scrap = fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e9', '\\u0061', '\\ud83e', '\\u0000', '\t', '\u0001', '\u0085', 'true', 'null');
    fc.assert(fc.property(fc.json(), fc.nat(), fc.nat({ max: 2 }), scrap, (text, place, cut, put) => {
      const at = place % (text.length + 1);
      agree(text.slice(0, at) + put + text.slice(at + cut));
    }), { numRuns: 2_000 });
  });

  it('agree on names that occur twice', () => {
    const member = fc.tuple(fc.constantFrom('a', '\\u0061', 'b', '__proto__', 'constructor'), fc.constantFrom('1', '{}', '{"a":1}', '":"'));
    fc.assert(fc.property(fc.array(member, { maxLength: 5 }), (members) => {
      agree(`{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`);
    }), { numRuns: 500 });
  });

  it('agree on names that occur twice behind white space and beside text like names', () => {
    const name = fc.constantFrom('"a"', '"a" ', '"b"\t', '"a"\n', '"\\u0062"', '":"', '"\\":"');
    const value = fc.constantFrom('1', '":"', '": "', '"\\":"', '[":",":"]', '{"a" :1}', '{"a":1,"a" :2}');
    fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (members) => {
      agree(`{${members.map((member) => member.join(':')).join(',')}}`);
    }), { numRuns: 2_000 });
  });

  it('agree on numbers', () => {
    const digits = fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9]{1,20})?(e[+-]?[0-9]{1,3})?$/);
    fc.assert(fc.property(fc.oneof(digits, fc.double().map(String)), agree), { numRuns: 1_000 });
  });

  it('agree on raw bytes', () => fc.assert(fc.property(fc.uint8Array(), (raw) => expect(readStrictJson(raw)).toEqual(parseBoundedJson(raw)))));
});

describe('bounded JSON', () => {
  it.each(['{"a":1,"a":1}', '{"a":{"b":1,"\\u0062":2}}', '9007199254740992', '1e400', '"\\udfff"', '"\\u0000"', '{"\\u0000":1}', `${'['.repeat(33)}${']'.repeat(33)}`])(
    'refuses %s', (text) => expect([parseBoundedJson(bytes(text)), readStrictJson(bytes(text))]).toEqual([undefined, undefined]),
  );
  it('survives nesting as deep as an entry is long', () => {
    expect([parseBoundedJson(bytes('['.repeat(60_000))), readStrictJson(bytes('['.repeat(60_000)))]).toEqual([undefined, undefined]);
    expect(parseBoundedJson(bytes(`${'['.repeat(30_000)}${']'.repeat(30_000)}`))).toBeUndefined();
  });
  it('survives text as long as an entry', () => {
    const text = 'x\\"'.repeat(20_000);
    expect(readStrictJson(bytes(`"${text}"`))).toBe(parseBoundedJson(bytes(`"${text}"`)));
    expect(parseBoundedJson(bytes(`"${text}"`))).toHaveLength(40_000);
    expect(readStrictJson(bytes(`"${text}`))).toBeUndefined();
  });
});
