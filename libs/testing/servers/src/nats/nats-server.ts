import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, logSince, openLog } from '../process/log-file.js';
import { noteStarter, runningTenant } from '../process/predecessor.js';
import { ServerError } from '../process/server-error.js';
import { WatchedProcess } from '../process/watched-process.js';
import { findNatsServer } from './binary.js';

const POLL_MS = 5;
const READY_MS_MAX = 30_000;
const RELOAD_MS_MAX = 10_000;
const PORT_ATTEMPTS_MAX = 20;
const RETRY_MS = 250;

export interface NatsOptions {
  /** Where streams, the log and a given configuration text are kept; used again on the next start. */
  readonly storeDir: string;
  /** A configuration file of the caller's; read again on reload. */
  readonly configFile?: string;
  /** Or the text of one, kept in the store folder, readable by its owner only. */
  readonly config?: string;
  /** Client port; a free one when left out. Give the port of the last start to restart a server in place. */
  readonly port?: number;
  /** Receives one line per event of interest. */
  readonly log?: (line: string) => void;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly monitorUrl: string;
  readonly pid: number;
  /** Closes connections, writes everything down and stops. Safe to call twice. */
  stop(): Promise<void>;
  /** Kills the server as a crash would. */
  kill(): Promise<void>;
  /** Reads the configuration file again; rejects with the server's own words when it refuses. */
  reload(): Promise<void>;
}

interface Ports {
  readonly nats?: readonly string[];
  readonly monitoring?: readonly string[];
}

function configFileOf({ configFile, config = '' }: NatsOptions, storeDir: string): string {
  if (configFile !== undefined) return resolve(configFile);
  const file = join(storeDir, 'nats-server.conf');
  writeFileSync(file, config, { mode: 0o600 });
  return file;
}

/** The ports file, or undefined while it is missing or still being written. */
function portsIn(folder: string): Ports | undefined {
  try {
    const name = readdirSync(folder).find((entry) => entry.endsWith('.ports'));
    return name === undefined ? undefined : JSON.parse(readFileSync(join(folder, name), 'utf8')) as Ports;
  } catch {
    return undefined;
  }
}

async function portsWhenUp(server: WatchedProcess, folder: string): Promise<Ports | undefined> {
  for (let waitedMs = 0; waitedMs < READY_MS_MAX && server.isRunning; waitedMs += POLL_MS) {
    const ports = portsIn(folder);
    if (ports !== undefined) return ports;
    await delay(POLL_MS);
  }
  await server.end([]);
  return undefined;
}

interface Started {
  readonly server: WatchedProcess;
  readonly ports: Ports;
}

/** Starts; waits for a given port that the server before has not let go of yet. */
async function startOnPort(storeDir: string, configFile: string, port: number | undefined): Promise<Started> {
  const logFile = join(storeDir, 'nats-server.log');
  for (let attempt = 1; ; attempt += 1) {
    const from = openLog(logFile);
    const portsFolder = mkdtempSync(join(storeDir, 'ports-'));
    const server = new WatchedProcess({
      file: findNatsServer(),
      args: ['-c', configFile, '-a', '127.0.0.1', '-p', String(port ?? -1), '-m', '-1', '-sd', storeDir,
        '-P', join(storeDir, 'nats-server.pid'), '--ports_file_dir', portsFolder, '-l', logFile],
      cwd: storeDir, env: process.env, logFile, account: undefined, lastSignal: 'INT',
    });
    const ports = await portsWhenUp(server, portsFolder);
    rmSync(portsFolder, { recursive: true, force: true });
    if (ports !== undefined) return { server, ports };
    const said = logSince(logFile, from);
    if (attempt >= PORT_ATTEMPTS_MAX || !/address already in use/i.test(said)) {
      throw new ServerError(`nats-server did not start; ${logFile} ends with:\n${lastLines(said)}`);
    }
    await delay(RETRY_MS);
  }
}

async function reload(server: WatchedProcess, logFile: string): Promise<void> {
  const from = logSince(logFile, 0).length;
  server.signal('SIGHUP');
  for (let waitedMs = 0; waitedMs < RELOAD_MS_MAX && server.isRunning; waitedMs += POLL_MS) {
    const said = logSince(logFile, 0).slice(from);
    const refusal = /\[ERR\] (.*reload.*)/i.exec(said);
    if (refusal) throw new ServerError(`nats-server kept its old configuration: ${refusal[1]}`);
    if (said.includes('Reloaded server configuration')) return;
    await delay(POLL_MS);
  }
  throw new ServerError('nats-server did not answer the request to reload its configuration');
}

/**
 * A running nats-server on 127.0.0.1, gone when this process is gone.
 *
 * The caller's configuration decides accounts, JetStream and listeners for peers; client address, client and monitoring port, store and
 * log are set on the command line, which takes precedence. Up in about 15 ms.
 *
 * @throws ServerError when there is no nats-server, the configuration is refused, or a given port stays taken for five seconds.
 */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const storeDir = resolve(options.storeDir);
  mkdirSync(storeDir, { recursive: true });
  const tenant = await runningTenant({ folder: storeDir, pidFile: join(storeDir, 'nats-server.pid'), marker: storeDir });
  if (tenant !== undefined) throw new ServerError(`a nats-server is already running on ${storeDir} (process ${tenant})`);
  noteStarter(storeDir);
  const { server, ports } = await startOnPort(storeDir, configFileOf(options, storeDir), options.port);
  const url = ports.nats?.[0];
  const monitorUrl = ports.monitoring?.[0];
  if (url === undefined || monitorUrl === undefined) {
    await server.end([]);
    throw new ServerError('nats-server did not say where it listens');
  }
  options.log?.(`nats-server on ${url}, store in ${storeDir}`);
  return {
    url, monitorUrl, port: Number(new URL(url).port), pid: server.pid,
    stop: () => server.end([['SIGINT', 15_000]]),
    kill: () => server.end([]),
    reload: () => reload(server, join(storeDir, 'nats-server.log')),
  };
}
