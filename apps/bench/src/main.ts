import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@kula/testing-dev-network';
import { gateway } from './benchmarks/gateway.js';
import { log } from './benchmarks/log.js';
import { peers } from './benchmarks/peers.js';
import { propagation } from './benchmarks/propagation.js';
import { signatures } from './benchmarks/signatures.js';
import { startup } from './benchmarks/startup.js';
import { story } from './benchmarks/story.js';
import type { Measured } from './measure.js';
import { toDocument, toTable } from './table.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<Measured>>> = { startup, gateway, propagation, signatures, story, log, peers };

const [wanted] = process.argv.slice(2);
const names = wanted === '--all' ? Object.keys(BENCHMARKS) : [wanted ?? ''];
const measured: Measured[] = [];

for (const name of names) {
  const run = BENCHMARKS[name];
  if (run === undefined) {
    process.stderr.write(`npm run bench -- NAME, with NAME one of ${Object.keys(BENCHMARKS).join(', ')}; or --all\n`);
    process.exit(2);
  }
  process.stderr.write(`measuring ${name} …\n`);
  const result = await run();
  measured.push(result);
  process.stdout.write(`${toTable(result)}\n\n`);
  // After each one: whoever breaks off keeps what was measured.
  if (wanted === '--all') writeFileSync(join(workspaceRoot(), 'docs/benchmarks.md'), toDocument(measured));
}
process.stdout.write(`${JSON.stringify(Object.fromEntries(measured.map(({ name, numbers }) => [name, numbers])))}\n`);
process.exit(0);
