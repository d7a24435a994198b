/** One set-up at a time: a lock file with the holder's process id, taken over when the holder is gone. */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { note } from '../progress.mjs';

const POLL_MS = 200;

/** When a process started, in the kernel's ticks: tells a process from a later one with the same id. Empty where unknown. */
function startOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isHeld(text) {
  const [pid, started] = text.trim().split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return !started || startOf(pid) === started;
}

const readLock = (file) => {
  try { return readFileSync(file, 'utf8'); } catch { return undefined; }
};

/** Whether the lock is ours now. A link is made whole or not at all, so nobody reads half a lock. */
function taken(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${startOf(process.pid)}\n`);
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves a dead holder's lock aside; puts it back if somebody else had taken over in between. */
function clearStale(file, seen) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readLock(aside) !== seen && !existsSync(file)) linkSync(aside, file);
  rmSync(aside, { force: true });
}

/** Runs the work alone among all set-ups of this project; waits for another's to end, however long that takes. */
export async function alone(file, work) {
  for (let hasSaid = false; !taken(file);) {
    const holder = readLock(file);
    if (holder !== undefined && !isHeld(holder)) clearStale(file, holder);
    if (holder === undefined || !isHeld(holder)) continue;
    if (!hasSaid) note('set-up', `waiting for process ${holder.trim().split(' ')[0]}, which is setting up too`);
    hasSaid = true;
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
