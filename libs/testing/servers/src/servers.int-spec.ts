import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Client } from 'pg';
import { freePort, startBackend, startNats, startPostgres } from './index.js';
import type { NatsServer, PostgresServer } from './index.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

let folder: string;
const running: { stop(): Promise<void> }[] = [];
const kept = <T extends { stop(): Promise<void> }>(server: T): T => { running.push(server); return server; };

beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'kula-servers-spec-')); });
afterEach(async () => { for (const server of running.splice(0)) await server.stop(); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => mkdtempSync(join(folder, `${name}-`));

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

const listenOn = (port: number): Promise<Server> => new Promise((resolve) => {
  const server = createServer();
  server.listen(port, '127.0.0.1', () => resolve(server));
});

describe('startPostgres', () => {
  it('answers queries in UTF-8, whatever the locale of the machine', async () => {
    const server = kept(await startPostgres({ dataDir: place('pg'), durable: false }));
    const [row] = await query(server.superuserUrl, "SELECT length('žluť') AS letters, upper('ž') AS upper, current_setting('timezone') AS zone");
    expect(row).toEqual({ letters: 4, upper: 'Ž', zone: 'UTC' });
  });

  it('admits a login by its own password only', async () => {
    const server = kept(await startPostgres({ dataDir: place('pg'), durable: false }));
    await query(server.superuserUrl, "CREATE ROLE clearing LOGIN PASSWORD 'of/its own'");
    await query(server.superuserUrl, 'CREATE DATABASE clearing OWNER clearing');
    const [row] = await query(server.url('clearing', 'clearing', 'of/its own'), 'SELECT current_user AS who');
    expect(row).toEqual({ who: 'clearing' });
    await expect(query(server.url('clearing', 'clearing', 'another'), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    await expect(query(server.url('postgres', 'postgres'), 'SELECT 1')).rejects.toThrow(/password/);
  });

  it('keeps committed rows, its port and its password through a kill', async () => {
    const dataDir = place('pg');
    const first = await startPostgres({ dataDir });
    await query(first.superuserUrl, 'CREATE TABLE fact AS SELECT 41 + 1 AS answer');
    await first.kill();
    expect(isAlive(first.pid)).toBe(false);
    const second = kept(await startPostgres({ dataDir }));
    expect(second.superuserUrl).toBe(first.superuserUrl);
    expect(await query(second.superuserUrl, 'SELECT answer FROM fact')).toEqual([{ answer: 42 }]);
  });

  it('starts twice in a row on the same folder after stopping in good order', async () => {
    const dataDir = place('pg');
    const first = await startPostgres({ dataDir, durable: false });
    await first.stop();
    await first.stop();
    const second = kept(await startPostgres({ dataDir, durable: false }));
    expect(second.port).toBe(first.port);
  });

  it('keeps the superuser password where only the owner of the cluster reads it', async () => {
    const dataDir = place('pg');
    kept(await startPostgres({ dataDir, durable: false }));
    expect(statSync(join(dataDir, 'pgdata', 'superuser-password')).mode & 0o777).toBe(0o600);
  });

  it('takes another port when the remembered one is taken, and refuses when a given one is', async () => {
    const dataDir = place('pg');
    const first = await startPostgres({ dataDir, durable: false });
    await first.stop();
    const stranger = await listenOn(first.port);
    try {
      const second = kept(await startPostgres({ dataDir, durable: false }));
      expect(second.port).not.toBe(first.port);
      await second.stop();
      await expect(startPostgres({ dataDir, port: first.port, durable: false })).rejects.toThrow(/did not start on 127.0.0.1/);
    } finally {
      stranger.close();
    }
  });

  it('starts although the lock of a killed server names a living process that is no Postgres', async () => {
    const dataDir = place('pg');
    const first = await startPostgres({ dataDir, durable: false });
    await first.kill();
    const lock = join(dataDir, 'pgdata', 'postmaster.pid');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(process.pid)));
    const second = kept(await startPostgres({ dataDir, durable: false }));
    expect(second.pid).not.toBe(first.pid);
  });

  it('refuses a folder another server runs on', async () => {
    const dataDir = place('pg');
    const first = kept(await startPostgres({ dataDir, durable: false }));
    await expect(startPostgres({ dataDir, durable: false })).rejects.toThrow(`already running on ${join(dataDir, 'pgdata')} (process ${first.pid})`);
  });

  it('commits durably by default and forgets readily on request', async () => {
    const settings = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') ORDER BY name";
    const [durable, forgetful] = await Promise.all([
      startPostgres({ dataDir: place('pg') }).then(kept), startPostgres({ dataDir: place('pg'), durable: false }).then(kept),
    ]);
    expect((await query(durable.superuserUrl, settings)).map(({ setting }) => setting)).toEqual(['on', 'on']);
    expect((await query(forgetful.superuserUrl, settings)).map(({ setting }) => setting)).toEqual(['off', 'off']);
  });
});

const CONFIG = 'jetstream { domain: north }\naccounts { NODE { jetstream: enabled, users: [ { user: ana, password: secret } ] } }\n';

async function withStream<T>(server: NatsServer, use: (names: { add(): Promise<unknown>; count(): Promise<number> }) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: server.url, user: 'ana', pass: 'secret' });
  try {
    const manager = await jetstreamManager(connection);
    return await use({
      add: async () => {
        await manager.streams.add({ name: 'facts', subjects: ['fact.>'] });
        await jetstream(connection).publish('fact.one', 'x');
      },
      count: async () => (await manager.streams.info('facts')).state.messages,
    });
  } finally {
    await connection.close();
  }
}

describe('startNats', () => {
  it('keeps streams and its port through a kill', async () => {
    const storeDir = place('nats');
    const first = await startNats({ storeDir, config: CONFIG });
    await withStream(first, ({ add }) => add());
    await first.kill();
    const second = kept(await startNats({ storeDir, config: CONFIG, port: first.port }));
    expect(second.url).toBe(first.url);
    expect(await withStream(second, ({ count }) => count())).toBe(1);
  });

  it('admits a user added to its configuration file after a reload', async () => {
    const configFile = join(place('conf'), 'nats.conf');
    writeFileSync(configFile, CONFIG);
    const server = kept(await startNats({ storeDir: place('nats'), configFile }));
    const asBen = { servers: server.url, user: 'ben', pass: 'secret', reconnect: false };
    await expect(connect(asBen)).rejects.toThrow(/authorization/i);
    writeFileSync(configFile, CONFIG.replace('users: [', 'users: [ { user: ben, password: secret },'));
    await server.reload();
    const connection = await connect(asBen);
    await connection.close();
  });

  it('rejects a reload the server refuses and serves on', async () => {
    const configFile = join(place('conf'), 'nats.conf');
    writeFileSync(configFile, CONFIG);
    const server = kept(await startNats({ storeDir: place('nats'), configFile }));
    writeFileSync(configFile, 'accounts {');
    await expect(server.reload()).rejects.toThrow(/kept its old configuration/);
    await withStream(server, ({ add }) => add());
  });

  it('says why a configuration is refused at the start', async () => {
    await expect(startNats({ storeDir: place('nats'), config: 'accounts {' })).rejects.toThrow(/Parse error/);
  });

  it('answers on its monitoring address', async () => {
    const server = kept(await startNats({ storeDir: place('nats'), config: CONFIG }));
    const health = await fetch(`${server.monitorUrl}/healthz`);
    expect(await health.json()).toEqual({ status: 'ok' });
  });

  it('refuses a folder another server runs on', async () => {
    const storeDir = place('nats');
    kept(await startNats({ storeDir, config: CONFIG }));
    await expect(startNats({ storeDir, config: CONFIG })).rejects.toThrow(/already running/);
  });
});

/** A Node process that starts both servers, prints their process ids and then lives on doing nothing. */
async function parentOf(dataDir: string, storeDir: string): Promise<{ pid: number; servers: number[]; kill(): void }> {
  execFileSync(process.execPath, [join(ROOT, 'tools/workspace/build.mjs'), '--quiet']);
  const script = `
    import { startNats, startPostgres } from ${JSON.stringify(join(ROOT, 'libs/testing/servers/dist/index.js'))};
    const postgres = await startPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    const nats = await startNats({ storeDir: ${JSON.stringify(storeDir)}, config: 'jetstream {}' });
    console.log(JSON.stringify([postgres.pid, nats.pid]));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString()));
    child.once('exit', (code) => reject(new Error(`the parent ended early (${String(code)})`)));
  });
  return { pid: child.pid ?? 0, servers: JSON.parse(printed) as number[], kill: () => { child.kill('SIGKILL'); } };
}

describe('servers whose parent is killed', () => {
  it('end by themselves, and start again on the same folders at once', async () => {
    const [dataDir, storeDir] = [place('pg'), place('nats')];
    const parent = await parentOf(dataDir, storeDir);
    expect(parent.servers.map(isAlive)).toEqual([true, true]);
    parent.kill();
    const postgres = kept(await startPostgres({ dataDir }));
    const nats = kept(await startNats({ storeDir, config: 'jetstream {}' }));
    await until(() => !parent.servers.some(isAlive));
    expect([postgres.pid, nats.pid].map(isAlive)).toEqual([true, true]);
  });
});

describe('servers beside each other', () => {
  it('share no port, whatever listens on the usual ones', async () => {
    const usual = await Promise.all([5432, 4222].map((port) => listenOn(port).catch(() => undefined)));
    try {
      const servers = await Promise.all([
        startPostgres({ dataDir: place('pg'), durable: false }).then(kept), startPostgres({ dataDir: place('pg'), durable: false }).then(kept),
        startNats({ storeDir: place('nats'), config: CONFIG }).then(kept), startNats({ storeDir: place('nats'), config: CONFIG }).then(kept),
      ]) as (PostgresServer | NatsServer)[];
      expect(new Set(servers.map(({ port }) => port)).size).toBe(4);
    } finally {
      for (const server of usual) server?.close();
    }
  });
});

describe('startBackend', () => {
  it('gives every caller a database and a NATS of its own, and takes them away again', async () => {
    const [north, south] = await Promise.all([startBackend().then(kept), startBackend().then(kept)]);
    const [one, two] = [await north.databaseUrl('Clearing spec'), await north.databaseUrl('Clearing spec')];
    expect(new Set([one, two, await south.databaseUrl('Clearing spec')]).size).toBe(3);
    await query(one, 'CREATE TABLE fact (id int)');
    expect(await query(two, "SELECT to_regclass('fact') AS found")).toEqual([{ found: null }]);
    expect(north.natsUrl).not.toBe(south.natsUrl);
    const connection = await connect({ servers: north.natsUrl });
    expect((await (await jetstreamManager(connection)).getAccountInfo()).streams).toBe(0);
    await connection.close();
    await north.stop();
    await expect(query(one, 'SELECT 1')).rejects.toThrow();
    await expect(connect({ servers: north.natsUrl, reconnect: false })).rejects.toThrow();
  });
});

describe('freePort', () => {
  it('names a port that can be listened on', async () => {
    const port = await freePort();
    const server = await listenOn(port);
    expect(server.listening).toBe(true);
    server.close();
  });
});
