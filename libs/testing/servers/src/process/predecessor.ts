import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;
const ENDING_MS_MAX = 10_000;
const STARTER_FILE = 'started-by';

/** The server a folder belongs to. */
export interface Tenancy {
  /** Folder of ours where the process id of the starting process is noted. */
  readonly folder: string;
  /** File the server keeps its process id in, on the first line. */
  readonly pidFile: string;
  /** Path that only a server of this folder has on its command line. */
  readonly marker: string;
}

function pidIn(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}

/** Whether the process runs and carries the marker on its command line; a reused process id does not. */
function runsFor(pid: number, marker: string): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(marker);
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

/** Notes that this process started the folder's server. */
export function noteStarter(folder: string): void {
  writeFileSync(join(folder, STARTER_FILE), `${process.pid}\n`);
}

/**
 * Process id of a server that still runs on the folder, or undefined.
 *
 * A server whose starter has died is being ended by its watchdog at this moment: that is waited for, ten seconds at most.
 */
export async function runningTenant({ folder, pidFile, marker }: Tenancy): Promise<number | undefined> {
  const pid = pidIn(pidFile);
  for (let waitedMs = 0; runsFor(pid, marker); waitedMs += POLL_MS) {
    const isKept = parentOf(pid) === pidIn(join(folder, STARTER_FILE));
    if (isKept || waitedMs >= ENDING_MS_MAX) return pid;
    await delay(POLL_MS);
  }
  return undefined;
}
