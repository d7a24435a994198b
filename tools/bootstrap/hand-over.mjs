/** Prepares, then becomes another program: same process, so signals, exit code and terminal need no forwarding. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, ROOT } from './prepare.mjs';
import { main, SetupError } from './progress.mjs';

/** Runs a compiled program of the project, given by its path from the root, with the given arguments. */
export const handOver = (program, args) => main(async () => {
  await prepare();
  const file = join(ROOT, program);
  if (!existsSync(file)) throw new SetupError(`${program} is missing, though its project was compiled; is its source there?`);
  process.argv = [process.argv[0], file, ...args];
  await import(pathToFileURL(file).href);
});
