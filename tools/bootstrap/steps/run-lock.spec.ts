import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alone } from './run-lock.mjs';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kula-lock-spec-'));
  lock = join(folder, 'set-up.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = new URL('./run-lock.mjs', import.meta.url).href;

/** A process that appends "in" and "out" around some work done under the lock. */
function worker(log: string): Promise<number | null> {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { alone } from ${JSON.stringify(MODULE)};
    await alone(${JSON.stringify(lock)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await new Promise((resolve) => setTimeout(resolve, 30));
      appendFileSync(${JSON.stringify(log)}, 'out ');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', resolve));
}

describe('a set-up', () => {
  it('runs alone and leaves no lock behind', async () => {
    const log = join(folder, 'log');
    expect(await Promise.all([1, 2, 3].map(() => worker(log)))).toEqual([0, 0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('in out in out in out ');
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(lock, `${pid} 1\n`);
    expect(await alone(lock, () => 'done')).toBe('done');
  });

  it('takes over a lock whose process id now belongs to a stranger', async () => {
    writeFileSync(lock, `${process.pid} 1\n`);
    expect(await alone(lock, () => 'done')).toBe('done');
  });

  it('lets go of the lock when it fails', async () => {
    await expect(alone(lock, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(existsSync(lock)).toBe(false);
  });
});
