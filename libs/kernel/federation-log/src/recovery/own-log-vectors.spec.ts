import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Head } from '../entry/entry.js';
import { judgeOwnLog } from './judge-own-log.js';

type HeadPair = readonly [seq: number, hash: string] | null;

interface Case {
  readonly name: string;
  readonly own: { readonly head: HeadPair; readonly hashes: Readonly<Record<string, string>> };
  readonly words: readonly { readonly peer: string; readonly head: HeadPair }[];
  readonly needed: number;
  readonly expect: { readonly to?: HeadPair };
}

const { cases } = JSON.parse(readFileSync(new URL('../../vectors/own-log-words.json', import.meta.url), 'utf8')) as { readonly cases: readonly Case[] };
const headOf = (pair: HeadPair): Head | null => pair && { seq: pair[0], hash: pair[1] };

describe('the vectors of the own log', () => {
  it.each(cases.map((row) => [row.name, row] as const))('are judged as given: %s', (_name, { own, words, needed, expect: wanted }) => {
    const held = { head: headOf(own.head) ?? undefined, hashAt: (seq: number) => own.hashes[seq] };
    const verdict = judgeOwnLog(held, words.map(({ peer, head }) => ({ peer, head: headOf(head) })), needed);
    expect(verdict).toEqual({ ...wanted, ...(wanted.to !== undefined && { to: headOf(wanted.to) }) });
  });
});
