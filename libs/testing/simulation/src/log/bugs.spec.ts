import { describe, expect, it } from '@jest/globals';
import { BUGS, type Bug } from './bugs.js';
import { runLogSchedule } from './run-schedule.js';

const WITHIN = 40;
const MINUTES = 60_000;

/** Where to begin: some of the mistakes need a rare meeting of faults. Whoever changes plans or nodes may have to look for other seeds. */
const FROM_SEED: Readonly<Record<Bug, number>> = {
  'compares numbers only': 30,
  'seals without asking': 1,
  'counts words too soon': 365,
  'takes an entry for a word': 1,
  'waits for whoever claims': 1,
  'knows only the keys of its log': 3840,
  'seals drafts again': 1,
  'freezes where the first proof says': 1,
  'keeps proofs to itself': 1,
  'takes proofs on trust': 1,
  'moves the cursor first': 1,
  'applies without an inbox': 1,
  'verifies no signatures': 1,
  'forgets what is live': 1,
  'adopts any snapshot': 1,
  'drops only what has lapsed': 250,
  'overlooks its own notices': 75,
  'forgets a doubt at a crash': 195,
  'leaves frozen logs behind': 600,
};

describe('the simulation finds a node that', () => {
  it.each(BUGS)('%s', (bug) => {
    const from = FROM_SEED[bug];
    const seeds = Array.from({ length: WITHIN }, (_unused, index) => from + index);
    const found = seeds.find((seed) => runLogSchedule(seed, { bugs: [bug] }).violations.length > 0);
    expect(found).toBeDefined();
    // It is the mistake that is found, and no other.
    expect(runLogSchedule(found!).violations).toEqual([]);
  }, 10 * MINUTES);
});
