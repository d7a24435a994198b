import { HAPPENINGS, noHappenings, type HappeningCounts } from './happenings.js';
import { runLogSchedule, type ScheduleOptions, type ScheduleResult } from './run-schedule.js';

/** Sums of a series of schedules. */
export interface SimulationSummary {
  readonly schedules: number;
  readonly steps: number;
  readonly sealed: number;
  readonly stored: number;
  readonly applied: number;
  readonly happened: HappeningCounts;
  /** The first schedules in which something happened that must not, and how many there were. */
  readonly failed: readonly ScheduleResult[];
  readonly failures: number;
}

/** Which schedules are run, and how. `tell` hears of each one. */
export interface SimulationOptions extends ScheduleOptions {
  readonly seed: number;
  readonly schedules: number;
  readonly tell?: (result: ScheduleResult) => void;
}

const FAILED_MAX = 20;

/** Runs the schedules of the seeds `seed` to `seed + schedules − 1`. */
export function simulateLog({ seed, schedules, tell, ...options }: SimulationOptions): SimulationSummary {
  const sums = { steps: 0, sealed: 0, stored: 0, applied: 0 };
  const happened = noHappenings();
  const failed: ScheduleResult[] = [];
  let failures = 0;
  for (let next = seed; next < seed + schedules; next += 1) {
    const result = runLogSchedule(next, options);
    for (const name of ['steps', 'sealed', 'stored', 'applied'] as const) sums[name] += result[name];
    for (const happening of HAPPENINGS) happened[happening] += result.happened[happening];
    if (result.violations.length > 0) failures += 1;
    if (result.violations.length > 0 && failed.length < FAILED_MAX) failed.push(result);
    tell?.(result);
  }
  return { schedules, ...sums, happened, failed, failures };
}
