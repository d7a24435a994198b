import { describe, expect, it } from '@jest/globals';
import { portableEd25519 } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { altered, headAfter, logOf, NETWORK, north, opened, south } from '../example-log.js';
import { firstKey, GENESIS_PREVIOUS, hashEntry, type Head } from '../entry/entry.js';
import { buildEquivocationProof } from '../audit/equivocation-proof.js';
import { judgeEntry } from './judge-entry.js';
import { acceptEach, BATCH_ENTRIES_MAX, walkBatch, type BatchOutcome, type EntryBatch } from './walk-batch.js';
import { compareHeads, readHeadVector, type HeadVector } from './heads.js';

const LENGTH = 6;
const log = logOf(LENGTH);
/** A second branch of the log for each length of the common trunk. */
const branches = Array.from({ length: LENGTH }, (_, trunk) => logOf(3, trunk === 0 ? undefined : headAfter(log[trunk - 1]!), 'cake'));
const everyEntry = [...log, ...branches.flat()].map(opened);

/** A receiver that holds the first entries of the log. */
function receiver(stored: number, entries: readonly string[]): EntryBatch {
  const hashes = log.slice(0, stored).map(hashEntry);
  const head: Head | undefined = stored === 0 ? undefined : { seq: stored, hash: hashes[stored - 1]! };
  return { entries, head, hashAt: (seq) => hashes[seq - 1], keyOf: firstKey, expected: { net: NETWORK, iss: north.id } };
}

const summary = ({ accepted, head, stop }: BatchOutcome) => ({
  accepted: accepted.map(({ jws, hash, payload }) => ({ jws, hash, payload })), head,
  stop: stop && ('refusal' in stop ? [stop.index, stop.refusal] : [stop.index, stop.entry.jws, stop.verdict]),
});

/** What a carrier can do to a batch without the issuer's key. */
const carried = fc.array(fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('branch' as const), at: fc.nat(), trunk: fc.nat({ max: LENGTH - 1 }), take: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('alter' as const), at: fc.nat(), place: fc.nat(), letter: fc.constantFrom('A', 'b', '.', '_') }) },
), { maxLength: 3 }).map((steps) => steps.reduce<readonly string[]>((batch, step) => {
  if (batch.length === 0) return batch;
  const at = step.at % batch.length;
  const entry = batch[at]!;
  const put = (...entries: readonly string[]) => [...batch.slice(0, at), ...entries, ...batch.slice(at + 1)];
  switch (step.kind) {
    case 'drop': return put();
    case 'repeat': return put(entry, entry);
    case 'swap': return at === 0 ? batch : [...batch.slice(0, at - 1), entry, batch[at - 1]!, ...batch.slice(at + 1)];
    case 'branch': return put(branches[step.trunk]![step.take]!);
    case 'alter': return put(altered(entry, step.place % entry.length, step.letter));
  }
}, log));

describe('judging an entry', () => {
  const heads = fc.oneof(fc.constant(undefined), fc.record({ seq: fc.integer({ min: 1, max: LENGTH + 2 }), hash: fc.constantFrom(...everyEntry.map(({ hash }) => hash)) }));
  const entries = fc.constantFrom(...everyEntry);
  const hashes = fc.option(fc.constantFrom(...everyEntry.map(({ hash }) => hash)), { nil: undefined });

  it('answers for every state of the log, by hash and never by number alone', () => {
    fc.assert(fc.property(heads, entries, hashes, (head, entry, stored) => {
      const { seq, prev } = entry.payload;
      const storedHash = seq === head?.seq ? head.hash : stored;
      const outcome = judgeEntry(head, storedHash, entry);
      const next = (head?.seq ?? 0) + 1;
      expect(outcome.verdict === 'append').toBe(seq === next && prev === (head?.hash ?? GENESIS_PREVIOUS));
      expect(outcome.verdict === 'known').toBe(seq < next && storedHash === entry.hash);
      expect(outcome.verdict === 'gap').toBe(seq > next);
      expect(outcome.verdict === 'pruned').toBe(seq < next && storedHash === undefined);
    }), { numRuns: 1_000 });
  });

  it('knows an entry once it is appended', () => {
    fc.assert(fc.property(heads, entries, (head, entry) => {
      const outcome = judgeEntry(head, undefined, entry);
      fc.pre(outcome.verdict === 'append');
      expect(judgeEntry(outcome.head, entry.hash, entry)).toEqual({ verdict: 'known' });
    }));
  });

  it('knows the head by itself, without a look-up', () => {
    expect(judgeEntry(headAfter(log[2]!), undefined, opened(log[2]!))).toEqual({ verdict: 'known' });
  });

  it('refuses to judge against a store that contradicts itself', () => {
    expect(() => judgeEntry(headAfter(log[2]!), hashEntry(log[0]!), opened(log[2]!))).toThrow('the hash of the head');
  });
});

describe('walking a batch', () => {
  it('gives the outcome of verifying one by one, whatever carriers did to the batch', () => {
    fc.assert(fc.property(fc.nat({ max: LENGTH }), carried, (stored, entries) => {
      const batch = receiver(stored, entries);
      expect(summary(walkBatch(portableEd25519, batch))).toEqual(summary(acceptEach(portableEd25519, batch)));
    }), { numRuns: 120 });
  });

  it('verifies one signature of a sound batch', () => {
    let verified = 0;
    const counting = { ...portableEd25519, verify: (...signed: Parameters<typeof portableEd25519.verify>) => { verified += 1; return portableEd25519.verify(...signed); } };
    expect(walkBatch(counting, receiver(0, log)).accepted.map(({ isSignatureVerified }) => isSignatureVerified)).toEqual([...Array(LENGTH - 1).fill(false), true]);
    expect(verified).toBe(1);
  });

  it('accepts nothing from an entry on that was altered on the way', () => {
    fc.assert(fc.property(fc.nat({ max: LENGTH - 1 }), fc.nat(), fc.constantFrom('A', 'b', '.', '_'), (index, place, letter) => {
      const at = place % log[index]!.length;
      fc.pre(log[index]![at] !== letter);
      const entries = log.with(index, altered(log[index]!, at, letter));
      expect(walkBatch(portableEd25519, receiver(0, entries))).toMatchObject({ accepted: log.slice(0, index).map((jws) => ({ jws })), stop: { index } });
    }));
  });

  it('finds every fork, and what it finds is a proof', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: LENGTH }), fc.nat({ max: LENGTH - 1 }), fc.nat({ max: 2 }), (stored, trunk, skip) => {
      fc.pre(trunk < stored && trunk + skip <= stored);
      const { stop } = walkBatch(portableEd25519, receiver(stored, branches[trunk]!.slice(skip)));
      const at = Math.min(trunk + 1 + skip, stored);
      expect(stop).toMatchObject({ index: 0, verdict: { verdict: 'equivocation', at } });
      const pair = { iss: north.id, left: [log[at - 1]!], right: [branches[trunk]![skip]!] };
      expect(buildEquivocationProof(portableEd25519, pair, firstKey, { net: NETWORK })).toMatchObject({ v: 1, iss: north.id });
    }));
  });

  it('does not take the entries of another issuer', () => {
    const batch = { ...receiver(0, log), expected: { net: NETWORK, iss: south.id } };
    expect(walkBatch(portableEd25519, batch)).toMatchObject({ accepted: [], stop: { index: 0, refusal: { refused: 'entry.wrong_issuer' } } });
  });

  it('refuses entries after their key was retired', () => {
    const batch = receiver(0, log);
    const retired = { ...batch, expected: { ...batch.expected, keyIsValidAt: (_kid: string, seq: number) => seq <= 4 } };
    expect(walkBatch(portableEd25519, retired)).toMatchObject({ head: { seq: 4 }, stop: { index: 4, refusal: { refused: 'entry.retired_key' } } });
  });

  it('takes no batch beyond its bound', () => {
    const batch = receiver(0, Array.from({ length: BATCH_ENTRIES_MAX + 1 }, () => 'x'));
    expect(() => walkBatch(portableEd25519, batch)).toThrow('at most 500');
  });
});

describe('head vectors', () => {
  const heads = log.map((jws, at): HeadVector => ({ [north.id]: [at + 1, hashEntry(jws)] }));
  const vectors = fc.dictionary(fc.constantFrom(north.id, south.id), fc.tuple(fc.integer({ min: 1, max: LENGTH }), fc.constantFrom(...log.map(hashEntry))));

  it('mirror each other', () => {
    fc.assert(fc.property(vectors, vectors, (ours, theirs) => {
      const [there, here] = [compareHeads(ours, theirs), compareHeads(theirs, ours)];
      expect([there.behind, there.ahead, there.split.map(({ at }) => at)]).toEqual([here.ahead, here.behind, here.split.map(({ at }) => at)]);
    }));
  });

  it('of one log agree or differ by what is missing', () => {
    expect(compareHeads(heads[1]!, heads[4]!)).toEqual({ behind: [{ issuer: north.id, from: 3, to: 5 }], ahead: [], split: [] });
    expect(compareHeads(heads[4]!, heads[4]!)).toEqual({ behind: [], ahead: [], split: [] });
  });

  it('show no split with a peer that holds nothing of an issuer', () => {
    expect(compareHeads(heads[4]!, {}, () => GENESIS_PREVIOUS)).toEqual({ behind: [], ahead: [{ issuer: north.id, from: 1, to: 5 }], split: [] });
  });

  it('are read back from JSON', () => {
    fc.assert(fc.property(vectors, (vector) => expect(readHeadVector(JSON.parse(JSON.stringify(vector)))).toEqual(vector)));
  });

  it.each([
    ['a list', []], ['null', null], ['a name that is no node', { north: [1, hashEntry('')] }], ['a number alone', { [north.id]: 1 }],
    ['sequence number 0', { [north.id]: [0, hashEntry('')] }], ['a hash that is none', { [north.id]: [1, 'x'] }], ['a third item', { [north.id]: [1, hashEntry(''), 1] }],
  ])('are not read from %s', (_name, value) => expect(readHeadVector(value as never)).toBeUndefined());
});
