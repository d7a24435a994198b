import { describe, expect, it } from '@jest/globals';
import { portableEd25519 } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { altered, headAfter, logOf, NETWORK, north, opened, south } from '../example-log.js';
import { firstKey } from '../entry/entry.js';
import { BATCH_ENTRIES_MAX, walkBatch } from '../acceptance/walk-batch.js';
import { buildEquivocationProof, verifyEquivocationProof, type EquivocationProof } from './equivocation-proof.js';
import { verifyChain, type LogSegment } from './verify-chain.js';

const log = logOf(6);
const TRUNK = 2;
const fork = logOf(3, headAfter(log[TRUNK - 1]!), 'cake');
const verify = (proof: EquivocationProof) => verifyEquivocationProof(portableEd25519, proof, firstKey, { net: NETWORK });
const build = (left: readonly string[], right: readonly string[]) =>
  buildEquivocationProof(portableEd25519, { iss: north.id, left, right }, firstKey, { net: NETWORK });
const proof = build([log[2]!], [fork[0]!]) as EquivocationProof;
const segment = (entries: readonly string[], more: Partial<LogSegment> = {}): LogSegment => ({ net: NETWORK, iss: north.id, entries, keyOf: firstKey, ...more });

/** An unbroken run of a log. */
const runOf = (entries: readonly string[]) =>
  fc.tuple(fc.nat({ max: entries.length - 1 }), fc.nat({ max: entries.length - 1 })).map(([one, other]) => entries.slice(Math.min(one, other), Math.max(one, other) + 1));

describe('an equivocation proof', () => {
  it('is built and holds exactly where two runs speak of one number after the fork', () => {
    fc.assert(fc.property(runOf(log), runOf(fork), (left, right) => {
      const said = (run: readonly string[]) => run.map(opened).flatMap(({ payload: { seq } }, at) => (at === 0 ? [seq - 1, seq] : [seq]));
      const both = said(left).filter((seq) => seq > TRUNK && said(right).includes(seq));
      const built = build(left, right);
      expect('refused' in built ? built.refused : 'proof').toBe(both.length === 0 ? 'proof.no_contradiction' : 'proof');
      if (!('refused' in built)) expect(verify(built)).toMatchObject({ iss: north.id, at: Math.min(...both) });
    }), { numRuns: 60 });
  });

  it('is the same for either order of the branches', () => {
    expect(build([fork[0]!], [log[2]!])).toEqual(proof);
  });

  it('cannot be made of one honest log', () => {
    fc.assert(fc.property(runOf(log), runOf(log), (left, right) => {
      expect(build(left, right)).toEqual({ refused: 'proof.no_contradiction' });
      expect(verify({ v: 1, net: NETWORK, iss: north.id, left, right })).toEqual({ refused: 'proof.no_contradiction' });
    }), { numRuns: 40 });
  });

  it('shows nothing once a character of it is changed', () => {
    fc.assert(fc.property(fc.constantFrom('left' as const, 'right' as const), fc.nat(), fc.constantFrom('A', 'b', '.', '_'), (side, place, letter) => {
      const [entry] = proof[side];
      const at = place % entry!.length;
      fc.pre(entry![at] !== letter);
      expect(verify({ ...proof, [side]: [altered(entry!, at, letter)] })).toEqual({ refused: 'proof.unsigned_branch' });
    }));
  });

  it('does not hold against another node', () => {
    expect(verify({ ...proof, iss: south.id })).toEqual({ refused: 'proof.unsigned_branch' });
  });

  it('has branches of bounded length', () => {
    expect(verify({ ...proof, left: Array.from({ length: BATCH_ENTRIES_MAX + 1 }, () => log[2]!) })).toEqual({ refused: 'proof.malformed' });
  });

  it('is never thrown at, whatever arrives in its place', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(verifyEquivocationProof(portableEd25519, value as never, firstKey, { net: NETWORK })).toEqual({ refused: 'proof.malformed' });
    }));
  });
});

describe('auditing a segment', () => {
  it('finds a sound log sound from any entry on', () => {
    fc.assert(fc.property(fc.nat({ max: log.length }), (from) => {
      const after = from === 0 ? undefined : headAfter(log[from - 1]!);
      const head = from === log.length ? after : headAfter(log.at(-1)!);
      expect(verifyChain(portableEd25519, segment(log.slice(from), { after }))).toEqual({ isSound: true, head, coveredOnly: [] });
    }), { numRuns: 20 });
  });

  it('finds sound what a batch walk accepts whole, and nothing else', () => {
    const pieces = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...log.keys()) }, { weight: 1, arbitrary: fc.constantFrom(-1, -2) }), { maxLength: 4 })
      .map((marks) => marks.reduce<readonly string[]>((entries, mark) => {
        if (mark === -1) return entries.toReversed();
        if (mark === -2) return [...entries.slice(0, TRUNK), ...fork];
        return entries.filter((_, index) => index !== mark || mark < 4);
      }, log));
    fc.assert(fc.property(pieces, (entries) => {
      const walked = walkBatch(portableEd25519, { entries, head: undefined, keyOf: firstKey, expected: { net: NETWORK, iss: north.id } });
      expect(verifyChain(portableEd25519, segment(entries)).isSound).toBe(walked.accepted.length === entries.length);
    }), { numRuns: 60 });
  });

  it('finds any change of one character of any entry', () => {
    fc.assert(fc.property(fc.nat({ max: log.length - 1 }), fc.nat(), fc.constantFrom('A', 'b', '.', '_'), (index, place, letter) => {
      const at = place % log[index]!.length;
      fc.pre(log[index]![at] !== letter);
      expect(verifyChain(portableEd25519, segment(log.with(index, altered(log[index]!, at, letter))))).toMatchObject({ isSound: false });
    }));
  });

  it.each([
    ['an entry left out', segment([log[0]!, log[2]!]), 1, 'broken_sequence'],
    ['a fork', segment([log[0]!, log[1]!, log[2]!, fork[1]!]), 3, 'broken_link'],
    ['a log that does not begin', segment(log.slice(1)), 0, 'broken_sequence'],
    ['another network', segment(log, { net: 'other-network' }), 0, 'other_network'],
    ['another issuer', segment(log, { iss: south.id }), 0, 'other_issuer'],
    ['an unknown key', segment(log, { keyOf: () => undefined }), 0, 'unknown_key'],
    ['a retired key', segment(log, { keyIsValidAt: (_kid, seq) => seq < 3 }), 2, 'retired_key'],
    ['a bad signature at the end', segment(log, { keyOf: () => portableEd25519.publicKey(south.privateKey) }), 5, 'bad_signature'],
  ])('names %s', (_name, damaged, index, fault) => {
    expect(verifyChain(portableEd25519, damaged)).toEqual({ isSound: false, index, fault });
  });
});
