import { describe, expect, it } from '@jest/globals';
import { HAPPENINGS } from './happenings.js';
import { simulateLog, type SimulationSummary } from './simulate-log.js';

const PART = 200;
const PARTS = [1, 201, 401, 601, 801];
const MINUTES = 60_000;

const done = new Map<number, SimulationSummary>();

/** The schedules of a part. The same for the same seeds, so that they are run once. */
function part(seed: number): SimulationSummary {
  const summary = done.get(seed) ?? simulateLog({ seed, schedules: PART });
  done.set(seed, summary);
  return summary;
}

describe('1,000 schedules of the federation log', () => {
  it.each(PARTS)('keep everything that must hold, from seed %i on', (seed) => {
    const { failed, failures } = part(seed);
    expect(failed.map((result) => ({ seed: result.seed, violations: result.violations }))).toEqual([]);
    expect(failures).toBe(0);
  }, 10 * MINUTES);

  it('seal, store and apply entries in plenty', () => {
    for (const { sealed, stored, applied } of PARTS.map(part)) {
      expect(sealed).toBeGreaterThan(40 * PART);
      expect(stored).toBeGreaterThan(2 * sealed);
      expect(applied).toBeGreaterThan(2 * sealed);
    }
  }, 20 * MINUTES);

  it.each(HAPPENINGS)('contain: %s', (happening) => {
    const times = PARTS.map((seed) => part(seed).happened[happening]).reduce((sum, count) => sum + count);
    expect(times).toBeGreaterThanOrEqual(3);
  }, 20 * MINUTES);
});
