import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Whether a process with this id runs and carries the marker (a path only it was started with) on its command line. */
export function isServerOf(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(marker);
  } catch {
    return false;
  }
}

/** Process id in the first line of a file, or undefined. */
export function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Waits until the server that used this folder before has ended: its parent may have died a moment ago and its watchdog be at work.
 * False when it still runs after `waitMs`.
 */
export async function predecessorIsGone(pidFile: string, marker: string, waitMs: number): Promise<boolean> {
  const pid = pidIn(pidFile);
  if (pid === undefined) return true;
  for (let waitedMs = 0; isServerOf(pid, marker); waitedMs += POLL_MS) {
    if (waitedMs >= waitMs) return false;
    await delay(POLL_MS);
  }
  return true;
}
