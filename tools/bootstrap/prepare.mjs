/**
 * Makes a fresh clone ready to run: node modules, nats-server, Postgres, compiled code. Needs nothing but Node and npm.
 *
 * Usage: node tools/bootstrap/prepare.mjs
 * Says what it does while it does it; says nothing and takes well under a second when everything is there.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOrFetchNatsServer } from './nats-server/find.mjs';
import { main } from './progress.mjs';
import { cacheFolder } from './steps/cache-folder.mjs';
import { checkPostgres, ensureCompiled } from './steps/compiled.mjs';
import { ensureNodeModules } from './steps/node-modules.mjs';
import { checkNodeVersion } from './steps/node-version.mjs';
import { alone } from './steps/run-lock.mjs';

/** Root folder of the project, without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Prepares everything, alone among set-ups of this project; names the nats-server to this process and its children by NATS_SERVER_BIN.
 *
 * @throws SetupError with the command that helps when something cannot be had.
 */
export async function prepare() {
  checkNodeVersion();
  const cache = cacheFolder(ROOT);
  await alone(join(cache, 'set-up.lock'), async () => {
    await ensureNodeModules(ROOT, cache);
    const { file } = await findOrFetchNatsServer(cache);
    process.env.NATS_SERVER_BIN = file;
    ensureCompiled(ROOT);
    await checkPostgres(ROOT);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(prepare);
