/**
 * Re-adds to package-lock.json the optional platform builds a registry left out, without which `npm ci` refuses.
 *
 * Usage: node tools/bootstrap/fix-lock.mjs [--check] [FILE]
 * --check changes nothing and exits 1 when entries are missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main, SetupError } from './progress.mjs';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Platform a build is for, by its name: "@swc/core-linux-x64-gnu" is { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }. */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  if (!os || !cpu) return undefined;
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.some((word) => /^(gnu|glibc)/.test(word)) ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc && { libc: [libc] }) };
}

/** Whether a dependency of the package at `path` resolves to an entry of the lock: in its own folder or any folder above. */
function resolves(packages, path, name) {
  for (let folder = path; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (!folder.includes('node_modules/')) return Boolean(packages[`node_modules/${name}`]);
  }
}

function entryFor(name, version, parent) {
  const platform = platformOf(name);
  if (!platform || !EXACT_VERSION.test(version)) throw new SetupError(`${name}@${version} is missing from the lock and its name does not tell its platform; add it by hand`);
  const { cpu, os, libc } = platform;
  return { version, cpu, ...(parent.dev && { dev: true }), ...(libc && { libc }), optional: true, os };
}

/** Optional builds that packages of the lock ask for and the lock lacks, as [path, entry]. */
export function missingEntries(lock) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolves(lock.packages, path, name)) missing.set(`node_modules/${name}`, entryFor(name, version, entry));
    }
  }
  return [...missing];
}

/** The lock with the entries added, in npm's order of paths. */
export function withEntries(lock, entries) {
  const byPath = ([a], [b]) => a.localeCompare(b, 'en');
  return { ...lock, packages: Object.fromEntries([...Object.entries(lock.packages), ...entries].sort(byPath)) };
}

function fixLock(args) {
  const file = args.find((arg) => !arg.startsWith('--')) ?? fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  const isCheck = args.includes('--check');
  if (isCheck && missing.length > 0) {
    throw new SetupError(`${missing.map(([path]) => path).join('\n')}\n${missing.length} optional build(s) missing from the lock; add them with: node tools/bootstrap/fix-lock.mjs`);
  }
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(withEntries(lock, missing), null, 2)}\n`);
  console.log(missing.length === 0 ? 'lock: complete' : `lock: ${missing.length} optional build(s) added`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(() => fixLock(process.argv.slice(2)));
