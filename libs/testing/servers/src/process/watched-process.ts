import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerError } from './server-error.js';

/** User and group a process is dropped to. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface WatchedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Standard output and error are appended here; opened before the account is dropped. */
  readonly logFile: string;
  /** Undefined: runs as the calling user. */
  readonly account: Account | undefined;
  /** What the watchdog sends when this process has died. */
  readonly lastSignal: 'INT' | 'TERM';
}

/**
 * Starts the server in place of the shell, with a watchdog beside it that blocks on descriptor 3. The pipe breaks when the parent is
 * gone, however it died: the watchdog then ends the server, by force after five seconds. A line on the pipe releases the watchdog.
 */
const WATCHDOG = `
( ( trap '' INT TERM HUP
    exec </dev/null >/dev/null 2>&1
    IFS= read -r released <&3 && exit 0
    kill -s "$0" $$
    n=0
    while [ $n -lt 50 ] && kill -0 $$; do sleep 0.1; n=$((n + 1)); done
    kill -s KILL $$ ) & )
exec "$@" 3<&-`;

const isReachable = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/**
 * A server process that cannot outlive its parent.
 *
 * It runs in a session of its own, so that Ctrl-C reaches it through its parent only, and it does not keep the parent's event loop alive.
 *
 * @invariant once this process is gone, by whatever signal, the server ends within about five seconds.
 */
export class WatchedProcess {
  readonly pid: number;
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;

  constructor({ file, args, cwd, env, logFile, account, lastSignal }: WatchedCommand) {
    const log = openSync(logFile, 'a', 0o600);
    this.child = spawn('/bin/sh', ['-c', WATCHDOG, lastSignal, file, ...args], {
      cwd, env, detached: true, stdio: ['ignore', log, log, 'pipe'],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    closeSync(log);
    const leash = this.child.stdio[3] as Socket;
    leash.on('error', () => leash.destroy());
    leash.unref();
    this.child.unref();
    this.exited = new Promise((resolve) => {
      this.child.once('error', () => resolve());
      this.child.once('exit', () => { leash.end('released\n'); resolve(); });
    });
    if (this.child.pid === undefined) throw new ServerError(`${file} could not be started${account ? ` as user ${account.uid}` : ''}`);
    this.pid = this.child.pid;
  }

  get isRunning(): boolean {
    return isReachable(this.child);
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(name);
  }

  /** Sends the signals in turn, each with its time to work (milliseconds), until the process has ended; then by force. */
  async end(steps: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> {
    this.child.ref();
    for (const [name, graceMs] of steps) {
      this.signal(name);
      const patience = new AbortController();
      await Promise.race([this.exited, delay(graceMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
      if (!this.isRunning) break;
    }
    this.signal('SIGKILL');
    await this.exited;
  }
}
