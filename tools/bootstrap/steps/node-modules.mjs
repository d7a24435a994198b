/** Installs the node modules the lock file names, unless they are there. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { note, SetupError, step } from '../progress.mjs';

const STAMP = join('node_modules', '.kula-lock');
const INSTALLED = join('node_modules', '.package-lock.json');

const readText = (file) => {
  try { return readFileSync(file, 'utf8'); } catch { return undefined; }
};

/**
 * Whether npm's own record of what is installed agrees with the lock file: same versions, nothing but optional packages missing.
 * Projects of the workspace are links; whether those are there is asked of `isLinked`, by path.
 */
export function agrees(lockText, installedText, isLinked) {
  if (lockText === undefined || installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(JSON.parse(lockText).packages).every(([path, entry]) => {
    if (!/(^|\/)node_modules\//.test(path)) return true;
    if (entry.link) return isLinked(path);
    const found = installed[path];
    return found === undefined ? Boolean(entry.optional || entry.devOptional) : found.version === entry.version;
  });
}

const lastLines = (text) => text.trimEnd().split('\n').slice(-20).join('\n');

/** Where npm keeps downloads: where it is set up to, or in the project's cache for a user without a home. */
function npmCacheOption(cache) {
  const own = process.env.npm_config_cache || join(homedir(), '.npm');
  try {
    mkdirSync(own, { recursive: true });
    accessSync(own, constants.W_OK);
    return [];
  } catch {
    return [`--cache=${join(cache, 'npm')}`];
  }
}

/** Runs the npm that runs us, else the one on PATH. Install scripts stay off: nothing here needs one. */
function npm({ root, cache }, ...args) {
  const cli = process.env.npm_execpath;
  const [file, first] = cli?.endsWith('npm-cli.js') && existsSync(cli) ? [process.execPath, [cli]] : ['npm', []];
  const all = [...first, ...args, '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', ...npmCacheOption(cache)];
  const { status, stdout, stderr, error } = spawnSync(file, all, {
    cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error?.code === 'ENOENT') throw new SetupError('npm is missing. Install it with: sudo apt-get install -y npm');
  if (status !== 0) throw new SetupError(`npm ${args.join(' ')} failed:\n${lastLines(`${stdout}${stderr}`)}`);
}

/** `npm ci`; where it refuses because the lock or the registry lacks builds for other platforms, `npm install` that leaves the lock alone. */
async function install(place) {
  try {
    await step('node modules', 'installing', () => npm(place, 'ci'));
  } catch (error) {
    note('node modules', 'npm ci refused; npm install can do without builds for other platforms');
    await step('node modules', 'installing', () => npm(place, 'install', '--no-save'))
      .catch((second) => { throw new SetupError(`${error.message}\n${second.message}`); });
  }
}

function stamp(root, hash) {
  try {
    writeFileSync(join(root, STAMP), hash);
  } catch {
    // A tree that belongs to somebody else is checked in full each time.
  }
}

/** Makes node_modules match package-lock.json. A stamp with the lock's hash makes the second run a matter of reading. */
export async function ensureNodeModules(root, cache) {
  const lock = readText(join(root, 'package-lock.json'));
  if (lock === undefined) throw new SetupError('package-lock.json is missing; restore it with: git checkout -- package-lock.json');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (readText(join(root, STAMP)) === hash && existsSync(join(root, INSTALLED))) return;
  const isLinked = (path) => existsSync(join(root, path));
  if (!agrees(lock, readText(join(root, INSTALLED)), isLinked)) await install({ root, cache });
  stamp(root, hash);
}
