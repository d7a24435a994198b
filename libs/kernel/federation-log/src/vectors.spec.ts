import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromBase64url, portableEd25519, toBase64url, type Ed25519, type Json } from '@kula/kernel-crypto';
import {
  acceptEach, acceptEachRun, compareHeads, firstSchedule, hashEntry, isValidAt, judgeEntry, lookupIn, openEntry, sealEntry, verifyChain,
  verifyEquivocationProof, walkBatch, walkRuns,
  type BatchOutcome, type EntryPayload, type Equivocation, type ExpectedEntry, type Head, type HeadVector, type KeyLookup, type ScheduledOutcome,
} from './index.js';

interface VectorCase {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly entries: readonly string[];
}
interface VectorFile<Case> {
  readonly net: string;
  readonly seeds: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}
type HeadPair = readonly [number, string] | null;

const folder = new URL('../vectors/', import.meta.url);
const read = <Case>(name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as VectorFile<Case>;
const lookup = (keys: Readonly<Record<string, string>>): KeyLookup => (kid) => (keys[kid] === undefined ? undefined : fromBase64url(keys[kid]));
const rows = <Case extends { readonly name: string }>(file: VectorFile<Case>) => file.cases.map((row) => [row.name, row] as const);

/** Ed25519 of Node's own crypto, through DER keys. */
const nodeEd25519: Ed25519 = (() => {
  const wrap = (prefix: string, key: Uint8Array) => Buffer.concat([Buffer.from(prefix, 'hex'), key]);
  const privateKeyOf = (seed: Uint8Array) => createPrivateKey({ key: wrap('302e020100300506032b657004220420', seed), format: 'der', type: 'pkcs8' });
  return {
    publicKey: (seed) => Uint8Array.from(Buffer.from(createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' }).x!, 'base64url')),
    sign: (seed, message) => Uint8Array.from(sign(null, message, privateKeyOf(seed))),
    verify: (key, message, signature) => verify(null, message, createPublicKey({ key: wrap('302a300506032b6570032100', key), format: 'der', type: 'spki' }), signature),
  };
})();

describe.each([['portable', portableEd25519], ['Node\'s own', nodeEd25519]])('with %s Ed25519', (_name, ed25519) => {
  describe('valid entries', () => {
    type Case = VectorCase & { readonly isCanonical?: boolean; readonly expect: { readonly hash: string; readonly payload: EntryPayload } };
    const file = read<Case>('valid-entries.json');

    it.each(rows(file))('open: %s', (_case, { keys, entries, expect: { hash, payload } }) => {
      expect(openEntry(ed25519, entries[0]!, lookup(keys), { net: file.net })).toMatchObject({ hash, payload, jws: entries[0] });
    });
    it.each(rows(file))('pass the audit: %s', (_case, { keys, entries, expect: { hash, payload: { iss, seq, prev } } }) => {
      const after = seq === 1 ? undefined : { seq: seq - 1, hash: prev };
      const audit = verifyChain(ed25519, { net: file.net, iss, after, entries, keyOf: lookup(keys) });
      expect(audit).toEqual({ isSound: true, head: { seq, hash }, coveredOnly: [] });
    });
    it.each(rows(file).filter(([, row]) => row.isCanonical))('are sealed to the same bytes: %s', (_case, { entries, expect: { payload } }) => {
      const { kid } = JSON.parse(Buffer.from(entries[0]!.split('.')[0]!, 'base64url').toString()) as { kid: string };
      expect(sealEntry(ed25519, fromBase64url(file.seeds[kid]!)!, kid, payload)).toMatchObject({ jws: entries[0] });
    });
  });

  describe('invalid entries', () => {
    type Case = VectorCase & {
      readonly expected?: Pick<ExpectedEntry, 'iss' | 'topic'>; readonly lastSeqOfKey?: Readonly<Record<string, number>>; readonly expect: { readonly refused: string };
    };
    const file = read<Case>('invalid-entries.json');
    const validAt = ({ lastSeqOfKey }: Case) => (kid: string, seq: number) => seq <= (lastSeqOfKey?.[kid] ?? seq);

    it.each(rows(file))('are refused: %s', (_case, row) => {
      const expected = { net: file.net, keyIsValidAt: validAt(row), ...row.expected };
      expect(openEntry(ed25519, row.entries[0]!, lookup(row.keys), expected)).toHaveProperty('refused', row.expect.refused);
    });
    // The audit is told no topic, and cannot know where in a log an entry belongs: it is offered every place that could suit.
    it.each(rows(file).filter(([, row]) => row.expected?.topic === undefined))('fail the audit: %s', (_case, row) => {
      const issuers = row.expected?.iss === undefined ? new Set(Object.keys(row.keys).map((kid) => kid.split('#')[0]!)) : [row.expected.iss];
      const payload = Buffer.from(row.entries[0]!.split('.')[1] ?? '', 'base64url').toString();
      const hashes = ['A'.repeat(43), ...(/"prev":"([\w-]{43})"/.exec(payload) ?? []).slice(1)];
      const places = [undefined, ...hashes.flatMap((hash) => [0, 1, 8].map((seq) => ({ seq, hash })))];
      for (const iss of issuers) {
        const segment = { net: file.net, iss, entries: row.entries, keyOf: lookup(row.keys), keyIsValidAt: validAt(row) };
        for (const after of places) expect(verifyChain(ed25519, { ...segment, after })).toHaveProperty('isSound', false);
      }
    });
  });

  describe('verdicts', () => {
    const file = read<VectorCase & { readonly stored: readonly string[]; readonly storedFrom?: number; readonly expect: { readonly head?: HeadPair } }>('verdicts.json');

    it.each(rows(file))('are as given: %s', (_case, { keys, stored, storedFrom = 1, entries, expect: wanted }) => {
      const entry = openEntry(ed25519, entries[0]!, lookup(keys), { net: file.net });
      if ('refused' in entry) throw new Error(entry.refused);
      const hashes = stored.map(hashEntry);
      const head = headOf(stored.length === 0 ? null : [storedFrom + stored.length - 1, hashes.at(-1)!]);
      const verdict = judgeEntry(head, hashes[entry.payload.seq - storedFrom], entry);
      expect(verdict).toEqual('head' in wanted ? { ...wanted, head: headOf(wanted.head!) } : wanted);
    });
  });

  describe('batches', () => {
    interface Expected { readonly accepted: number; readonly head: HeadPair; readonly stop?: { readonly index: number; readonly refused?: string } }
    const file = read<VectorCase & { readonly stored: readonly string[]; readonly expect: Expected; readonly expectEach?: Expected; readonly coveredOnly?: readonly number[] }>('batches.json');

    it.each(rows(file))('come to the same: %s', (_case, { keys, stored, entries, expect: wanted, expectEach = wanted }) => {
      const hashes = stored.map(hashEntry);
      const iss = Object.keys(keys)[0]!.split('#')[0]!;
      const head = headOf(stored.length === 0 ? null : [stored.length, hashes.at(-1)!]);
      const batch = { entries, head, hashAt: (seq: number) => hashes[seq - 1], keyOf: lookup(keys), expected: { net: file.net, iss } };
      expect(outcomeOf(walkBatch(ed25519, batch))).toEqual(wanted);
      expect(outcomeOf(acceptEach(ed25519, batch))).toEqual(expectEach);
    });
    it.each(rows(file))('are sound to the audit where accepted whole: %s', (_case, { keys, stored, entries, expect: wanted, coveredOnly = [] }) => {
      const after = headOf(stored.length === 0 ? null : [stored.length, hashEntry(stored.at(-1)!)]);
      const audit = verifyChain(ed25519, { net: file.net, iss: Object.keys(keys)[0]!.split('#')[0]!, after, entries, keyOf: lookup(keys) });
      const sound = { isSound: true, head: headOf(wanted.head), coveredOnly };
      expect(audit).toEqual(wanted.accepted === entries.length ? sound : expect.objectContaining({ isSound: false }));
    });
  });

  describe('key schedules', () => {
    interface Case {
      readonly name: string; readonly issuer: string; readonly stored: readonly string[]; readonly entries: readonly string[];
      readonly expect: { readonly accepted: number; readonly stop?: object };
    }
    const file = read<Case>('key-schedules.json');
    const stored = (row: Case) => walkRuns(ed25519, { net: file.net, head: undefined, schedule: firstSchedule(row.issuer)!, entries: row.stored });

    it.each(rows(file))('are as given: %s', (_case, row) => {
      const { accepted, head, schedule, stop } = stored(row);
      expect([accepted.length, stop]).toEqual([row.stored.length, undefined]);
      const batch = { net: file.net, head, schedule, entries: row.entries, hashAt: (seq: number) => accepted[seq - 1]?.hash };
      expect(keyedOutcome(walkRuns(ed25519, batch))).toEqual(row.expect);
      expect(keyedOutcome(acceptEachRun(ed25519, batch))).toEqual(row.expect);
    });
    it.each(rows(file).filter(([, { expect: { stop } }]) => stop === undefined))('let the audit pass: %s', (_case, row) => {
      const whole = [...row.stored, ...row.entries.slice(row.entries.length - row.expect.accepted)];
      const { head, schedule } = walkRuns(ed25519, { net: file.net, head: undefined, schedule: firstSchedule(row.issuer)!, entries: whole });
      const keyIsValidAt = (kid: string, seq: number) => isValidAt(schedule, kid, seq);
      const audit = verifyChain(ed25519, { net: file.net, iss: row.issuer, entries: whole, keyOf: lookupIn(schedule), keyIsValidAt });
      expect(audit).toEqual({ isSound: true, head, coveredOnly: [] });
    });
  });

  describe('equivocation proofs', () => {
    const file = read<VectorCase & { readonly proof: Json; readonly expect: Equivocation | { readonly refused: string } }>('equivocation-proofs.json');

    it.each(rows(file))('show as much: %s', (_case, { keys, proof, expect: wanted }) => {
      expect(verifyEquivocationProof(ed25519, proof, lookup(keys), { net: file.net })).toEqual(wanted);
    });
  });
});

describe('head vectors', () => {
  interface Case { readonly name: string; readonly ours: HeadVector; readonly theirs: HeadVector; readonly hashes: Readonly<Record<string, string>>; readonly expect: object }

  it.each(rows(read<Case>('heads.json')))('compare: %s', (_case, { ours, theirs, hashes, expect: wanted }) => {
    expect(compareHeads(ours, theirs, (issuer, seq) => hashes[`${issuer}:${seq}`])).toEqual(wanted);
  });
});

describe('the vector files', () => {
  it('are what the generator writes', async () => {
    const generator = new URL('generate.mjs', folder).href;
    const { vectorFiles } = await import(generator) as { vectorFiles: () => Readonly<Record<string, string>> };
    const onDisk = Object.keys(vectorFiles()).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]);
    expect(Object.fromEntries(onDisk)).toEqual(vectorFiles());
  });

  it('name their seeds rightly', () => {
    const { seeds } = read('heads.json');
    const { keys } = read<VectorCase>('valid-entries.json').cases[0]!;
    for (const [kid, key] of Object.entries(keys)) expect(toBase64url(portableEd25519.publicKey(fromBase64url(seeds[kid]!)!))).toBe(key);
  });
});

function headOf(pair: HeadPair): Head | undefined {
  return pair === null ? undefined : { seq: pair[0], hash: pair[1] };
}

function outcomeOf({ accepted, head, stop }: BatchOutcome): object {
  const outcome = { accepted: accepted.length, head: head === undefined ? null : [head.seq, head.hash] };
  if (stop === undefined) return outcome;
  return { ...outcome, stop: { index: stop.index, ...('refusal' in stop ? { refused: stop.refusal.refused } : stop.verdict) } };
}

function keyedOutcome(outcome: ScheduledOutcome): object {
  const { keys, recoveryKeyHash } = outcome.schedule;
  const named = keys.map(({ keyNo, publicKey, fromSeq }) => ({ key_no: keyNo, public_key: toBase64url(publicKey), from_seq: fromSeq }));
  return { ...outcomeOf(outcome), keys: named, recovery_key_hash: recoveryKeyHash };
}
