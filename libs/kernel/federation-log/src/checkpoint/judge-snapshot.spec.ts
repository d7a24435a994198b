import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draft, north } from '../example-log.js';
import { hashEntry } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import type { EntryDraft } from '../entry/seal-entry.js';
import { checkpointDraft, readCheckpoint } from './checkpoint.js';
import { PICK_MAX, sealedBehind, sealedOf, START_MS, toyOpened } from './example-items.js';
import { judgeSnapshot, type HeldLog, type SnapshotParts } from './judge-snapshot.js';
import { liveItems } from './live-items.js';
import { itemOf, STATE_TOPICS, type LogItem } from './log-item.js';

const NOW = START_MS + 4;
const logs = fc.array(fc.nat({ max: PICK_MAX }), { minLength: 1, maxLength: 8 }).map(sealedOf);
const itemsIn = (log: readonly string[]): LogItem[] => log.map((jws) => itemOf(toyOpened(jws)));
const held = (log: readonly string[]): HeldLog => ({ head: log.length === 0 ? undefined : { seq: log.length, hash: hashEntry(log.at(-1)!) }, items: itemsIn(log) });
const seqs = (entries: readonly OpenedEntry[]) => entries.map(({ payload }) => payload.seq);

/** The checkpoint behind a log with the entries of the given numbers, or with the live ones. */
function snapshotOf(log: readonly string[], covered = liveItems(itemsIn(log), { ts: NOW }).map(({ seq }) => seq)): SnapshotParts {
  const [checkpoint] = sealedBehind(log, checkpointDraft(north.id, itemsIn(log), { ts: NOW })!);
  return { checkpoint: readCheckpoint(toyOpened(checkpoint!))!, entries: covered.map((seq) => toyOpened(log[seq - 1]!)) };
}

describe('judging a snapshot against what is held', () => {
  it('takes a true one, and comes to what who holds all finds', () => {
    fc.assert(fc.property(logs, fc.nat({ max: 8 }), (log, length) => {
      const mine = held(log.slice(0, length));
      const snapshot = snapshotOf(log);
      const verdict = judgeSnapshot(mine, snapshot);
      if (verdict.verdict !== 'adopt') throw new Error(verdict.verdict);
      const lapsed = verdict.lapsed.map(({ seq }) => seq);
      expect(seqs(verdict.fresh)).toEqual(seqs(snapshot.entries).filter((seq) => seq > (mine.head?.seq ?? 0)));
      const after = liveItems([...mine.items, ...verdict.fresh.map(itemOf)], { ts: NOW }).filter(({ seq }) => !lapsed.includes(seq));
      expect(after.map(({ seq }) => seq)).toEqual(seqs(snapshot.entries));
      expect(verdict.lapsed.every(({ topic }) => STATE_TOPICS.includes(topic))).toBe(true);
    }), { numRuns: 200 });
  });

  it('needs of what is held no more than is live', () => {
    fc.assert(fc.property(logs, fc.nat({ max: 8 }), (log, length) => {
      const mine = held(log.slice(0, length));
      const pruned = { ...mine, items: liveItems(mine.items, { ts: START_MS }) };
      expect(judgeSnapshot(pruned, snapshotOf(log))).toEqual(judgeSnapshot(mine, snapshotOf(log)));
    }), { numRuns: 100 });
  });

  it('finds that an entry which is held and may not die was left out', () => {
    fc.assert(fc.property(logs, fc.nat(), (log, place) => {
      const lasting = snapshotOf(log).entries.filter(({ payload }) => !STATE_TOPICS.includes(payload.topic));
      fc.pre(lasting.length > 0);
      const dropped = lasting[place % lasting.length]!.payload.seq;
      const untrue = snapshotOf(log, seqs(snapshotOf(log).entries).filter((seq) => seq !== dropped));
      expect(judgeSnapshot(held(log), untrue)).toEqual({ verdict: 'untrue', at: dropped });
    }), { numRuns: 100 });
  });

  it('finds that an entry which is dead was brought back', () => {
    fc.assert(fc.property(logs, fc.nat(), (log, place) => {
      const live = seqs(snapshotOf(log).entries);
      const dead = log.map((_, index) => index + 1).filter((seq) => !live.includes(seq));
      fc.pre(dead.length > 0);
      const wakened = dead[place % dead.length]!;
      const untrue = snapshotOf(log, [...live, wakened].sort((left, right) => left - right));
      expect(judgeSnapshot(held(log), untrue)).toMatchObject({ verdict: 'untrue' });
    }), { numRuns: 100 });
  });

  it('names what lapses because its withdrawal is gone as well', () => {
    const log = sealedBehind([], draft({ topic: 'chains' }), draft({ sub: 'bread' }), draft({ sub: 'bread', type: 'offering.withdrawn', exp: NOW - 1 }));
    expect(seqs(snapshotOf(log).entries)).toEqual([1]);
    expect(judgeSnapshot(held(log.slice(0, 2)), snapshotOf(log))).toMatchObject({ verdict: 'adopt', fresh: [], lapsed: [{ seq: 2 }] });
    expect(judgeSnapshot(held(log), snapshotOf(log))).toEqual({ verdict: 'adopt', fresh: [], lapsed: [] });
  });

  it('goes behind no head', () => {
    const log = sealedOf([1, 2, 3]);
    const checkpoint = sealedBehind(log, checkpointDraft(north.id, itemsIn(log), { ts: NOW })!);
    expect(judgeSnapshot(held([...log, ...checkpoint]), snapshotOf(log))).toEqual({ verdict: 'behind' });
  });

  it('finds two words of one issuer wherever an entry or the next one is on both sides', () => {
    const say = (sub: string): EntryDraft => draft({ topic: 'chains', sub });
    const log = sealedBehind([], say('1'), say('2'), say('3'), say('4'));
    for (const trunk of [0, 1, 2, 3]) {
      const fork = [...log.slice(0, trunk), ...sealedBehind(log.slice(0, trunk), ...['other', 'words', 'of', 'it'].slice(trunk).map(say))];
      const at = trunk + 1;
      expect(judgeSnapshot(held(fork), snapshotOf(log))).toEqual({ verdict: 'equivocation', at, ours: hashEntry(fork[trunk]!), theirs: hashEntry(log[trunk]!) });
      expect(judgeSnapshot(held(fork.slice(0, at)), snapshotOf(log, at === 4 ? [] : [at + 1]))).toMatchObject({ verdict: 'equivocation', at });
    }
  });
});
