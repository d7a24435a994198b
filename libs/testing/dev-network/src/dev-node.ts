import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsConfig } from '@kula/platform-federation';
import { provisionDatabase } from '@kula/platform-persistence';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@kula/testing-servers';
import { publicNkey, type NodeSecrets } from './node-secrets.js';
import { SERVICE_NAMES, type ServiceName } from './service-names.js';
import { ServiceProcess } from './service-process.js';
import { workspaceRoot } from './workspace-root.js';

/** How a node is seen by people, and how its services are spread over processes. */
export interface NodeSpec {
  /** Short name: `north`. Also the first label of its domain. */
  readonly name: string;
  /** Name of the operator or place, for people. */
  readonly title: string;
  /** `one`: all services in one process. `each`: one process per service. */
  readonly processes: 'one' | 'each';
}

/** A peer as this node knows it. */
export interface PeerSpec {
  readonly name: string;
  readonly nodeId: string;
  /** Port on which the link to the peer's nats-server starts. */
  readonly linkPort: number;
  /** Public NKey with which the peer connects to us. */
  readonly publicNkey: string;
}

/** A part of a node that can be killed and restarted: `postgres`, `nats`, `node` (all services) or one service. */
export type NodePart = 'postgres' | 'nats' | 'node' | ServiceName;

export interface DevNodeOptions {
  readonly spec: NodeSpec;
  readonly dir: string;
  readonly secrets: NodeSecrets;
  readonly operatorId: string;
  readonly network: string;
  readonly durable: boolean;
}

interface Part {
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** True while a process with this id exists. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One whole node: its own Postgres, its own nats-server, its services. */
export class DevNode {
  private readonly parts = new Map<NodePart, Part>();
  private postgres: PostgresServer | undefined;
  private peers: readonly PeerSpec[] = [];

  constructor(private readonly options: DevNodeOptions) {
    mkdirSync(options.dir, { recursive: true });
  }

  get name(): string { return this.options.spec.name; }
  get title(): string { return this.options.spec.title; }
  get nodeId(): string { return this.options.secrets.nodeId; }
  get domain(): string { return `${this.name}.example`; }
  get gatewayUrl(): string { return `http://127.0.0.1:${this.options.secrets.gatewayPort}`; }
  get natsPort(): number { return this.options.secrets.natsPort; }

  /** How a service of this node reaches its bus: for measuring and looking inside. */
  bus(): { readonly servers: string; readonly user: string; readonly password: string } {
    return { servers: `127.0.0.1:${this.natsPort}`, user: 'node', password: this.options.secrets.nodePassword };
  }

  /** Address of the database as one service of this node sees it. */
  databaseUrl(service: ServiceName): string {
    const name = service.replaceAll('-', '_');
    return `postgres://${name}:${this.options.secrets.databasePasswords[service]}@127.0.0.1:${this.postgres?.port ?? 0}/postgres`;
  }

  /** Names of the parts, in the order in which they are started. */
  get partNames(): readonly NodePart[] {
    return ['postgres', 'nats', ...(this.options.spec.processes === 'one' ? ['node' as const] : SERVICE_NAMES)];
  }

  /** Starts everything that does not run. */
  async start(peers: readonly PeerSpec[]): Promise<void> {
    this.peers = peers;
    await Promise.all([this.startPart('postgres'), this.startPart('nats')]);
    await Promise.all(this.partNames.slice(2).map((part) => this.startPart(part)));
  }

  /** Process id of a part, or undefined where it does not run. */
  pidOf(part: NodePart): number | undefined {
    const pid = this.parts.get(part)?.pid;
    return pid !== undefined && isAlive(pid) ? pid : undefined;
  }

  /** As `kill -9` on one part. It stays down until `startPart`. */
  async kill(part: NodePart): Promise<void> {
    const running = this.parts.get(part);
    this.parts.delete(part);
    await running?.kill();
  }

  /** Parts that should run and do not: somebody killed them. */
  fallenParts(): readonly NodePart[] {
    return [...this.parts].filter(([, running]) => !isAlive(running.pid)).map(([part]) => part);
  }

  /** Starts a part on the state it left behind. */
  async startPart(part: NodePart): Promise<void> {
    if (part === 'postgres') await this.startDatabase();
    else if (part === 'nats') this.parts.set(part, await this.startBus());
    else this.parts.set(part, await this.startServices(part));
  }

  async stop(): Promise<void> {
    for (const part of [...this.partNames].reverse()) {
      await this.parts.get(part)?.stop();
      this.parts.delete(part);
    }
  }

  private async startDatabase(): Promise<void> {
    this.postgres = await startPostgres({ dataDir: join(this.options.dir, 'postgres'), durable: this.options.durable });
    this.parts.set('postgres', this.postgres);
    await provisionDatabase(this.postgres.superuserUrl, this.options.secrets.databasePasswords);
  }

  private startBus(): Promise<NatsServer> {
    const { secrets } = this.options;
    const storeDir = join(this.options.dir, 'nats');
    const config = natsConfig({
      serverName: this.name, listen: `127.0.0.1:${secrets.natsPort}`, nodePassword: secrets.nodePassword, durable: this.options.durable, federationUserPublicNkey: publicNkey(secrets.federationNkey),
      peers: this.peers.map(({ nodeId, publicNkey: key }) => ({ nodeId, publicNkey: key })),
    });
    return startNats({ storeDir, config, port: secrets.natsPort });
  }

  private startServices(part: NodePart): Promise<ServiceProcess> {
    const peersFile = join(this.options.dir, 'peers.json');
    writeFileSync(peersFile, JSON.stringify(this.peers.map((peer) => ({
      nodeId: peer.nodeId, name: peer.name, natsUrl: `nats://127.0.0.1:${peer.linkPort}`, nkeySeed: this.options.secrets.linkNkeys[peer.name],
    })), null, 2), { mode: 0o600 });
    return ServiceProcess.start({
      name: `${part} of ${this.name}`, env: this.environment(peersFile), logFile: join(this.options.dir, `${part}.log`),
      args: [join(workspaceRoot(), 'apps/node/dist/main.js'), ...(part === 'node' ? [] : [part])],
    });
  }

  private environment(peersFile: string): Record<string, string> {
    const { secrets, operatorId, network } = this.options;
    const databases = SERVICE_NAMES.map((service) => [`KULA_DATABASE_URL_${service.replaceAll('-', '_').toUpperCase()}`, this.databaseUrl(service)]);
    return {
      PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', NODE_NO_WARNINGS: '1',
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'info',
      KULA_NODE_ID: secrets.nodeId, KULA_NODE_KEY: secrets.nodeKey, KULA_NODE_NAME: this.title, KULA_NODE_DOMAIN: this.domain,
      // Searches on request only: a story has to find the same rings however long publishing takes.
      KULA_MATCHING_INTERVAL_SECONDS: '0',
      KULA_NETWORK: network, KULA_OPERATOR_ID: operatorId, KULA_GATEWAY_URL: this.gatewayUrl, KULA_GATEWAY_PORT: String(secrets.gatewayPort), KULA_GATEWAY_HOST: '127.0.0.1',
      KULA_NATS_URL: `nats://node:${secrets.nodePassword}@127.0.0.1:${secrets.natsPort}`,
      KULA_FEDERATION_NATS_URL: `nats://127.0.0.1:${secrets.natsPort}`, KULA_FEDERATION_NKEY: secrets.federationNkey, KULA_PEERS_FILE: peersFile,
      ...Object.fromEntries(databases),
    };
  }
}
