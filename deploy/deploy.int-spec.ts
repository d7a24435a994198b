import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, startNats, startPostgres, type NatsServer, type PostgresServer } from '@kula/testing-servers';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { SERVICE_NAMES } from '../tools/operator/services.mjs';
import { interpolated, listIn, ROOT, treeIn, yamlAt, type Tree } from './deployment-files.js';

/** Nodes as an operator makes them, with what docker-compose.yml gives each container, on servers of this machine instead of containers. */
const compose = yamlAt('docker-compose.yml');
const services = SERVICE_NAMES as readonly string[];
const folder = mkdtempSync(join(tmpdir(), 'kula-deploy-'));

const tool = (name: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'tools/operator', name), ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
};
const suffix = (service: string) => service.toUpperCase().replaceAll('-', '_');

/** Settings for one process of all services: what compose gives to each alone, under the names that mean that service alone. */
function forOneProcess(perService: ReadonlyMap<string, Readonly<Record<string, string>>>): Record<string, string> {
  const all = [...perService].flatMap(([service, environment]) => Object.entries(environment).map(([name, value]) => {
    const isFile = name.endsWith('_FILE') && name !== 'KULA_PEERS_FILE';
    return [isFile ? name.replace(/_FILE$/, `_${suffix(service)}_FILE`) : `${name}_${suffix(service)}`, value];
  }));
  return Object.fromEntries(all) as Record<string, string>;
}

class ComposedNode {
  private postgres: PostgresServer | undefined;
  private nats: NatsServer | undefined;
  private process: ChildProcess | undefined;
  readonly ports = new Map<string, number>();
  readonly folder: string;

  private constructor(readonly name: string, private readonly natsPort: number) {
    this.folder = join(folder, name);
  }

  /** Makes the node's folder. Peers reach it at a port of this machine. */
  static async make(name: string): Promise<ComposedNode> {
    const node = new ComposedNode(name, await freePort());
    tool('init-node.mjs', '--dir', node.folder, '--name', `The ${name}`, '--domain', `${name}.example`, '--gateway-url', 'http://localhost:8080', '--nats-url', `tls://127.0.0.1:${node.natsPort}`);
    node.peersHere();
    for (const service of services) node.ports.set(service, await freePort());
    return node;
  }

  get settings(): Record<string, string> {
    return Object.fromEntries([...readFileSync(join(this.folder, '.env'), 'utf8').matchAll(/^([A-Z_]+)=['"]?(.*?)['"]?$/gm)].map(([, name = '', value = '']) => [name, value]));
  }

  /** Databases and bus: first what `postgres` and `nats` are in compose, then what `init` does. */
  async startServers(): Promise<void> {
    this.postgres = await startPostgres({ dataDir: join(folder, `${this.name}-postgres`), durable: false });
    this.nats = await startNats({ storeDir: join(folder, `${this.name}-nats`), configFile: this.natsConfigHere(), port: this.natsPort });
    const environment = this.environmentOf('init');
    const url = new URL(this.postgres.superuserUrl);
    writeFileSync(environment['POSTGRES_PASSWORD_FILE'] ?? '', decodeURIComponent(url.password));
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'tools/operator/provision.mjs')], {
      env: { ...environment, POSTGRES_URL: `postgres://${url.username}@${url.host}/postgres` }, encoding: 'utf8',
    });
    expect([stderr, status]).toEqual(['', 0]);
  }

  /** All services in one process, as the image `node` runs them. */
  async startServices(): Promise<void> {
    const perService = new Map(services.map((service) => [
      service, { ...this.environmentOf(service), [service === 'gateway' ? 'KULA_GATEWAY_PORT' : 'KULA_HEALTH_PORT']: String(this.ports.get(service)) },
    ]));
    const child = spawn(process.execPath, [join(ROOT, 'apps/node/dist/main.js')], {
      env: { ...forOneProcess(perService), KULA_EXIT_WITH_PARENT: '1', NODE_NO_WARNINGS: '1' }, stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process = child;
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => { if (line.startsWith('{"ready":"all"')) resolve(); });
      child.once('exit', () => reject(new Error(`the services of ${this.name} ended: ${said.slice(-10).join('\n')}`)));
    });
  }

  /** As the operator does: adds the card of the other node. */
  admit(other: ComposedNode): void {
    tool('add-peer.mjs', '--dir', this.folder, '--card', join(other.folder, 'card.json'));
    this.peersHere();
  }

  /** As the operator does: takes the other node out again. */
  dismiss(other: ComposedNode): void {
    tool('add-peer.mjs', '--dir', this.folder, '--remove', other.settings['KULA_NODE_ID'] ?? '');
    this.peersHere();
  }

  /** Whether the other node's key opens this node's nats-server. */
  async admits(other: ComposedNode): Promise<boolean> {
    const seed = readFileSync(join(other.folder, 'secrets/link-nkey'), 'utf8').trim();
    try {
      const connection = await connect({
        servers: `127.0.0.1:${this.natsPort}`, reconnect: false, tls: { caFile: join(this.folder, 'federation/link-ca.pem') }, authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
      });
      await connection.close();
      return true;
    } catch {
      return false;
    }
  }

  async answer(service: string, path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.ports.get(service)}${path}`);
  }

  async stop(): Promise<void> {
    this.process?.kill('SIGKILL');
    await this.nats?.stop();
    await this.postgres?.stop();
  }

  /** The node's configuration for a server on this machine, which is told its store and its health port by the command line. */
  private natsConfigHere(): string {
    const file = join(folder, `${this.name}-nats.conf`);
    const text = readFileSync(join(this.folder, 'nats/nats.conf'), 'utf8').replace(/^(http:| *store_dir:).*$/gm, '');
    writeFileSync(file, text.replaceAll('/etc/kula-link', join(this.folder, 'link')), { mode: 0o600 });
    return file;
  }

  /** The node's list of peers, as its federation service sees it through its mount. */
  private peersHere(): string {
    const file = join(folder, `${this.name}-peers.json`);
    writeFileSync(file, readFileSync(join(this.folder, 'federation/peers.json'), 'utf8').replaceAll('/etc/kula', join(this.folder, 'federation')), { mode: 0o600 });
    return file;
  }

  /** The environment compose gives a service, with the files it mounts; only hosts and ports are those of this machine. */
  private environmentOf(service: string): Record<string, string> {
    const settings = this.settings;
    const described = interpolated(treeIn(treeIn(compose, 'services'), service), settings);
    const mounted = join(folder, `${this.name}-run`, service);
    mkdirSync(mounted, { recursive: true });
    const here = (text: string) => text.replace('@postgres:5432/kula', `@127.0.0.1:${new URL(this.postgres?.superuserUrl ?? '').port}/postgres`).replace(`${settings['NATS_HOST']}:4222`, `127.0.0.1:${this.natsPort}`);
    for (const secret of listIn<string | Tree>(described, 'secrets')) {
      const { source, target } = typeof secret === 'string' ? { source: secret, target: secret } : { source: String(secret['source']), target: String(secret['target']) };
      writeFileSync(join(mounted, target), here(readFileSync(join(this.folder, 'secrets', source), 'utf8')));
    }
    const environment = Object.entries(treeIn(described, 'environment')).map(([name, value]) =>
      [name, here(String(value)).replace('/run/secrets', mounted).replace('/etc/kula/peers.json', join(folder, `${this.name}-peers.json`)).replace('/etc/kula', join(this.folder, 'federation'))]);
    return Object.fromEntries(environment) as Record<string, string>;
  }
}

const nodes: ComposedNode[] = [];
const nodeNames = async (node: ComposedNode): Promise<string[]> =>
  ((await (await node.answer('gateway', '/v1/nodes')).json()) as { items: { name: string }[] }).items.map(({ name }) => name).sort();

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await delay(100);
}

beforeAll(async () => {
  for (const name of ['north', 'south']) nodes.push(await ComposedNode.make(name));
  await Promise.all(nodes.map((node) => node.startServers()));
  await Promise.all(nodes.map((node) => node.startServices()));
}, 240_000);
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a node made by node:init, with what docker-compose.yml gives its services', () => {
  it.each(services)('has a %s service that is ready where its health check asks', async (service) => {
    for (const node of nodes) expect([node.name, (await node.answer(service, '/readyz')).status]).toEqual([node.name, 200]);
  });

  it('introduces itself as it was described', async () => {
    const [north] = nodes;
    const answer = await north?.answer('gateway', '/v1/nodes');
    expect(await answer?.json()).toMatchObject({
      items: [{ nodeId: north?.settings['KULA_NODE_ID'], name: 'The north', domain: 'north.example', operatorId: north?.settings['KULA_OPERATOR_ID'], isSelf: true }],
    });
  });

  it('learns of another node once both operators have added the other\'s card, without a restart', async () => {
    const [north, south] = nodes as [ComposedNode, ComposedNode];
    expect([await north.admits(south), await south.admits(north)]).toEqual([false, false]);
    north.admit(south);
    south.admit(north);
    for (const node of nodes) await until(async () => (await nodeNames(node)).length === 2);
    for (const node of nodes) expect(await nodeNames(node)).toEqual(['The north', 'The south']);
    expect([await north.admits(south), await south.admits(north)]).toEqual([true, true]);
  });

  it('shuts its nats-server to a node whose card its operator takes out again, without a restart', async () => {
    const [north, south] = nodes as [ComposedNode, ComposedNode];
    north.dismiss(south);
    await until(async () => !await north.admits(south));
    expect(await south.admits(north)).toBe(true);
  });
});
