/**
 * npm run faults -- [--count N] [--seed S] [--log]: plays the story N times while processes of a node are killed at random moments.
 *
 * With --log it is the log between nodes that is put under fault instead, in the long form: cuts, kills, full disks, restored
 * backups, peers that lie, and N networks of five nodes under random faults. Figures are told on the way.
 * Run k uses seed S + k, so that a failing one can be repeated alone. Without options: 3 runs from seed 1.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ROOT } from './prepare.mjs';
import { main } from './progress.mjs';

function wholeNumber(text, name) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
  return String(value);
}

await main(async () => {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' }, log: { type: 'boolean', default: false } } });
  const environment = { KULA_FAULT_RUNS: wholeNumber(values.count, 'count'), KULA_FAULT_SEED: wholeNumber(values.seed, 'seed') };
  const specs = values.log ? 'apps/network-e2e/src/log/' : 'apps/network-e2e/src/faults';
  const child = spawn(process.execPath, [join(ROOT, 'tools/bootstrap/test.mjs'), specs], { stdio: 'inherit', env: { ...process.env, ...environment } });
  return new Promise((resolve) => { child.once('close', (code) => resolve(code ?? 1)); });
});
