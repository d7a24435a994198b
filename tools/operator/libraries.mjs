/** Installs and compiles what the commands of an operator are made of. Neither Postgres nor nats-server is needed on this machine. */
import { join } from 'node:path';
import { ROOT } from '../bootstrap/prepare.mjs';
import { cacheFolder } from '../bootstrap/steps/cache-folder.mjs';
import { ensureCompiled } from '../bootstrap/steps/compiled.mjs';
import { ensureNodeModules } from '../bootstrap/steps/node-modules.mjs';
import { checkNodeVersion } from '../bootstrap/steps/node-version.mjs';
import { alone } from '../bootstrap/steps/run-lock.mjs';

/** Call it before importing anything that imports a library. @throws SetupError with the command that helps. */
export async function prepareLibraries() {
  checkNodeVersion();
  const cache = cacheFolder(ROOT);
  await alone(join(cache, 'set-up.lock'), async () => {
    await ensureNodeModules(ROOT, cache);
    ensureCompiled(ROOT);
  });
}
