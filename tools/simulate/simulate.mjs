/**
 * Runs a simulator: the decisions of production under a seeded scheduler, a virtual clock and faults of every kind.
 *
 *   npm run simulate -- log [--schedules N] [--seed S] [--verbose]
 *
 * Runs the schedules of the seeds S to S + N − 1: 1,000 from seed 1 unless told otherwise. `--verbose` prints of each what
 * happened when and what every node holds in the end. Exit code 1 where anything happened that must not, 2 where the
 * question is not understood.
 */
import { readArguments, Refusal } from './arguments.mjs';
import { progressLine } from './progress-line.mjs';
import { failureText, summaryText } from './summary.mjs';
import { simulateLog } from '../../libs/testing/simulation/dist/index.js';

function run({ schedules, seed, isVerbose }) {
  const progress = progressLine(schedules);
  const startedMs = Date.now();
  const summary = simulateLog({
    seed, schedules, isTold: isVerbose,
    tell: (result) => {
      if (isVerbose) process.stdout.write(`seed ${result.seed}\n${result.timeline.join('\n')}\n`);
      progress.advance(result.violations.length > 0);
    },
  });
  progress.end();
  process.stdout.write(summaryText(summary, { seed, seconds: (Date.now() - startedMs) / 1000 }));
  for (const result of summary.failed) process.stdout.write(failureText(result));
  return summary.failures === 0 ? 0 : 1;
}

try {
  process.exitCode = run(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
