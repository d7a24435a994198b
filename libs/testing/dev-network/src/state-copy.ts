import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a part keeps on disk: folders of a node that can be copied while the part is down. */
export type KeptFolder = 'postgres' | 'nats';

/** Copies folders of a node aside, owners and modes included, over an earlier copy of that name. The parts have to be down. */
export async function copyAside(dir: string, name: string, folders: readonly KeptFolder[]): Promise<void> {
  for (const folder of folders) await copyFolder(join(dir, folder), asideOf(dir, name, folder));
}

/** Puts folders copied aside in the place of what is there now. The parts have to be down. */
export async function putBack(dir: string, name: string, folders: readonly KeptFolder[]): Promise<void> {
  for (const folder of folders) await copyFolder(asideOf(dir, name, folder), join(dir, folder));
}

const asideOf = (dir: string, name: string, folder: KeptFolder) => join(dir, `${folder}.${name}`);

async function copyFolder(from: string, to: string): Promise<void> {
  if (!existsSync(from)) throw new Error(`there is no ${from} to copy`);
  await rm(to, { recursive: true, force: true });
  // Node's own copy does not keep the owner, and Postgres refuses a folder that is not its own.
  await run('cp', ['-a', from, to]);
}
