/** Compiles what is newer than its output, and checks with the compiled code that Postgres can be started. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError } from '../progress.mjs';

export function ensureCompiled(root) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'workspace', 'build.mjs'), '--quiet'], {
    cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new SetupError(`The project does not compile:\n${`${stdout}${stderr}`.trim()}`);
}

/** The server library, compiled; import it only after `ensureCompiled`. */
export const serverLibrary = (root) => import(pathToFileURL(join(root, 'libs', 'testing', 'servers', 'dist', 'index.js')).href);

/** @throws SetupError when there are no Postgres programs that run here, with the command that helps. */
export async function checkPostgres(root) {
  const { findPostgresBinaries, ServerError } = await serverLibrary(root);
  try {
    return findPostgresBinaries();
  } catch (error) {
    throw error instanceof ServerError ? new SetupError(error.message) : error;
  }
}
