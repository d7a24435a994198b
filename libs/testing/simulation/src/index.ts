export { simulateLog, type SimulationOptions, type SimulationSummary } from './log/simulate-log.js';
export { runLogSchedule, type ScheduleOptions, type ScheduleResult } from './log/run-schedule.js';
export { HAPPENINGS, type Happening, type HappeningCounts } from './log/happenings.js';
export { BUGS, type Bug } from './log/bugs.js';
