import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCsv, writeCsv } from './csv.js';

const field = fc.oneof(fc.string(), fc.stringMatching(/^['=+\-@",\r\n\tab]{0,8}$/));
/** A row of one empty field is an empty line, which reads as one field as well; no row has no field. */
const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 8 });

describe('comma-separated text', () => {
  it('reads back as it was written, whatever stands in it', () => {
    fc.assert(fc.property(rows, (written) => {
      expect(readCsv(writeCsv(written))).toEqual({ rows: written });
    }));
  });

  it('never begins a field with what a spreadsheet calculates', () => {
    fc.assert(fc.property(rows, (written) => {
      for (const text of written.flat()) expect(writeCsv([[text]])).not.toMatch(/^"?[=+\-@\t]/);
    }));
  });

  it('reads any text or says where it is wrong, and ends', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[",\r\na]{0,40}$/)), (text) => {
      const reading = readCsv(text);
      if ('line' in reading) expect(reading.line).toBeGreaterThanOrEqual(1);
      else expect(reading.rows.every((row) => row.length > 0)).toBe(true);
    }));
  });

  it.each<[string, readonly (readonly string[])[]]>([
    ['a,b\n1,2', [['a', 'b'], ['1', '2']]], ['a,b\r\n1,2\r\n', [['a', 'b'], ['1', '2']]], ['\uFEFFa\n', [['a']]], ['"a ""b"",\nc",d\n', [['a "b",\nc', 'd']]], ['a,\n,b\n', [['a', ''], ['', 'b']]], ['', []],
  ])('reads %j', (text, read) => { expect(readCsv(text)).toEqual({ rows: read }); });

  it.each<[string, number]>([['a\n"b', 2], ['a"b\n', 1], ['a\n"b\nc"d\n', 2], ['a\rb\n', 1]])('refuses %j at line %i', (text, line) => {
    expect(readCsv(text)).toMatchObject({ line });
  });
});
