/**
 * Records of comma-separated text (RFC 4180): a header line, then one record per line, as objects by column name.
 *
 * Returns { records } or { line, detail } of the first thing that is wrong. Lines end in LF or CRLF; the last may end without.
 */
export function csvRecords(text) {
  const rows = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const row = readRow(text, at);
    if (row.detail) return { line: rows.length + 1, detail: row.detail };
    rows.push(row.fields);
    at = row.next;
  }
  const [header, ...body] = rows;
  if (header === undefined) return { line: 1, detail: 'the header line is missing' };
  if (new Set(header).size < header.length) return { line: 1, detail: 'a column stands twice in the header' };
  const ragged = body.findIndex((fields) => fields.length !== header.length);
  if (ragged >= 0) return { line: ragged + 2, detail: `${body[ragged].length} fields under ${header.length} columns` };
  return { records: body.map((fields) => Object.fromEntries(header.map((name, column) => [name, fields[column]]))) };
}

function readRow(text, start) {
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '');
  if (!line.includes('"')) return { fields: line.split(','), next: end < 0 ? text.length : end + 1 };
  return readQuotedRow(text, start);
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function readQuotedRow(text, start) {
  const fields = [];
  FIELD.lastIndex = start;
  for (;;) {
    const match = FIELD.exec(text);
    if (match === null) return { detail: 'a quote is not closed, or stands inside an unquoted field' };
    fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] !== ',') return { fields, next: FIELD.lastIndex };
  }
}
