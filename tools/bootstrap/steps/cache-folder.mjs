/** Where fetched programs are kept: `.cache` of the project, or a folder of this user's in the temp directory. */
import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note, SetupError } from '../progress.mjs';

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A folder in the shared temp directory is used only if it is ours: programs are run from it. */
function ownTempFolder() {
  const uid = process.getuid?.() ?? -1;
  const folder = join(tmpdir(), `kula-cache-${uid}`);
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || (uid >= 0 && found.uid !== uid)) throw new SetupError(`${folder} belongs to somebody else; remove it or set TMPDIR to a folder of your own.`);
  chmodSync(folder, 0o755);
  return folder;
}

/** Absolute path of a writable cache folder; says so when it is not the project's own. */
export function cacheFolder(root) {
  const own = join(root, '.cache');
  if (isWritable(own)) return own;
  const folder = ownTempFolder();
  note('cache', `${own} cannot be written, using ${folder}`);
  return folder;
}
