import { describe, expect, it } from '@jest/globals';
import type { StoredEntry } from './entry-log.js';
import { RecentEntries } from './recent-entries.js';

const entry = (position: number, bytes = 10): StoredEntry =>
  ({ position, issuer: 'north', seq: position, hash: 'h', topic: 'graph', type: 't', subject: 's', ts: 1, jws: 'x'.repeat(bytes) });
const positions = (entries: readonly StoredEntry[]) => entries.map(({ position }) => position);

describe('RecentEntries', () => {
  it('answers with the run right behind a position, in the order of positions whatever the order of commits', () => {
    const recent = new RecentEntries();
    recent.add([entry(3), entry(4)]);
    expect(recent.after(0, 10, 1_000)).toEqual([]);
    recent.add([entry(1), entry(2)]);
    expect(positions(recent.after(0, 10, 1_000))).toEqual([1, 2, 3, 4]);
    expect(positions(recent.after(2, 10, 1_000))).toEqual([3, 4]);
    expect(recent.after(4, 10, 1_000)).toEqual([]);
  });

  it('bounds entries and bytes as a page of the log', () => {
    const recent = new RecentEntries();
    recent.add([1, 2, 3, 4].map((position) => entry(position)));
    expect(positions(recent.after(0, 3, 1_000))).toEqual([1, 2, 3]);
    expect(positions(recent.after(0, 10, 11))).toEqual([1, 2]);
  });

  it('forgets the oldest beyond its bound, and everything when told', () => {
    const recent = new RecentEntries();
    recent.add([1, 2, 3, 4, 5].map((position) => entry(position, 4_000_000)));
    expect(recent.after(0, 10, 1e9)).toEqual([]);
    expect(positions(recent.after(1, 10, 1e9))).toEqual([2, 3, 4, 5]);
    recent.clear();
    expect(recent.after(1, 10, 1e9)).toEqual([]);
  });
});
