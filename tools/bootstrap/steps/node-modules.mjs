/** Installs the node modules the lock file names, unless they are there. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { note, SetupError, step } from '../progress.mjs';

const STAMP = join('node_modules', '.kula-lock');
const INSTALLED = join('node_modules', '.package-lock.json');

const readText = (file) => {
  try { return readFileSync(file, 'utf8'); } catch { return undefined; }
};

/** Whether npm's own record of what is installed agrees with the lock file: same versions, nothing but optional packages missing. */
export function agrees(lockText, installedText) {
  if (lockText === undefined || installedText === undefined) return false;
  const wanted = JSON.parse(lockText).packages;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.link === entry.link;
  });
}

/** The npm that runs us, else the one on PATH. */
function npm(root, args) {
  const cli = process.env.npm_execpath;
  const [file, first] = cli?.endsWith('npm-cli.js') && existsSync(cli) ? [process.execPath, [cli]] : ['npm', []];
  const { status, stdout, stderr, error } = spawnSync(file, [...first, ...args, '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error?.code === 'ENOENT') throw new SetupError('npm is missing. Install it with: sudo apt-get install -y npm');
  return { isDone: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

const lastLines = (text) => text.trimEnd().split('\n').slice(-20).join('\n');

/** `npm ci`; where it refuses because the lock lacks builds for other platforms, `npm install` with the lock left alone. */
async function install(root) {
  const first = await step('node modules', 'installing', () => npm(root, ['ci']));
  if (first.isDone) return;
  if (!/EUSAGE|in sync|E404|ETARGET/.test(first.output)) throw new SetupError(`npm ci failed:\n${lastLines(first.output)}`);
  note('node modules', 'npm ci refused (the lock file lacks optional builds, or the registry does)');
  const second = await step('node modules', 'installing without it', () => npm(root, ['install', '--no-save', '--no-package-lock']));
  if (!second.isDone) throw new SetupError(`npm install failed:\n${lastLines(second.output)}`);
}

/** Makes node_modules match package-lock.json. A stamp with the lock's hash makes the second run a matter of reading. */
export async function ensureNodeModules(root) {
  const lock = readText(join(root, 'package-lock.json'));
  if (lock === undefined) throw new SetupError('package-lock.json is missing; restore it with: git checkout -- package-lock.json');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (readText(join(root, STAMP)) === hash && existsSync(join(root, INSTALLED))) return;
  if (!agrees(lock, readText(join(root, INSTALLED)))) await install(root);
  writeFileSync(join(root, STAMP), hash);
}
