import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liveByTheRules } from './audit-checkpoint.js';
import { itemsOf, PICK_MAX, START_MS } from './example-items.js';
import { liveItems } from './live-items.js';
import { isCheckpointItem, type LogItem } from './log-item.js';

const seqs = (items: readonly LogItem[]) => items.map(({ seq }) => seq);
const runs = { numRuns: 500 };
const exampleItems = fc.array(fc.nat({ max: PICK_MAX }), { maxLength: 16 }).map(itemsOf);
const exampleTimes = fc.integer({ min: START_MS, max: START_MS + 8 });

const checkpointAt = (seq: number, ts: number): LogItem => ({ seq, hash: `hash of a checkpoint at ${seq}`, topic: 'announce', type: 'log.checkpoint', sub: 'north', ts });
/** The items from a place on, behind a checkpoint put in there. */
const after = (items: readonly LogItem[], cut: number): LogItem[] => items.slice(cut).map((item) => ({ ...item, seq: item.seq + 1 }));

/** A log with one item of each given type about one listing. */
const about = (types: readonly string[], change: Partial<LogItem> = {}): LogItem[] =>
  types.map((type, index) => ({ seq: index + 1, hash: `hash ${index + 1}`, topic: 'graph', type, sub: 'bread', ts: START_MS, ...change }));

describe('the live items of a log', () => {
  it('are those the rules leave, in order', () => {
    fc.assert(fc.property(exampleItems, exampleTimes, (items, ts) => expect(liveItems(items, { ts })).toEqual(liveByTheRules(items, ts))), runs);
  });

  it('are all live', () => {
    fc.assert(fc.property(exampleItems, exampleTimes, (items, ts) => {
      const live = liveItems(items, { ts });
      expect(liveItems(live, { ts })).toEqual(live);
    }), runs);
  });

  it('stand for the log before a checkpoint, whatever comes after, wherever the clocks stood', () => {
    fc.assert(fc.property(exampleItems, fc.nat({ max: 16 }), exampleTimes, exampleTimes, (items, cut, ts, ts2) => {
      const before = items.slice(0, cut);
      const tail = [checkpointAt(before.length + 1, ts), ...after(items, cut)];
      expect(liveItems([...liveItems(before, { ts }), ...tail], { ts: ts2 })).toEqual(liveItems([...before, ...tail], { ts: ts2 }));
    }), { numRuns: 2_000 });
  });

  it('are never any that were dead before', () => {
    fc.assert(fc.property(exampleItems, fc.nat({ max: 16 }), exampleTimes, (items, cut, ts) => {
      const before = items.slice(0, cut);
      const live = liveItems(before, { ts });
      const later = liveItems([...before, checkpointAt(before.length + 1, ts), ...after(items, cut)], { ts: START_MS });
      expect(later.filter((item) => before.includes(item) && !live.includes(item))).toEqual([]);
    }), runs);
  });

  it('leave out nothing but state and older checkpoints', () => {
    fc.assert(fc.property(exampleItems, exampleTimes, (items, ts) => {
      const live = liveItems(items, { ts });
      expect(items.filter((item) => item.topic !== 'graph' && !isCheckpointItem(item) && !live.includes(item))).toEqual([]);
      expect(live.filter(isCheckpointItem)).toHaveLength(items.some(isCheckpointItem) ? 1 : 0);
    }), runs);
  });

  it('leave of a withdrawn listing its withdrawal, until that has expired', () => {
    const items = about(['listing.published', 'listing.reserved', 'listing.published', 'listing.withdrawn']);
    expect(seqs(liveItems(items, { ts: START_MS }))).toEqual([4]);
    const expiring = [...items.slice(0, 3), { ...items[3]!, exp: START_MS + 5 }];
    expect(seqs(liveItems(expiring, { ts: START_MS + 5 }))).toEqual([4]);
    expect(seqs(liveItems(expiring, { ts: START_MS + 6 }))).toEqual([]);
  });

  it('keep what was said after a withdrawal beside it', () => {
    expect(seqs(liveItems(about(['listing.published', 'listing.withdrawn', 'listing.published']), { ts: START_MS }))).toEqual([2, 3]);
  });

  it('do not confuse issuers\' words that read alike when joined', () => {
    const [left, right] = [about(['a.withdrawn'], { sub: 'b' }), about(['a'], { sub: 'withdrawn.b', seq: 2 })];
    expect(seqs(liveItems([...left, ...right], { ts: START_MS }))).toEqual([1, 2]);
  });

  it('are asked for in order', () => {
    const [first, second] = about(['listing.published', 'listing.reserved']) as [LogItem, LogItem];
    expect(() => liveItems([second, first], { ts: START_MS })).toThrow('in the order of their sequence numbers');
    expect(() => liveItems([first, first], { ts: START_MS })).toThrow('in the order of their sequence numbers');
  });
});
