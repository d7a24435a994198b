import type { Cast } from '../cast.js';

interface DrawnResult {
  readonly grossTotal: string;
  readonly netTotal: string;
  readonly cleared: string;
  readonly positions: readonly { readonly party: string; readonly position: string }[];
  readonly remaining: readonly { readonly debtor: string; readonly creditor: string; readonly before: string; readonly after: string }[];
}

/** A netting in plain text: what was owed, what remains, and each party's position, which does not change. */
export function drawNetting(cast: Cast, unit: string, { remaining, positions, grossTotal, netTotal }: DrawnResult): string[] {
  const name = (did: string) => cast.byDid(did).name;
  const width = Math.max(...remaining.map(({ debtor, creditor }) => name(debtor).length + name(creditor).length)) + 6;
  const row = (label: string, before: string, after: string) => `  ${label.padEnd(width)} ${before.padStart(8)} ${after.padStart(8)}`;
  return [
    row(`owed, in ${unit}`, 'before', 'after'),
    ...remaining.map(({ debtor, creditor, before, after }) => row(`${name(debtor)} → ${name(creditor)}`, before, after)),
    row('total', grossTotal, netTotal),
    '',
    ...positions.map(({ party, position }) => row(`position of ${name(party)}`, position, position)),
  ];
}
