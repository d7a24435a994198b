import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, sep } from 'node:path';
import type { Account } from '../process/watched-process.js';

function accountNamed(name: string): Account | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    return uid !== undefined && gid !== undefined && Number(uid) > 0 ? { uid: Number(uid), gid: Number(gid) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The account Postgres runs under: undefined (our own) unless we are root, which Postgres refuses.
 * For root the owner of an existing cluster, else `postgres`, else `nobody`; no account is created.
 */
export function postgresAccount(clusterFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(clusterFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return accountNamed('postgres') ?? accountNamed('nobody') ?? { uid: 65534, gid: 65534 };
}

/** Whether the account can enter a folder, all its parents included. Starts one short process when an account is given. */
export function canEnter(account: Account | undefined, folder: string): boolean {
  if (account === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { cwd: '/', stdio: 'ignore', uid: account.uid, gid: account.gid }).status === 0;
}

const PASSABLE = 0o011;

/** Lets others pass through (not read) a data folder of ours, and through what lies between it and the temp folder it may be in. */
export function makePassable(dataDir: string): void {
  const temp = tmpdir() + sep;
  for (let folder = dataDir; folder === dataDir || folder.startsWith(temp); folder = dirname(folder)) {
    const { uid, mode } = statSync(folder);
    if (uid === process.getuid?.() && (mode & PASSABLE) !== PASSABLE) chmodSync(folder, (mode & 0o7777) | PASSABLE);
  }
}
