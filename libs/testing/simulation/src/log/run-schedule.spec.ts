import { describe, expect, it } from '@jest/globals';
import { runLogSchedule } from './run-schedule.js';

describe('a schedule', () => {
  it('comes to the same, step by step, whenever its seed is run', () => {
    for (const seed of [3, 17, 40]) expect(runLogSchedule(seed, { isTold: true })).toEqual(runLogSchedule(seed, { isTold: true }));
  });

  it('comes to another thing with another seed', () => {
    const lines = [1, 2, 3, 4].map((seed) => runLogSchedule(seed, { isTold: true }).timeline.join('\n'));
    expect(new Set(lines).size).toBe(4);
  });

  it('is not changed by being told', () => {
    const { timeline: _told, ...told } = runLogSchedule(5, { isTold: true });
    const { timeline, ...quiet } = runLogSchedule(5);
    expect(quiet).toEqual(told);
    expect(timeline).toEqual([]);
  });

  it('tells what happened when, and in the end what each node holds', () => {
    const { timeline } = runLogSchedule(6, { isTold: true });
    expect(timeline[0]).toMatch(/^ +0\.000 s {2}[2-5] nodes, cables /);
    expect(timeline.filter((line) => line.endsWith('everything is whole again'))).toHaveLength(1);
    expect(timeline.filter((line) => / is up, signs, 0 drafts; holds node a:\d+ \(\d+ entries, key [1-3]/.test(line)).length).toBeGreaterThanOrEqual(2);
  });
});
