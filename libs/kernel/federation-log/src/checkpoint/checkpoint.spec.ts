import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draft, north, south } from '../example-log.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import type { EntryDraft } from '../entry/seal-entry.js';
import { auditCheckpoint } from './audit-checkpoint.js';
import { checkpointDraft, confirmCheckpoint, digestOf, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { PICK_MAX, sealedBehind, sealedOf, START_MS, toyOpened } from './example-items.js';
import { liveItems } from './live-items.js';
import { itemOf, type LogItem } from './log-item.js';

const NOW = START_MS + 4;
const logs = fc.array(fc.nat({ max: PICK_MAX }), { minLength: 1, maxLength: 7 }).map(sealedOf);
const itemsIn = (log: readonly string[]): LogItem[] => log.map((jws) => itemOf(toyOpened(jws)));
const soundDraft = (log: readonly string[]): EntryDraft => checkpointDraft(north.id, itemsIn(log), { ts: NOW })!;
const sealed = (log: readonly string[], change: Partial<EntryDraft> = {}): string => sealedBehind(log, { ...soundDraft(log), ...change })[0]!;
const read = (jws: string): Checkpoint => readCheckpoint(toyOpened(jws))!;

describe('a checkpoint', () => {
  it('is what everybody who holds the log finds by himself, one rule at a time as well', () => {
    fc.assert(fc.property(logs, (log) => {
      const checkpoint = sealed(log);
      const live = liveItems(itemsIn(log), { ts: NOW });
      expect(confirmCheckpoint(read(checkpoint), itemsIn(log))).toEqual(live);
      expect(auditCheckpoint(log, checkpoint)).toEqual({ isSound: true, live: live.map(({ seq }) => seq) });
    }), { numRuns: 60 });
  });

  it('is found as well by those who kept only what an earlier one covers', () => {
    fc.assert(fc.property(logs, logs, (log, more) => {
      const first = sealed(log);
      const whole = [...log, first, ...sealedBehind([...log, first], ...more.map((jws) => draftIn(toyOpened(jws))))];
      const kept = [...liveItems(itemsIn(log), { ts: NOW }), ...itemsIn(whole.slice(log.length))];
      const second = read(sealed(whole));
      expect(confirmCheckpoint(second, kept)).toEqual(confirmCheckpoint(second, itemsIn(whole)));
    }), { numRuns: 40 });
  });

  it('is refused by holders and auditors alike where it covers other entries', () => {
    fc.assert(fc.property(logs, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), fc.boolean(), (log, choice, isReversed) => {
      const chosen = itemsIn(log).filter((_, index) => choice[index]);
      const covered = isReversed ? chosen.reverse() : chosen;
      const isTrue = JSON.stringify(covered) === JSON.stringify(liveItems(itemsIn(log), { ts: NOW }));
      const checkpoint = sealed(log, { body: { ...digestOf(covered) } });
      expect('refused' in confirmCheckpoint(read(checkpoint), itemsIn(log))).toBe(!isTrue);
      expect(auditCheckpoint(log, checkpoint).isSound).toBe(isTrue);
    }), { numRuns: 100 });
  });

  it('cannot leave out what is not state, whoever signs it', () => {
    const log = sealedBehind([], draft({ topic: 'clearing', type: 'obligation.recorded' }), draft());
    const checkpoint = sealed(log, { body: { ...digestOf(itemsIn(log).slice(1)) } });
    expect(confirmCheckpoint(read(checkpoint), itemsIn(log))).toMatchObject({ refused: 'checkpoint.wrong_digest' });
    expect(auditCheckpoint(log, checkpoint)).toEqual({ isSound: false, fault: 'wrong_count' });
  });

  it('is refused where it counts wrongly, though it names the right entries', () => {
    const log = sealedBehind([], draft({ topic: 'chains' }), draft());
    const checkpoint = sealed(log, { body: { ...digestOf(itemsIn(log)), live_count: 1 } });
    expect(confirmCheckpoint(read(checkpoint), itemsIn(log))).toMatchObject({ refused: 'checkpoint.wrong_digest' });
    expect(auditCheckpoint(log, checkpoint)).toEqual({ isSound: false, fault: 'wrong_count' });
  });

  it('is the head behind which the log goes on', () => {
    const log = sealedOf([1, 2, 3]);
    const entry = toyOpened(sealed(log));
    expect(readCheckpoint(entry)).toEqual({
      issuer: north.id, seq: 4, hash: entry.hash, ts: NOW, upTo: { seq: 3, hash: toyOpened(log[2]!).hash }, liveCount: entry.payload.body['live_count'], liveHash: entry.payload.body['live_hash'],
    });
  });

  it.each([
    ['of another topic', { topic: 'graph' }], ['of another type', { type: 'log.checkpoints' }], ['about another node', { sub: south.id }],
    ['without a count', { body: { live_hash: digestOf([]).live_hash } }], ['with more entries than there are', { body: { live_count: 3, live_hash: digestOf([]).live_hash } }],
    ['with a count that is none', { body: { live_count: -1, live_hash: digestOf([]).live_hash } }], ['with a count in words', { body: { live_count: '1', live_hash: digestOf([]).live_hash } }],
    ['without a digest', { body: { live_count: 1 } }], ['with a digest that is none', { body: { live_count: 1, live_hash: 'none' } }],
  ])('is not an entry %s', (_name, change) => {
    const log = sealedOf([1, 2]);
    expect(readCheckpoint(toyOpened(sealed(log, change)))).toBeUndefined();
    expect(auditCheckpoint(log, sealed(log, change)).isSound).toBe(false);
  });

  it('covers something', () => {
    const [first] = sealedBehind([], { ...soundDraft(sealedOf([1])), body: { ...digestOf([]) } });
    expect(readCheckpoint(toyOpened(first!))).toBeUndefined();
    expect(auditCheckpoint([], first!)).toEqual({ isSound: false, fault: 'not_a_checkpoint' });
    expect(checkpointDraft(north.id, [], { ts: NOW })).toBeUndefined();
  });

  it('is not audited against a part of the log, or another log', () => {
    const log = sealedOf([1, 2, 3]);
    expect(auditCheckpoint(log.slice(1), sealed(log))).toEqual({ isSound: false, fault: 'incomplete_log' });
    expect(auditCheckpoint(log.slice(0, 2), sealed(log))).toEqual({ isSound: false, fault: 'incomplete_log' });
    expect(auditCheckpoint(['x', ...log.slice(1)], sealed(log))).toEqual({ isSound: false, fault: 'malformed_entry' });
    expect(() => confirmCheckpoint(read(sealed(log)), itemsIn([...log, sealed(log)]))).toThrow('covers what is before it');
  });
});

const draftIn = ({ payload: { topic, type, sub, ts, exp, body } }: OpenedEntry): EntryDraft => ({ topic, type, sub, ts, ...(exp !== undefined && { exp }), body });

describe('the digest of live entries', () => {
  it('is that of their hashes, a line each', () => {
    expect(digestOf([])).toEqual({ live_count: 0, live_hash: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' });
    expect(digestOf([{ hash: 'a' }, { hash: 'b' }]).live_count).toBe(2);
    expect(digestOf([{ hash: 'a' }, { hash: 'b' }]).live_hash).not.toBe(digestOf([{ hash: 'b' }, { hash: 'a' }]).live_hash);
  });
});
