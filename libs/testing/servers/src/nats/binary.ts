import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerError } from '../process/server-error.js';

const RECORD = join('.cache', 'nats-server', 'current');

/** [major, minor] of a nats-server, or undefined when the file is none that runs here. */
function versionOf(file: string): readonly [number, number] | undefined {
  const { stdout, status } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const found = /v?(\d+)\.(\d+)\.\d+/.exec(stdout ?? '');
  return status === 0 && found ? [Number(found[1]), Number(found[2])] : undefined;
}

const isRecent = (file: string): boolean => {
  const [major, minor] = versionOf(file) ?? [0, 0];
  return major > 2 || (major === 2 && minor >= 10);
};

/** The path the set-up recorded in the project's cache, looked for from here upwards. */
function recorded(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const record = join(folder, RECORD);
    if (!existsSync(record)) continue;
    const file = readFileSync(record, 'utf8').trim();
    if (existsSync(file)) return file;
  }
  return undefined;
}

function onPath(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  return folders.map((folder) => join(folder, 'nats-server')).find((file) => existsSync(file) && isRecent(file));
}

/**
 * Path of the nats-server to run: NATS_SERVER_BIN, else the one the set-up recorded, else one of 2.10 or later on PATH.
 *
 * @throws ServerError when there is none.
 */
export function findNatsServer(): string {
  const chosen = process.env['NATS_SERVER_BIN'];
  if (chosen && versionOf(chosen) === undefined) throw new ServerError(`NATS_SERVER_BIN=${chosen} is not a nats-server that runs here`);
  const file = chosen || recorded() || onPath();
  if (file === undefined) throw new ServerError('no nats-server found; fetch one with: node tools/bootstrap/prepare.mjs');
  return file;
}
