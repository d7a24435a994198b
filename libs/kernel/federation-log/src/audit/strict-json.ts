/**
 * JSON reader of the auditor: one pass by recursive descent, sharing nothing with the reader that accepts entries, so
 * that each checks the other. Same language: I-JSON without U+0000, nested at most 32 deep.
 */
const DEPTH_MAX = 32;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy;
const LITERAL = /true|false|null/y;

/** Thrown inside the reader only; its caller sees undefined. */
class NotStrictJson extends Error {}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.value(0);
    this.take(SPACE);
    if (this.at !== this.text.length) throw new NotStrictJson();
    return value;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skip(letter: string): boolean {
    this.take(SPACE);
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }

  private expect(letter: string): void {
    if (!this.skip(letter)) throw new NotStrictJson();
  }

  private value(depth: number): unknown {
    if (this.skip('{')) return this.record(depth + 1);
    if (this.skip('[')) return this.list(depth + 1);
    if (this.text[this.at] === '"') return this.string();
    const literal = this.take(LITERAL);
    return literal === undefined ? this.number() : literal === 'null' ? null : literal === 'true';
  }

  private record(depth: number): Record<string, unknown> {
    if (depth > DEPTH_MAX) throw new NotStrictJson();
    const members = new Map<string, unknown>();
    if (this.skip('}')) return {};
    do {
      this.take(SPACE);
      const name = this.string();
      if (members.has(name)) throw new NotStrictJson();
      this.expect(':');
      members.set(name, this.value(depth));
    } while (this.skip(','));
    this.expect('}');
    return Object.fromEntries(members);
  }

  private list(depth: number): unknown[] {
    if (depth > DEPTH_MAX) throw new NotStrictJson();
    const items: unknown[] = [];
    if (this.skip(']')) return items;
    do items.push(this.value(depth)); while (this.skip(','));
    this.expect(']');
    return items;
  }

  private string(): string {
    const text = JSON.parse(this.take(STRING) ?? '') as string;
    if (/[\0\p{Cs}]/u.test(text)) throw new NotStrictJson();
    return text;
  }

  private number(): number {
    const value = Number(this.take(NUMBER) ?? 'none');
    const isWhole = Math.trunc(value) === value;
    if (!Number.isFinite(value) || (isWhole && Math.abs(value) > Number.MAX_SAFE_INTEGER)) throw new NotStrictJson();
    return value;
  }
}

/** The value of JSON bytes, or undefined where they are not strict. O(size). */
export function readStrictJson(bytes: Uint8Array): unknown {
  try {
    return new Reader(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).document();
  } catch {
    // Whatever broke, the bytes are not strict JSON; there is nothing else this reader can meet.
    return undefined;
  }
}
