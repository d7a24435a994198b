import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { bestSelection, countCycles, verifySelection, type ExchangePool } from './index.js';

interface Expected {
  readonly cycles: { readonly count: Readonly<Record<string, number>>; readonly scoreSum: Readonly<Record<string, number>>; readonly countedUpTo: number; readonly edges: number };
  readonly K3?: { readonly optimum: number; readonly proven: boolean };
}

/** Exchange graphs with known answers, kept beside the project where they are present. */
const KIT = fileURLToPath(new URL('../../../../../shared/cases/matching', import.meta.url));
const isPresent = existsSync(KIT);
if (!isPresent) process.stdout.write(`skipped: the matching cases are not at ${KIT}\n`);

/** Larger graphs are tried from the command line: `npm run -s match`. */
const ARCS_MAX = 3_000;
/** Deeper counts of the densest graphs take seconds each. */
const CYCLES_MAX = 30_000_000;

const expected: Readonly<Record<string, Expected>> = isPresent ? JSON.parse(readFileSync(join(KIT, 'expected.json'), 'utf8')) as Record<string, Expected> : {};
const small = Object.entries(expected).filter(([, { cycles }]) => cycles.edges <= ARCS_MAX);

function poolOf(name: string, cycleCap: number): ExchangePool {
  const rows = gunzipSync(readFileSync(join(KIT, 'graphs', `${name}.graph.csv.gz`))).toString('utf8').trim().split(/\r?\n/).slice(1);
  const arcs = rows.map((row, index) => {
    const [from = '', to = '', score = ''] = row.split(',');
    return { id: String(index), from, to, score: Number(score) };
  });
  return { vertices: [...new Set(arcs.flatMap(({ from, to }) => [from, to]))], arcs, cycleCap, stepsMax: 400_000_000 };
}

/** Largest length up to which the reference counted few enough cycles to count them again in a test. */
const depthOf = ({ cycles: { count, countedUpTo } }: Expected): number => {
  const lengths = Array.from({ length: countedUpTo - 1 }, (_unused, index) => index + 2);
  return Math.max(2, ...lengths.filter((length) => (count[length] ?? 0) <= CYCLES_MAX));
};

describe('published exchange graphs', () => {
  it('are read where they are present', () => expect(small.length > 60).toBe(isPresent));
  if (!isPresent) return;

  it.each(small)('%s has as many rings with the same score sums as the reference counted', (name, reference) => {
    const cap = depthOf(reference);
    const { byLength, complete } = countCycles(poolOf(name, cap));
    expect(complete).toBe(true);
    for (const { length, count, scoreSum } of byLength) {
      expect([length, count, scoreSum]).toEqual([length, BigInt(reference.cycles.count[length] ?? 0), BigInt(reference.cycles.scoreSum[length] ?? 0)]);
    }
  });

  it.each(small.filter(([, { K3 }]) => K3?.proven === true))('%s: the proven optimum for rings of up to three is reached, proven and verified', (name, { K3 }) => {
    const pool = poolOf(name, 3);
    const selection = bestSelection(pool);
    verifySelection(pool, selection);
    expect([selection.objective, selection.proven]).toEqual([BigInt(K3?.optimum ?? 0), true]);
  });
});
