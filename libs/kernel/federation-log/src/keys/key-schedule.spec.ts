import { describe, expect, it } from '@jest/globals';
import { nodeIdOfKey, portableEd25519, toBase64url } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { acceptEachRun, walkRuns, type ScheduledBatch, type ScheduledOutcome } from '../acceptance/walk-runs.js';
import { buildEquivocationProof, verifyEquivocationProof } from '../audit/equivocation-proof.js';
import { verifyChain } from '../audit/verify-chain.js';
import { GENESIS_PREVIOUS, hashEntry, kidOf, type EntryBody, type Head } from '../entry/entry.js';
import { openEntry } from '../entry/open-entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import { sealEntry } from '../entry/seal-entry.js';
import { altered, NETWORK, north, south } from '../example-log.js';
import { judgeArrivals } from '../replication/judge-arrivals.js';
import { commitmentTo, recoveryBody, rotationBody, type NextKey } from './key-change.js';
import { firstSchedule, isValidAt, lastKey, lookupIn, type KeySchedule } from './key-schedule.js';
import { nextKid, RECOVERY_BYTES_MAX, scheduleAfter, scheduleToOpen } from './schedule-after.js';

const ed25519 = portableEd25519;
const seed = (fill: number) => new Uint8Array(32).fill(fill);
const publicKey = (fill: number) => ed25519.publicKey(seed(fill));
const [RECOVERY, NEXT_RECOVERY] = [91, 92];
const commitment = commitmentTo(publicKey(RECOVERY));
const nextKey = (fill: number, recoveryKeyHash: string | null = commitment): NextKey => ({ privateKey: seed(fill), recoveryKeyHash });

/** A log as its own node writes it. */
interface OwnLog {
  readonly entries: readonly string[];
  readonly schedule: KeySchedule;
  /** Fill of the private key that signs next. */
  readonly fill: number;
}

const headOf = ({ entries }: OwnLog): Head | undefined => (entries.length === 0 ? undefined : { seq: entries.length, hash: hashEntry(entries.at(-1)!) });
const stateOf = (log: OwnLog) => ({ schedule: log.schedule, head: headOf(log)! });

interface Draft {
  readonly topic?: string;
  readonly type?: string;
  readonly body?: EntryBody;
  readonly kid?: string;
  readonly fill?: number;
}

/** The jws that an entry after the log would have, whatever the log makes of it. */
function sealAfter(log: OwnLog, { topic = 'graph', type = 'offering.published', body = {}, kid, fill = log.fill }: Draft): string {
  const head = headOf(log);
  const payload = {
    v: 1 as const, net: NETWORK, iss: log.schedule.issuer, seq: (head?.seq ?? 0) + 1, prev: head?.hash ?? GENESIS_PREVIOUS, topic, type, sub: log.schedule.issuer, ts: 1, body,
  };
  const sealed = sealEntry(ed25519, seed(fill), kid ?? kidOf(log.schedule.issuer, lastKey(log.schedule).keyNo), payload);
  if ('refused' in sealed) throw new Error(sealed.detail);
  return sealed.jws;
}

function openIn(schedule: KeySchedule, jws: string): OpenedEntry {
  const entry = openEntry(ed25519, jws, lookupIn(scheduleToOpen(ed25519, schedule, [jws])), { net: NETWORK });
  if ('refused' in entry) throw new Error(`${entry.refused}: ${entry.detail}`);
  return entry;
}

/** The log with one more entry; throws where it would be refused. */
function append(log: OwnLog, jws: string, fill = log.fill): OwnLog {
  const schedule = scheduleAfter(ed25519, log.schedule, openIn(log.schedule, jws));
  if ('refused' in schedule) throw new Error(schedule.detail);
  return { entries: [...log.entries, jws], schedule, fill };
}

const plain = (log: OwnLog): OwnLog => append(log, sealAfter(log, {}));
const announce = (body: EntryBody, type: string): Draft => ({ topic: 'announce', type, body });
const announcedWith = (hash: unknown): OwnLog => {
  const empty: OwnLog = { entries: [], schedule: firstSchedule(north.id)!, fill: 11 };
  return append(empty, sealAfter(empty, announce({ recovery_key_hash: hash as string }, 'node.announced')));
};
const rotationOf = (log: OwnLog, next: NextKey, change: EntryBody = {}): string =>
  sealAfter(log, announce({ ...rotationBody(ed25519, stateOf(log), next), ...change }, 'key.rotated'));
const rotate = (log: OwnLog, fill: number, hash: string | null = commitment): OwnLog => append(log, rotationOf(log, nextKey(fill, hash)), fill);
const recoveryOf = (log: OwnLog, fill: number, { next = nextKey(fill, null), recovery = RECOVERY, change = {} as EntryBody } = {}): string =>
  sealAfter(log, { ...announce({ ...recoveryBody(ed25519, stateOf(log), next, seed(recovery)), ...change }, 'key.recovered'), kid: nextKid(log.schedule), fill });
const recover = (log: OwnLog, fill: number, recovery = RECOVERY, hash: string | null = null): OwnLog =>
  append(log, recoveryOf(log, fill, { recovery, next: nextKey(fill, hash) }), fill);

const begun = plain(announcedWith(commitment));

describe('a key schedule', () => {
  it('begins with the key the node id is made of, and commits to nothing', () => {
    expect(firstSchedule(north.id)).toEqual({ issuer: north.id, keys: [{ keyNo: 1, publicKey: publicKey(11), fromSeq: 1 }], recoveryKeyHash: null });
    expect(firstSchedule('z6Mkno')).toBeUndefined();
  });

  it('takes the commitment of the first entry and of no other', () => {
    expect(begun.schedule.recoveryKeyHash).toBe(commitment);
    const later = append(begun, sealAfter(begun, announce({ recovery_key_hash: commitmentTo(publicKey(1)) }, 'node.announced')));
    expect(later.schedule).toBe(begun.schedule);
  });

  it.each([null, undefined, 7, 'x', `${commitment}A`])('takes %s for no commitment', (value) => expect(announcedWith(value).schedule.recoveryKeyHash).toBeNull());

  it('gives every place of the log exactly one key, whatever changes it went through', () => {
    const steps = fc.array(fc.constantFrom('plain', 'rotate', 'recover'), { maxLength: 7 });
    fc.assert(fc.property(steps, (kinds) => {
      const log = kinds.reduce<OwnLog>((grown, kind, at) => {
        if (kind === 'rotate') return rotate(grown, 30 + at);
        return kind === 'recover' ? recover(grown, 30 + at, RECOVERY, commitment) : plain(grown);
      }, begun);
      const kids = log.schedule.keys.map(({ keyNo }) => kidOf(north.id, keyNo));
      for (const [index, jws] of log.entries.entries()) {
        expect(kids.filter((kid) => isValidAt(log.schedule, kid, index + 1))).toEqual([openIn(log.schedule, jws).header.kid]);
      }
      expect(kids.filter((kid) => isValidAt(log.schedule, kid, log.entries.length + 1))).toEqual([kids.at(-1)]);
      const segment = { net: NETWORK, iss: north.id, entries: log.entries, keyOf: lookupIn(log.schedule), keyIsValidAt: (kid: string, seq: number) => isValidAt(log.schedule, kid, seq) };
      expect(verifyChain(ed25519, segment)).toEqual({ isSound: true, head: headOf(log), coveredOnly: [] });
    }), { numRuns: 25 });
  });

  it('knows no key of another node', () => {
    expect([lookupIn(begun.schedule)(south.kid), isValidAt(begun.schedule, south.kid, 1), isValidAt(begun.schedule, 'none', 1)]).toEqual([undefined, false, false]);
    expect(() => scheduleAfter(ed25519, firstSchedule(south.id)!, openIn(begun.schedule, begun.entries[0]!))).toThrow('its own issuer');
  });

  it('is not touched by the same types in other topics', () => {
    const body = rotationBody(ed25519, stateOf(begun), nextKey(31));
    expect(append(begun, sealAfter(begun, { topic: 'graph', type: 'key.rotated', body })).schedule).toBe(begun.schedule);
  });
});

describe('a rotation', () => {
  it('hands over to the new key with the next entry', () => {
    const log = rotate(begun, 31);
    expect(log.schedule).toMatchObject({ keys: [{ keyNo: 1, fromSeq: 1 }, { keyNo: 2, fromSeq: 4, publicKey: publicKey(31) }], recoveryKeyHash: commitment });
    expect([3, 4].map((seq) => isValidAt(log.schedule, north.kid, seq))).toEqual([true, false]);
  });

  const bad = (jws: string, log = begun) => scheduleAfter(ed25519, log.schedule, openIn(log.schedule, jws));
  const good = rotationBody(ed25519, stateOf(begun), nextKey(31));
  const elsewhere = { ...stateOf(begun), head: { ...headOf(begun)!, seq: 5 } };
  const afterOther = { ...stateOf(begun), head: { seq: 2, hash: commitment } };
  const forSouth = { ...stateOf(begun), schedule: { ...firstSchedule(south.id)!, recoveryKeyHash: commitment } };
  it.each<[string, EntryBody]>([
    ['no proof', { proof: undefined }],
    ['the proof of another key', { proof: rotationBody(ed25519, stateOf(begun), nextKey(32))['proof'] }],
    ['the key that another proof is for', { public_key: toBase64url(publicKey(32)) }],
    ['a proof for another number of the log', rotationBody(ed25519, elsewhere, nextKey(31))],
    ['a proof for another place of the log', rotationBody(ed25519, afterOther, nextKey(31))],
    ['a proof for another node', { proof: rotationBody(ed25519, forSouth, nextKey(31))['proof'] }],
    ['the rotation of another node', rotationBody(ed25519, forSouth, nextKey(31))],
    ['a key number left out', rotationBody(ed25519, stateOf(rotate(begun, 40)), nextKey(31))],
    ['another key number', { key_no: 3 }],
    ['a key number as text', { key_no: '2' }],
    ['the recovery signature for a proof', { proof: recoveryBody(ed25519, stateOf(begun), nextKey(31), seed(31))['recovery_signature'] }],
    ['the key it has', rotationBody(ed25519, stateOf(begun), nextKey(11))],
    ['a key of small order', { public_key: toBase64url(Uint8Array.of(1, ...new Uint8Array(31))) }],
    ['a key of 31 bytes', { public_key: toBase64url(new Uint8Array(31).fill(9)) }],
    ['no commitment, not even null', { recovery_key_hash: undefined }],
    ['a commitment that is no hash', { recovery_key_hash: 'x' }],
  ])('is refused with %s', (_name, change) => {
    expect(bad(rotationOf(begun, nextKey(31), { ...good, ...change }))).toMatchObject({ refused: 'entry.bad_rotation' });
  });

  it('is refused with a key that was used before', () => {
    const log = rotate(rotate(begun, 31), 32);
    for (const fill of [11, 31, 32]) expect(bad(rotationOf(log, nextKey(fill)), log)).toMatchObject({ detail: 'the key has been used before' });
  });

  it('cannot be repeated', () => {
    const log = rotate(begun, 31);
    const again = sealAfter(log, announce(good, 'key.rotated'));
    expect(bad(again, log)).toMatchObject({ refused: 'entry.bad_rotation' });
    expect(bad(sealAfter(plain(begun), announce(good, 'key.rotated')), plain(begun))).toMatchObject({ detail: 'the new key did not prove itself for this entry' });
  });

  it('by a retired key is refused', () => {
    const log = rotate(begun, 31);
    const stale = sealAfter(log, { ...announce(rotationBody(ed25519, stateOf(log), nextKey(33)), 'key.rotated'), kid: north.kid, fill: 11 });
    expect(bad(stale, log)).toMatchObject({ detail: 'a rotation is signed by the last key' });
  });
});

describe('a recovery', () => {
  it('begins the new key with the recovery itself', () => {
    const log = recover(begun, 31);
    expect(log.schedule).toMatchObject({ keys: [{ keyNo: 1, fromSeq: 1 }, { keyNo: 2, fromSeq: 3, publicKey: publicKey(31) }], recoveryKeyHash: null });
  });

  it('is possible again with the commitment it made, and no longer with the old one', () => {
    const log = recover(begun, 31, RECOVERY, commitmentTo(publicKey(NEXT_RECOVERY)));
    expect(recover(log, 32, NEXT_RECOVERY).schedule.keys).toHaveLength(3);
    expect(scheduleToOpen(ed25519, log.schedule, [recoveryOf(log, 32, { recovery: RECOVERY })])).toBe(log.schedule);
  });

  it('goes by the commitment of the last rotation', () => {
    const log = rotate(begun, 31, commitmentTo(publicKey(NEXT_RECOVERY)));
    expect(recover(log, 32, NEXT_RECOVERY).schedule.keys.at(-1)).toMatchObject({ keyNo: 3, fromSeq: 4 });
    expect(scheduleToOpen(ed25519, log.schedule, [recoveryOf(log, 32)])).toBe(log.schedule);
  });

  it('is impossible without a commitment', () => {
    const bare = plain(announcedWith(null));
    expect(scheduleToOpen(ed25519, bare.schedule, [recoveryOf(bare, 31)])).toBe(bare.schedule);
  });

  const elsewhere = { ...begun, entries: begun.entries.slice(0, 1) };
  it.each<[string, EntryBody]>([
    ['a recovery key that was not committed to', recoveryBody(ed25519, stateOf(begun), nextKey(31), seed(NEXT_RECOVERY))],
    ['the committed key without its signature', { recovery_signature: undefined }],
    ['the committed key and the signature of another', { recovery_signature: recoveryBody(ed25519, stateOf(begun), nextKey(31), seed(NEXT_RECOVERY))['recovery_signature'] }],
    ['the committed key and its signature for another key', { recovery_signature: recoveryBody(ed25519, stateOf(begun), nextKey(32), seed(RECOVERY))['recovery_signature'] }],
    ['a recovery for another place of the log', recoveryBody(ed25519, stateOf(elsewhere), nextKey(31), seed(RECOVERY))],
    ['no proof of the new key', { proof: undefined }],
    ['the proof of another key', { proof: rotationBody(ed25519, stateOf(begun), nextKey(32))['proof'] }],
    ['the key that signed so far', recoveryBody(ed25519, stateOf(begun), nextKey(11), seed(RECOVERY))],
    ['another node', { node_id: south.id }],
    ['another key number', { key_no: 3 }],
    ['no commitment, not even null', { recovery_key_hash: undefined }],
    ['more bytes than are read of a stranger', { pad: 'x'.repeat(RECOVERY_BYTES_MAX) }],
  ])('is not opened with %s', (_name, change) => {
    const jws = recoveryOf(begun, 31, { change });
    expect(scheduleToOpen(ed25519, begun.schedule, [jws])).toBe(begun.schedule);
    expect(walk(batchOf([jws], begun))).toMatchObject({ accepted: [], stop: { index: 0, refusal: { refused: 'entry.unknown_key' } } });
  });

  it('is refused under the key that signed so far', () => {
    const jws = sealAfter(begun, announce(recoveryBody(ed25519, stateOf(begun), nextKey(31), seed(RECOVERY)), 'key.recovered'));
    expect(walk(batchOf([jws], begun))).toMatchObject({ accepted: [], stop: { index: 0, refusal: { refused: 'entry.bad_rotation' } } });
  });

  it('is refused in a place before the last change of keys', () => {
    const log = rotate(begun, 31);
    const stale = recoveryOf({ ...log, entries: log.entries.slice(0, 1) }, 32);
    expect(scheduleToOpen(ed25519, log.schedule, [stale])).toBe(log.schedule);
  });

  it('has no more bytes for those who know its key either', () => {
    const jws = recoveryOf(begun, 31, { change: { pad: 'x'.repeat(RECOVERY_BYTES_MAX) } });
    const entry = openEntry(ed25519, jws, () => publicKey(31), { net: NETWORK }) as OpenedEntry;
    expect(scheduleAfter(ed25519, begun.schedule, entry)).toMatchObject({ refused: 'entry.bad_rotation', detail: 'a recovery has at most 8192 bytes' });
  });

  it('is refused in the hands of another key', () => {
    const jws = recoveryOf(begun, 31, { change: recoveryBody(ed25519, stateOf(begun), nextKey(32), seed(RECOVERY)) });
    expect(walk(batchOf([jws], begun))).toMatchObject({ stop: { refusal: { refused: 'entry.bad_signature' } } });
  });

  it('is refused where only its own signature does not hold', () => {
    const jws = recoveryOf(begun, 31);
    expect(walk(batchOf([altered(jws, jws.length - 4, jws.at(-4) === 'A' ? 'B' : 'A')], begun))).toMatchObject({ stop: { refusal: { refused: 'entry.bad_signature' } } });
  });

  it('costs a stranger\'s entry no signature check', () => {
    const counted = counting();
    const jws = recoveryOf(begun, 31, { recovery: NEXT_RECOVERY });
    expect(scheduleToOpen(counted.ed25519, begun.schedule, [jws, 'x', 'x.y.z', ...begun.entries])).toBe(begun.schedule);
    expect(counted.count()).toBe(0);
  });

  it('against what a thief has written is a contradiction that anybody can check', () => {
    const stolen = plain(plain(begun));
    const jws = recoveryOf(begun, 31);
    const outcome = walkRuns(ed25519, { ...batchOf([jws], stolen), hashAt: (seq) => hashEntry(stolen.entries[seq - 1]!) });
    expect(outcome).toMatchObject({ accepted: [], schedule: stolen.schedule, stop: { index: 0, verdict: { verdict: 'equivocation', at: 3 } } });
    const keyOf = lookupIn(scheduleToOpen(ed25519, stolen.schedule, [jws]));
    const proof = buildEquivocationProof(ed25519, { iss: north.id, left: [stolen.entries[2]!], right: [jws] }, keyOf, { net: NETWORK });
    expect('refused' in proof ? proof : verifyEquivocationProof(ed25519, proof, keyOf, { net: NETWORK })).toMatchObject({ iss: north.id, at: 3 });
  });
});

const batchOf = (entries: readonly string[], after?: OwnLog): ScheduledBatch =>
  ({ entries, head: after && headOf(after), net: NETWORK, schedule: after?.schedule ?? firstSchedule(north.id)! });
const walk = (batch: ScheduledBatch): ScheduledOutcome => walkRuns(ed25519, batch);

function counting() {
  let verified = 0;
  const verify: typeof ed25519.verify = (...signed) => {
    verified += 1;
    return ed25519.verify(...signed);
  };
  return { ed25519: { ...ed25519, verify }, count: () => verified };
}

describe('a batch across changes of keys', () => {
  const log = plain(recover(plain(rotate(plain(rotate(begun, 31)), 32)), 33));
  const summary = ({ accepted, head, schedule, stop }: ScheduledOutcome) => ({
    accepted: accepted.map(({ jws }) => jws), head, schedule, stop: stop && ('refusal' in stop ? [stop.index, stop.refusal] : [stop.index, stop.verdict]),
  });

  it('ends with the keys of the log', () => {
    expect(walk(batchOf(log.entries))).toMatchObject({ head: headOf(log), schedule: log.schedule });
    expect(judgeArrivals(ed25519, log.entries.map((jws) => ({ jws })), { net: NETWORK, issuer: north.id, head: undefined, hashes: new Map(), schedule: firstSchedule(north.id)! }))
      .toMatchObject({ head: headOf(log), schedule: log.schedule, refused: [] });
  });

  it('needs one verification a run beside those of the changes', () => {
    const counted = counting();
    const long = [1, 2, 3, 4, 5].reduce(plain, rotate([1, 2, 3, 4, 5].reduce(plain, begun), 31));
    expect(walkRuns(counted.ed25519, batchOf(long.entries)).accepted).toHaveLength(13);
    expect(counted.count()).toBe(3);
  });

  it('comes to what one by one comes to, whatever carriers did to it', () => {
    const steps = fc.array(fc.record({ kind: fc.constantFrom('drop', 'repeat', 'swap', 'alter'), at: fc.nat(), place: fc.nat(), letter: fc.constantFrom('A', 'b', '.', '_') }), { maxLength: 3 });
    const carried = steps.map((list) => list.reduce<readonly string[]>((entries, { kind, at: any, place, letter }) => {
      if (entries.length === 0) return entries;
      const at = any % entries.length;
      const put = (...others: string[]) => [...entries.slice(0, at), ...others, ...entries.slice(at + 1)];
      if (kind === 'drop') return put();
      if (kind === 'repeat') return put(entries[at]!, entries[at]!);
      if (kind === 'alter') return put(altered(entries[at]!, place % entries[at]!.length, letter));
      return at === 0 ? entries : [...entries.slice(0, at - 1), entries[at]!, entries[at - 1]!, ...entries.slice(at + 1)];
    }, log.entries));
    fc.assert(fc.property(fc.nat({ max: log.entries.length }), carried, (stored, entries) => {
      const held = walk(batchOf(log.entries.slice(0, stored)));
      const batch = { net: NETWORK, schedule: held.schedule, head: held.head, entries, hashAt: (seq: number) => held.accepted[seq - 1]?.hash };
      expect(summary(walkRuns(ed25519, batch))).toEqual(summary(acceptEachRun(ed25519, batch)));
    }), { numRuns: 60 });
  });

  it('may be cut anywhere', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: log.entries.length }), { maxLength: 3 }), (cuts) => {
      const edges = [0, ...cuts.sort((left, right) => left - right), log.entries.length];
      let reached = walk(batchOf([]));
      for (const [index, from] of edges.slice(0, -1).entries()) {
        reached = walk({ ...batchOf(log.entries.slice(from, edges[index + 1])), head: reached.head, schedule: reached.schedule });
      }
      expect([reached.head, reached.schedule]).toEqual([headOf(log), log.schedule]);
    }), { numRuns: 15 });
  });

  it('stops at the old key after a rotation, and at the new one before it', () => {
    const rotated = rotate(begun, 31);
    const late = sealAfter(rotated, { kid: north.kid, fill: 11 });
    for (const judge of [walkRuns, acceptEachRun]) {
      expect(judge(ed25519, batchOf([...rotated.entries, late]))).toMatchObject({ head: headOf(rotated), schedule: rotated.schedule, stop: { index: 3, refusal: { refused: 'entry.retired_key' } } });
    }
    const early = sealAfter(begun, { kid: `${north.id}#2`, fill: 31 });
    expect(walk(batchOf([...begun.entries, early]))).toMatchObject({ head: headOf(begun), stop: { index: 2, refusal: { refused: 'entry.unknown_key' } } });
    const fork = openEntry(ed25519, early, lookupIn(rotated.schedule), { net: NETWORK, keyIsValidAt: (kid, seq) => isValidAt(rotated.schedule, kid, seq) });
    expect(fork).toHaveProperty('refused', 'entry.retired_key');
  });

  it('stops at a rotation that does not hold, and what comes after it finds a gap', () => {
    const bad = rotationOf(begun, nextKey(31), { proof: undefined });
    const after = sealAfter({ ...begun, entries: [...begun.entries, bad] }, {});
    expect(walk(batchOf([...begun.entries, bad, after]))).toMatchObject({ head: headOf(begun), stop: { index: 2, refusal: { refused: 'entry.bad_rotation' } } });
    expect(walk(batchOf([after], begun))).toMatchObject({ stop: { verdict: { verdict: 'gap', from: 3, to: 3 } } });
  });

  it('takes no rotation on the word of the entry after it', () => {
    const rotation = rotationOf(begun, nextKey(31));
    const unsigned = altered(rotation, rotation.length - 4, rotation.at(-4) === 'A' ? 'B' : 'A');
    const cover = sealAfter({ ...begun, entries: [...begun.entries, unsigned] }, {});
    expect(walk(batchOf([...begun.entries, unsigned, cover]))).toMatchObject({ head: headOf(begun), stop: { index: 2, refusal: { refused: 'entry.bad_signature' } } });
  });

  it('refuses what another node has signed as the word of that node', () => {
    const other: OwnLog = { entries: [], schedule: firstSchedule(south.id)!, fill: 21 };
    expect(nodeIdOfKey(publicKey(21))).toBe(south.id);
    expect(walk(batchOf([...begun.entries, sealAfter(other, {})]))).toMatchObject({ stop: { index: 2, refusal: { refused: 'entry.wrong_issuer' } } });
  });

  it('is accepted whole whatever is mixed into it', () => {
    const broken = (jws: string) => altered(jws, jws.length - 4, jws.at(-4) === 'A' ? 'B' : 'A');
    const mixed = log.entries.map((jws) => fc.constantFrom([jws], [broken(jws), jws], [jws, broken(jws)], ['x', jws], [sealAfter(begun, { kid: `${north.id}#9` }), jws]));
    fc.assert(fc.property(fc.tuple(...mixed), (parts) => {
      const arrivals = parts.flat().map((jws) => ({ jws }));
      const judged = judgeArrivals(ed25519, arrivals, { net: NETWORK, issuer: north.id, head: undefined, hashes: new Map(), schedule: firstSchedule(north.id)! });
      expect([judged.head, judged.schedule, judged.stop, judged.done]).toEqual([headOf(log), log.schedule, undefined, arrivals.length]);
      expect(judged.refused).toHaveLength(arrivals.length - log.entries.length);
    }), { numRuns: 25 });
  });

  it('passes over a rotation on the subject of another topic, and keeps the keys', () => {
    const arrivals = log.entries.map((jws, index) => (index === 2 ? { jws, topic: 'graph' } : { jws }));
    const judged = judgeArrivals(ed25519, arrivals, { net: NETWORK, issuer: north.id, head: undefined, hashes: new Map(), schedule: firstSchedule(north.id)! });
    expect(judged.schedule).toEqual(begun.schedule);
    expect(judged.refused[0]).toMatchObject({ index: 2, refused: 'entry.wrong_topic' });
    expect(judged.head).toEqual(headOf(begun));
  });
});

describe('a contradiction across a rotation', () => {
  const log = plain(plain(rotate(begun, 31)));
  const expected = { net: NETWORK, keyIsValidAt: (kid: string, seq: number) => isValidAt(log.schedule, kid, seq) };
  const proofOf = (left: readonly string[], right: readonly string[]) =>
    buildEquivocationProof(ed25519, { iss: north.id, left, right }, lookupIn(log.schedule), expected);
  const upTo = (length: number): OwnLog => ({ ...log, entries: log.entries.slice(0, length) });
  const cake = { body: { title: 'cake' } };

  it.each([
    ['the old key about its own stretch', 2, sealAfter(upTo(1), { ...cake, kid: north.kid, fill: 11 })],
    ['the old key about the place of the rotation', 3, sealAfter(upTo(2), { ...cake, kid: north.kid, fill: 11 })],
    ['the new key', 4, sealAfter(upTo(3), cake)],
  ])('is proven by one entry on each side: %s', (_name, at, fork) => {
    const proof = proofOf([log.entries[at - 1]!], [fork]);
    expect('refused' in proof ? proof : verifyEquivocationProof(ed25519, proof, lookupIn(log.schedule), expected)).toMatchObject({ iss: north.id, at });
  });

  it('is proven by a branch that goes through the rotation', () => {
    const fork = sealAfter(upTo(1), { ...cake, kid: north.kid, fill: 11 });
    expect(proofOf(log.entries, [fork])).toMatchObject({ v: 1, iss: north.id });
  });

  it('is not proven by what a retired key says of the time after it', () => {
    const late = sealAfter(upTo(3), { ...cake, kid: north.kid, fill: 11 });
    expect(proofOf([log.entries[3]!], [late])).toEqual({ refused: 'proof.unsigned_branch' });
  });
});
