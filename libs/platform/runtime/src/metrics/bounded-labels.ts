import type { LabelBounds } from './declare.js';

/** What stands in the place of a value that is none of the allowed ones. */
export const OTHER = 'other';

/** Codes, subjects, route templates, node ids: no sentence and nothing that a person is known by. */
const PLAIN = /^[A-Za-z0-9._:/{}-]{1,80}$/;
const isPlain = (value: string): boolean => PLAIN.test(value) && !value.includes('did:');

/** Keeps the values of the labels of one metric within their bounds: what strangers send can neither fill the memory nor be read by everybody. */
export class BoundedLabels {
  private readonly seen = new Map<string, Set<string>>();

  constructor(private readonly bounds: LabelBounds) {}

  /** The labels, with `other` for every value out of bounds. A value that was let in before stays in. */
  of(labels: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.keys(this.bounds).map((label) => [label, this.value(label, labels[label] ?? OTHER)]));
  }

  private value(label: string, value: string): string {
    const bound = this.bounds[label];
    if (typeof bound !== 'number') return bound?.includes(value) === true ? value : OTHER;
    const seen = this.seen.get(label) ?? new Set();
    this.seen.set(label, seen);
    if (seen.has(value)) return value;
    if (!isPlain(value) || seen.size >= bound) return OTHER;
    seen.add(value);
    return value;
  }
}
