import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const mountTmpfs = (folder: string, megabytes: number) => ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder];

/** True where this process may mount a disk of its own: as root, outside of most containers. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'kula-mount-'));
  try {
    execFileSync('mount', mountTmpfs(folder, 1), { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A disk in the place of a folder. */
export interface SmallDisk {
  grow(megabytes: number): Promise<void>;
  /** Whoever writes there has to be down. */
  remove(): Promise<void>;
}

/** Puts what is in a folder onto a disk of so many megabytes that takes the folder's place. Whoever writes there has to be down. */
export async function onSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  const aside = `${folder}.aside`;
  await run('cp', ['-a', folder, aside]);
  await run('mount', mountTmpfs(folder, megabytes));
  await run('cp', ['-a', `${aside}/.`, folder]);
  await run('rm', ['-rf', aside]);
  return {
    grow: async (larger) => { await run('mount', ['-o', `remount,size=${larger}m`, folder]); },
    remove: async () => { await run('umount', [folder]); },
  };
}
