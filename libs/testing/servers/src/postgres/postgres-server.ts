import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { lastLines, logSince, openLog } from '../process/log-file.js';
import { noteStarter, runningTenant } from '../process/predecessor.js';
import { ServerError } from '../process/server-error.js';
import { WatchedProcess } from '../process/watched-process.js';
import type { Account } from '../process/watched-process.js';
import { postgresAccount } from './account.js';
import { findPostgresBinaries } from './binaries.js';
import { clusterFolder, ensureCluster, postgresEnvironment } from './cluster.js';

const ATTEMPTS_MAX = 8;
const RETRY_MS = 250;
const READY_POLL_MS = 15;
const READY_MS_MAX = 60_000;

export interface PostgresOptions {
  /** Everything the server keeps, its log included; used again on the next start. */
  readonly dataDir: string;
  /** Wanted port; by default the one of the last start, else a free one. */
  readonly port?: number;
  /** True (default): a commit survives a crash of the machine. False: fast and forgetful, for tests. */
  readonly durable?: boolean;
  /** Receives one line per event of interest. */
  readonly log?: (line: string) => void;
}

export interface PostgresServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly pid: number;
  readonly superuserUrl: string;
  /** Connection URL for a database and a login; the password may be left out for display. */
  url(database: string, user: string, password?: string): string;
  /** Ends open sessions, writes everything down and stops. Safe to call twice. */
  stop(): Promise<void>;
  /** Kills the server as a crash would. */
  kill(): Promise<void>;
}

interface Launch {
  readonly binFolder: string;
  readonly cluster: string;
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly logFile: string;
}

const DURABLE = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'];
const FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

function launch({ binFolder, cluster, account, durable, logFile }: Launch, port: number): WatchedProcess {
  const settings = [
    `port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=',
    'max_connections=200', 'shared_buffers=32MB', 'timezone=UTC', 'log_timezone=UTC', 'jit=off',
    ...(durable ? DURABLE : FORGETFUL),
  ];
  return new WatchedProcess({
    file: join(binFolder, 'postgres'), args: ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
    cwd: cluster, env: postgresEnvironment(), logFile, account, lastSignal: 'INT',
  });
}

/** Whether the server accepts connections; false when it has ended instead. */
async function isUp(server: WatchedProcess, cluster: string): Promise<boolean> {
  const status = (): string[] => {
    try {
      return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return [];
    }
  };
  for (let waitedMs = 0; waitedMs < READY_MS_MAX && server.isRunning; waitedMs += READY_POLL_MS) {
    const lines = status();
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return true;
    await delay(READY_POLL_MS);
  }
  await server.end([['SIGQUIT', 5_000]]);
  return false;
}

function rememberedPort(file: string): number | undefined {
  const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return port > 0 ? port : undefined;
}

/** Removes the lock file of a server that was killed: its process id may meanwhile belong to a stranger. */
async function clearStaleLock(folder: string, cluster: string): Promise<void> {
  const lock = join(cluster, 'postmaster.pid');
  const pid = await runningTenant({ folder, pidFile: lock, marker: cluster });
  if (pid !== undefined) throw new ServerError(`a Postgres is already running on ${cluster} (process ${pid})`);
  rmSync(lock, { force: true });
  noteStarter(folder);
}

const PORT_TAKEN = /Address already in use|could not bind/;
const STILL_ENDING = /pre-existing shared memory block/;

interface Started {
  readonly server: WatchedProcess;
  readonly port: number;
}

/** Starts on the wanted port, or on a free one when it is taken and was only remembered. */
async function startOnPort(setup: Launch, wanted: number | undefined, isFixed: boolean): Promise<Started> {
  let port = wanted ?? await freePort();
  for (let attempt = 1; ; attempt += 1) {
    const from = openLog(setup.logFile);
    const server = launch(setup, port);
    if (await isUp(server, setup.cluster)) return { server, port };
    const said = logSince(setup.logFile, from);
    const isTaken = PORT_TAKEN.test(said);
    if (attempt >= ATTEMPTS_MAX || !(isTaken || STILL_ENDING.test(said))) {
      throw new ServerError(`Postgres did not start on 127.0.0.1:${port}; ${setup.logFile} ends with:\n${lastLines(said)}`);
    }
    if (isTaken && !isFixed) port = await freePort();
    else await delay(RETRY_MS);
  }
}

const loginUrl = (port: number) => (database: string, user: string, password?: string): string => {
  const login = [user, ...(password === undefined ? [] : [password])].map(encodeURIComponent).join(':');
  return `postgres://${login}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
};

/**
 * A running Postgres of our own on 127.0.0.1: no socket files, no clash with another server, gone when this process is gone.
 *
 * Everybody, the superuser `postgres` included, proves a password; 200 connections. First start about a second (initdb), later 0.1 s.
 * A start after a crash recovers what was committed. Port and data stay the same from start to start.
 *
 * @throws ServerError when no programs are found, the folder is in use or belongs to another, or a given port is taken.
 */
export async function startPostgres({ dataDir, port, durable = true, log = () => undefined }: PostgresOptions): Promise<PostgresServer> {
  const folder = resolve(dataDir);
  const guess = postgresAccount(join(folder, 'pgdata'));
  const cluster = clusterFolder(folder, guess);
  const account = postgresAccount(cluster);
  const binaries = findPostgresBinaries(account);
  const password = await ensureCluster({ cluster, binaries, account, durable });
  await clearStaleLock(folder, cluster);
  const portFile = join(folder, 'port');
  const setup = { binFolder: binaries.folder, cluster, account, durable, logFile: join(folder, 'postgres.log') };
  const started = await startOnPort(setup, port ?? rememberedPort(portFile), port !== undefined);
  writeFileSync(portFile, `${started.port}\n`);
  log(`Postgres ${binaries.major} on 127.0.0.1:${started.port}, data in ${cluster}`);
  const { server } = started;
  const url = loginUrl(started.port);
  return {
    host: '127.0.0.1', port: started.port, pid: server.pid, url,
    superuserUrl: url('postgres', 'postgres', password),
    stop: () => server.end([['SIGINT', 20_000], ['SIGQUIT', 5_000]]),
    kill: () => server.end([]),
  };
}
