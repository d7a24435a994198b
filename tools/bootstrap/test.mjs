/**
 * npm test: sets up what is missing, then runs every test; the ones against real servers share one Postgres.
 *
 * Usage: npm test -- [--unit] [jest options and path patterns]
 * --unit runs those only that need no server.
 * Ends with one line, "N passed, N failed, N skipped", over all passes. Exit code 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';
import { main, note } from './progress.mjs';
import { serverLibrary } from './steps/compiled.mjs';

const UNIT = { name: 'unit tests', pattern: '**/*.spec.ts', options: [] };
const REAL = [
  { name: 'integration tests', pattern: '**/*.int-spec.ts', options: ['--runInBand'] },
  { name: 'scenarios', pattern: '**/*.e2e-spec.ts', options: ['--runInBand'] },
];

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

/** Jest and the run as a whole: one signal ends the running pass, and no other is begun. */
class Run {
  child = undefined;
  stoppedBy = undefined;

  constructor() {
    for (const signal of Object.keys(SIGNALS)) {
      process.on(signal, () => {
        this.stoppedBy ??= signal;
        this.child?.kill(signal);
      });
    }
  }

  /** Jest's exit code, or undefined when it was stopped. */
  jest(args, environment) {
    if (this.stoppedBy) return undefined;
    const options = ['--experimental-vm-modules', join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...args];
    this.child = spawn(process.execPath, options, {
      cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...environment, NODE_NO_WARNINGS: '1' },
    });
    return new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => resolve(this.stoppedBy ? undefined : code ?? 1));
    });
  }
}

/** Counts of one pass; a file that did not even load counts as one failure. */
function countsOf(file, code) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  }
}

/** The same options for every pass; a pass without a matching file is no failure. */
function jestArguments({ pattern, options }, wanted, outputFile) {
  const own = options.filter((option) => !wanted.some((given) => ['-i', '--runInBand'].includes(given) || given === option));
  return [...wanted, ...own, `--testMatch=${pattern}`, '--passWithNoTests', '--forceExit', '--json', `--outputFile=${outputFile}`];
}

async function runTests(args) {
  const wanted = args.filter((arg) => arg !== '--unit');
  const later = args.includes('--unit') ? [] : REAL;
  const run = new Run();
  const folder = mkdtempSync(join(tmpdir(), 'kula-jest-'));
  const total = { passed: 0, failed: 0, skipped: 0 };
  let postgres;
  const pass = async (kind) => {
    if (run.stoppedBy) return;
    note('test', kind.name);
    const outputFile = join(folder, `${kind.name}.json`);
    const code = await run.jest(jestArguments(kind, wanted, outputFile), postgres?.environment ?? {});
    const counts = countsOf(outputFile, code ?? 0);
    for (const key of Object.keys(total)) total[key] += counts[key];
  };
  try {
    await pass(UNIT);
    if (later.length > 0 && !run.stoppedBy) postgres = await (await serverLibrary(ROOT)).startSharedPostgres();
    for (const kind of later) await pass(kind);
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped${run.stoppedBy ? `, stopped by ${run.stoppedBy}` : ''}`);
  return run.stoppedBy ? SIGNALS[run.stoppedBy] : Number(total.failed > 0);
}

await main(async () => {
  await prepare();
  return runTests(process.argv.slice(2));
});
