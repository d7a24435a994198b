/** Rows of comma-separated text, or the first thing that is wrong with it. Lines are counted from 1. */
export type CsvReading = { readonly rows: readonly (readonly string[])[] } | { readonly line: number; readonly detail: string };

/** One field with what ends it: `,`, a line end, or the end of the text. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** A text that begins with one of these is a formula to a spreadsheet, which would calculate it. */
const FORMULA = /^['=+\-@\t]/;

const counted = (text: string): number => text.split('\n').length - 1;

/**
 * The fields of comma-separated text (RFC 4180), row by row.
 *
 * Lines end in LF or CRLF, the last may end without; a byte order mark is passed over. Strict: a quote that is not closed or
 * stands inside an unquoted field is refused. O(length).
 */
export function readCsv(text: string): CsvReading {
  const rows: string[][] = [];
  let line = 1;
  FIELD.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  while (FIELD.lastIndex < text.length) {
    const fields: string[] = [];
    for (let end: string | undefined = ','; end === ',';) {
      const match = FIELD.exec(text);
      if (match === null) return { line, detail: 'a quote is not closed, or stands inside an unquoted field' };
      const [whole, quoted, plain = ''] = match;
      end = match[3];
      fields.push(shown(quoted?.replaceAll('""', '"') ?? plain));
      line += counted(whole);
    }
    rows.push(fields);
  }
  return { rows };
}

/** The rows as text that `readCsv` reads back as they are, and that no spreadsheet calculates. Ends with a line end; lines end in CRLF. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((fields) => `${fields.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (field: string): string => {
  const text = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const shown = (field: string): string => (field.startsWith(`'`) && FORMULA.test(field.slice(1)) ? field.slice(1) : field);
