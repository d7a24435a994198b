import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerError } from '../process/server-error.js';
import { lastLines } from '../process/log-file.js';
import type { Account } from '../process/watched-process.js';
import { canEnter, makePassable } from './account.js';
import type { PostgresBinaries } from './binaries.js';

const PASSWORD_FILE = 'superuser-password';
const HOST_BASED_ACCESS = '# Everybody proves a password; nobody comes from elsewhere.\nhost all all 127.0.0.1/32 scram-sha-256\n';

export interface ClusterRequest {
  readonly cluster: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly durable: boolean;
}

/**
 * Folder of the cluster below a data folder: `pgdata` in it, or a place in /var/tmp when the account cannot enter there
 * (root with a project under its own closed home). The place follows from the path, so that a restart finds it.
 */
export function clusterFolder(dataDir: string, account: Account | undefined): string {
  mkdirSync(dataDir, { recursive: true });
  if (account) makePassable(dataDir);
  if (canEnter(account, dataDir)) return join(dataDir, 'pgdata');
  const place = join('/var/tmp', `kula-postgres-data-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
  const pointer = join(dataDir, 'pgdata-is-at');
  // No pointer: the data folder was removed by hand since, and its cluster goes with it.
  if (!existsSync(pointer)) rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  if (statSync(place).uid !== process.getuid?.()) throw new ServerError(`${place} belongs to somebody else`);
  writeFileSync(pointer, `${place}\n`);
  return join(place, 'pgdata');
}

/** Environment of the Postgres programs: nothing that a user set for clients, and no locale of the machine. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG');
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function run(file: string, args: readonly string[], account: Account | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: '/', env: postgresEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], ...(account && { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { output += bytes.toString('utf8'); });
    child.once('error', (error) => reject(new ServerError(`${file}: ${error.message}`)));
    child.once('close', (code) => code === 0 ? resolve() : reject(new ServerError(`${file} failed (${String(code)}):\n${lastLines(output)}`)));
  });
}

const localeOptions = (major: number): string[] => major >= 17
  ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  : ['--locale=C'];

function writeAs(account: Account | undefined, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (account) chownSync(file, account.uid, account.gid);
}

async function createCluster({ cluster, binaries, account, durable }: ClusterRequest): Promise<void> {
  const fresh = mkdtempSync(`${cluster}.new-`);
  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${fresh}.password`;
  try {
    if (account) chownSync(fresh, account.uid, account.gid);
    writeAs(account, passwordFile, `${password}\n`);
    await run(join(binaries.folder, 'initdb'), [
      '-D', fresh, '-U', 'postgres', '-E', 'UTF8', ...localeOptions(binaries.major),
      '--auth=scram-sha-256', `--pwfile=${passwordFile}`, ...(durable ? [] : ['--no-sync']),
    ], account);
    writeAs(account, join(fresh, 'pg_hba.conf'), HOST_BASED_ACCESS);
    writeAs(account, join(fresh, PASSWORD_FILE), `${password}\n`);
    renameSync(fresh, cluster);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(fresh, { recursive: true, force: true });
  }
}

function checkOwner(cluster: string, account: Account | undefined): void {
  const found = statSync(cluster, { throwIfNoEntry: false });
  const wanted = account?.uid ?? process.getuid?.();
  if (found !== undefined && found.uid !== wanted) {
    throw new ServerError(`${cluster} belongs to user ${found.uid}, but Postgres would run as user ${String(wanted)}: start as before, or remove that folder (it holds the data)`);
  }
}

/**
 * Makes the cluster unless it is there; returns its superuser's password, which is kept in it, readable by its owner only.
 *
 * A crash half-way leaves no half cluster: it is made beside and then renamed.
 *
 * @throws ServerError when the folder belongs to another user or to another major version.
 */
export async function ensureCluster(request: ClusterRequest): Promise<string> {
  const { cluster, binaries, account } = request;
  checkOwner(cluster, account);
  const versionFile = join(cluster, 'PG_VERSION');
  if (!existsSync(versionFile)) await createCluster(request);
  const major = Number(readFileSync(versionFile, 'utf8'));
  if (major !== binaries.major) {
    throw new ServerError(`${cluster} was made by Postgres ${major}, the programs at hand are of ${binaries.major}: remove that folder (it holds the data), or name the old programs in KULA_POSTGRES_BIN`);
  }
  return readFileSync(join(cluster, PASSWORD_FILE), 'utf8').trim();
}
