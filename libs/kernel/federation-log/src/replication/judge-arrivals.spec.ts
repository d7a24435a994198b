import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeIdOfKey, portableEd25519, type Ed25519 } from '@kula/kernel-crypto';
import { judgeEntry } from '../acceptance/judge-entry.js';
import { verifyEquivocationProof } from '../audit/equivocation-proof.js';
import { firstKey, hashEntry, type EntryPayload, type Head } from '../entry/entry.js';
import { openEntry } from '../entry/open-entry.js';
import { firstSchedule } from '../keys/key-schedule.js';
import { sealBatch, sealEntry } from '../entry/seal-entry.js';
import { judgeArrivals, type Arrival, type KnownIssuer } from './judge-arrivals.js';
import { proveEquivocation } from './prove-equivocation.js';

const NET = 'spec';
const [southKey, eastKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const issuerOf = (key: Uint8Array): string => nodeIdOfKey(portableEd25519.publicKey(key));
const south = issuerOf(southKey);

function logOf(key: Uint8Array, length: number, word = 'entry'): string[] {
  const drafts = Array.from({ length }, (_, index) => ({ topic: index % 3 === 2 ? 'chains' : 'graph', type: 'listing.withdrawn', sub: `${word} ${index + 1}`, ts: 1, body: {} }));
  return sealBatch(portableEd25519, { kid: `${issuerOf(key)}#1`, privateKey: key, net: NET }, undefined, drafts).entries.map(({ jws }) => jws);
}

const honest = logOf(southKey, 8);
const eastern = logOf(eastKey, 8);
const payloadOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as EntryPayload;
const arrivalOf = (jws: string): Arrival => ({ jws, topic: payloadOf(jws).topic });
const badlySigned = (jws: string): string => `${jws.slice(0, -2)}${jws.endsWith('AA') ? 'QQ' : 'AA'}`;
const headAt = (seq: number): Head | undefined => {
  const opened = seq === 0 ? undefined : openEntry(portableEd25519, honest[seq - 1]!, firstKey, { net: NET });
  return opened && 'hash' in opened ? { seq, hash: opened.hash } : undefined;
};
const hashes = new Map(honest.map((_, index) => [index + 1, headAt(index + 1)!.hash]));
const known = (seq = 0): KnownIssuer => ({ net: NET, issuer: south, head: headAt(seq), hashes, schedule: firstSchedule(south)! });
const judge = (arrivals: readonly Arrival[], seq = 0) => judgeArrivals(remembering, arrivals, known(seq));

/** Verifies each signature once: the same few entries are judged again and again below. */
const verdicts = new Map<string, boolean>();
const remembering: Ed25519 = {
  ...portableEd25519,
  verify: (key, message, signature) => {
    const name = [key, message, signature].map((bytes) => Buffer.from(bytes).toString('base64url')).join('.');
    const verdict = verdicts.get(name) ?? portableEd25519.verify(key, message, signature);
    verdicts.set(name, verdict);
    return verdict;
  },
};

/** How many signatures are verified meanwhile. */
function counting(): { readonly ed25519: Ed25519; readonly count: () => number } {
  let verified = 0;
  return { ed25519: { ...portableEd25519, verify: (...all) => { verified += 1; return portableEd25519.verify(...all); } }, count: () => verified };
}

describe('judgeArrivals', () => {
  it('accepts an unbroken chain with one signature', () => {
    const { ed25519, count } = counting();
    const judged = judgeArrivals(ed25519, honest.map(arrivalOf), known());
    expect([judged.accepted.length, judged.head, judged.done, judged.refused, judged.stop]).toEqual([8, headAt(8), 8, [], undefined]);
    expect(count()).toBe(1);
  });

  it('passes over what does not hold and goes on behind it', () => {
    const arrivals = [arrivalOf(honest[0]!), arrivalOf(badlySigned(honest[1]!)), { jws: honest[1]!, topic: 'disputes' }, arrivalOf(honest[1]!), arrivalOf(eastern[2]!), arrivalOf(honest[2]!)];
    const judged = judge(arrivals);
    expect(judged.accepted.map(({ payload }) => payload.seq)).toEqual([1, 2, 3]);
    expect(judged.refused.map(({ index, refused }) => [index, refused])).toEqual([[1, 'entry.bad_signature'], [2, 'entry.wrong_topic'], [4, 'entry.wrong_issuer']]);
    expect(judged.done).toBe(6);
  });

  it('verifies no more than one signature an arrival, and one more, whatever is mixed in', () => {
    const { ed25519, count } = counting();
    const arrivals = honest.flatMap((jws) => [arrivalOf(badlySigned(jws)), arrivalOf(jws)]);
    expect(judgeArrivals(ed25519, arrivals, known()).accepted).toHaveLength(8);
    expect(count()).toBeLessThanOrEqual(arrivals.length + 1);
  });

  it('ends at a gap and says what is missing', () => {
    const judged = judge([arrivalOf(honest[0]!), arrivalOf(honest[4]!), arrivalOf(honest[5]!)]);
    expect([judged.accepted.length, judged.done, judged.stop?.verdict]).toEqual([1, 1, { verdict: 'gap', from: 2, to: 4 }]);
  });

  it('asks for the hashes it needs to tell a repetition from a contradiction', () => {
    const without = judgeArrivals(portableEd25519, [honest[1]!, honest[3]!].map(arrivalOf), { ...known(8), hashes: new Map() });
    expect(without).toMatchObject({ accepted: [], done: 2, wanted: [2, 4] });
    expect(judge([honest[1]!, honest[3]!].map(arrivalOf), 8)).toMatchObject({ accepted: [], refused: [], done: 2, wanted: [] });
  });

  it('finds a contradiction anywhere below the head, though the other log is shorter', () => {
    const other = logOf(southKey, 3, 'other');
    expect(judge(other.map(arrivalOf), 8).stop?.verdict).toMatchObject({ verdict: 'equivocation', at: 1 });
    expect(judge([arrivalOf(other[2]!)], 8).stop?.verdict).toMatchObject({ verdict: 'equivocation', at: 3 });
  });

  it('comes to what each arrival by itself would come to', () => {
    const some = (list: readonly string[]) => fc.integer({ min: 0, max: list.length - 1 }).map((index) => list[index]!);
    const other = logOf(southKey, 8, 'other');
    const arrival = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }).map((start) => honest.slice(start, start + 4).map(arrivalOf)) },
      { weight: 1, arbitrary: some(honest).map((jws) => [arrivalOf(badlySigned(jws))]) },
      { weight: 1, arbitrary: some(honest).map((jws) => [{ jws, topic: 'disputes' }]) },
      { weight: 1, arbitrary: some(eastern).map((jws) => [arrivalOf(jws)]) },
      { weight: 1, arbitrary: some(other).map((jws) => [arrivalOf(jws)]) },
    );
    fc.assert(fc.property(fc.array(arrival, { maxLength: 6 }), fc.integer({ min: 0, max: 8 }), (parts, seq) => {
      const arrivals = parts.flat();
      const judged = judge(arrivals, seq);
      expect({ accepted: judged.accepted.map(({ jws }) => jws), refused: judged.refused.map(({ index }) => index), done: judged.done, stop: judged.stop?.verdict.verdict })
        .toEqual(oneByOne(arrivals, seq));
    }), { numRuns: 60 });
  });
});

/** The plain rules, arrival by arrival. */
function oneByOne(arrivals: readonly Arrival[], seq: number) {
  const accepted: string[] = [];
  const refused: number[] = [];
  const held = new Map([...hashes].filter(([at]) => at <= seq));
  let head = headAt(seq);
  for (const [index, { jws, topic }] of arrivals.entries()) {
    const entry = openEntry(remembering, jws, firstKey, { net: NET, iss: south });
    const verdict = 'refused' in entry ? undefined : judgeEntry(head, held.get(entry.payload.seq), entry);
    if ('refused' in entry || (verdict?.verdict === 'append' && entry.payload.topic !== topic)) {
      refused.push(index);
      continue;
    }
    if (verdict?.verdict === 'gap' || verdict?.verdict === 'equivocation') return { accepted, refused, done: index, stop: verdict.verdict };
    if (verdict?.verdict !== 'append') continue;
    accepted.push(jws);
    held.set(entry.payload.seq, entry.hash);
    head = verdict.head;
  }
  return { accepted, refused, done: arrivals.length, stop: undefined };
}

describe('proveEquivocation', () => {
  const other = sealEntry(portableEd25519, southKey, `${south}#1`, { ...payloadOf(honest[3]!), sub: 'another word' });
  const theirs = 'jws' in other ? other.jws : '';
  const of = { net: NET, issuer: south, keyOf: firstKey };

  it('proves two words about one place', () => {
    const proof = proveEquivocation(portableEd25519, { ...of, ours: honest.slice(3), theirs: [theirs] });
    expect(proof && verifyEquivocationProof(portableEd25519, proof, firstKey, { net: NET })).toMatchObject({ iss: south, at: 4 });
  });

  it('takes in what was signed over, up to the signature that covers it', () => {
    const [first, second] = honest as [string, string];
    const unsigned = badlySigned(first);
    const cover = sealEntry(portableEd25519, southKey, `${south}#1`, { ...payloadOf(second), prev: hashEntry(unsigned) });
    const ours = [unsigned, 'jws' in cover ? cover.jws : ''];
    const proof = proveEquivocation(portableEd25519, { ...of, ours, theirs: [first] });
    expect(proof && verifyEquivocationProof(portableEd25519, proof, firstKey, { net: NET })).toMatchObject({ at: 1 });
  });

  it('proves nothing by what nobody signed, or by the same word twice', () => {
    expect(proveEquivocation(portableEd25519, { ...of, ours: honest.slice(3), theirs: [badlySigned(theirs)] })).toBeUndefined();
    expect(proveEquivocation(portableEd25519, { ...of, ours: honest.slice(3), theirs: [honest[3]!] })).toBeUndefined();
  });
});
