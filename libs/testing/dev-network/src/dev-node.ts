import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsConfig } from '@kula/platform-federation';
import { provisionDatabase } from '@kula/platform-persistence';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@kula/testing-servers';
import { allDone } from './all-done.js';
import { publicNkey, type NodeSecrets } from './node-secrets.js';
import { SERVICE_NAMES, type ServiceName } from './service-names.js';
import { ServiceProcess } from './service-process.js';
import { copyAside, putBack, type KeptFolder } from './state-copy.js';
import { workspaceRoot } from './workspace-root.js';

/** How a node is seen by people, and how its services are spread over processes. */
export interface NodeSpec {
  /** Short name: `north`. Also the first label of its domain. */
  readonly name: string;
  /** Name of the operator or place, for people. */
  readonly title: string;
  /** `one`: all services in one process. `each`: one process per service. */
  readonly processes: 'one' | 'each';
  /** Services to run where each has a process of its own. Default: all. */
  readonly services?: readonly ServiceName[];
  /** What the node reads of its peers: their own logs, or as from relays every log they hold. Default: their own. */
  readonly view?: 'own' | 'all';
  /** Runs the counting consumer besides, where each service has a process of its own: it records what the log hands to services. */
  readonly isCounted?: boolean;
  /** Further settings of the services, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** No peers file of the network names it, and its own names nobody: it meets the others while they run. */
  readonly isUnlisted?: boolean;
}

/** A peer that is no node of this network, as it stands in the peers file. */
export interface Stranger {
  readonly nodeId: string;
  readonly name: string;
  /** Where this node dials it; absent where it only dials this node, or comes through others. */
  readonly natsUrl?: string;
  /** `$JS.API` where its server has one account. */
  readonly apiPrefix?: string;
  readonly view?: 'own' | 'all';
  /** Public NKey with which it dials this node. */
  readonly publicNkey?: string;
}

/** A peer as this node knows it. */
export interface PeerSpec {
  readonly name: string;
  readonly nodeId: string;
  /** Port on which the link to the peer's nats-server starts; null where there is none, and its log comes through others. */
  readonly linkPort: number | null;
  /** Public NKey with which the peer connects to us. */
  readonly publicNkey: string;
  /** What the peer's nats-server shows, PEM: pinned. */
  readonly certificate: string;
}

/** A part of a node that can be killed and restarted: `postgres`, `nats`, `node` (all services), one service or the counting consumer. */
export type NodePart = 'postgres' | 'nats' | 'node' | 'counting' | ServiceName;

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
  private strangers: readonly Stranger[] = [];
  private storeBytesMax: number | undefined;
  private changedSettings: Readonly<Record<string, string>> = {};

  constructor(private readonly options: DevNodeOptions) {
    mkdirSync(options.dir, { recursive: true });
  }

  get name(): string { return this.options.spec.name; }
  get title(): string { return this.options.spec.title; }
  get nodeId(): string { return this.options.secrets.nodeId; }
  /** The private key it was first given to sign with, base64url. */
  get nodeKey(): string { return this.options.secrets.nodeKey; }
  get isUnlisted(): boolean { return this.options.spec.isUnlisted === true; }
  get domain(): string { return `${this.name}.example`; }
  get gatewayUrl(): string { return `http://127.0.0.1:${this.options.secrets.gatewayPort}`; }
  get natsPort(): number { return this.options.secrets.natsPort; }

  /** How a service of this node reaches its bus, as NATS connection options: for measuring and looking inside. */
  bus(): { readonly servers: string; readonly user: string; readonly pass: string; readonly tls: null } {
    return { servers: `127.0.0.1:${this.natsPort}`, user: 'node', pass: this.options.secrets.nodePassword, tls: null };
  }

  /** How peers reach this node's nats-server, and the certificate it shows, PEM. */
  get door(): { readonly natsUrl: string; readonly certificate: string } {
    return { natsUrl: `tls://127.0.0.1:${this.natsPort}`, certificate: this.options.secrets.link.certificate };
  }

  /** Address of the database as one service of this node sees it. */
  databaseUrl(service: ServiceName | 'counting'): string {
    const name = service.replaceAll('-', '_');
    return `postgres://${name}:${this.databasePasswords[service]}@127.0.0.1:${this.postgres?.port ?? 0}/postgres`;
  }

  private get databasePasswords(): Readonly<Record<string, string>> {
    const { spec, secrets } = this.options;
    return { ...secrets.databasePasswords, ...(spec.isCounted === true && { counting: secrets.nodePassword }) };
  }

  /** Names of the parts, in the order in which they are started. */
  get partNames(): readonly NodePart[] {
    const { processes, services = SERVICE_NAMES, isCounted = false } = this.options.spec;
    return ['postgres', 'nats', ...(processes === 'one' ? ['node' as const] : services), ...(isCounted ? ['counting' as const] : [])];
  }

  /** Starts everything that does not run. */
  async start(peers: readonly PeerSpec[]): Promise<void> {
    this.peers = peers;
    await allDone([this.startPart('postgres'), this.startPart('nats')]);
    await allDone(this.partNames.slice(2).map((part) => this.startPart(part)));
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

  /** Names peers beyond the network in the peers file, in place of those named before. A running node takes them in within a second. */
  declare(strangers: readonly Stranger[]): void {
    this.strangers = strangers;
    this.writePeers();
  }

  /** Bounds what the nats-server may keep on disk from its next start on; undefined: no bound but the disk. */
  boundStore(bytesMax: number | undefined): void {
    this.storeBytesMax = bytesMax;
  }

  /** Gives services further settings from their next start on, over those they have and in place of those given before. */
  configure(settings: Readonly<Record<string, string>>): void {
    this.changedSettings = settings;
  }

  /** Copies aside what parts that are down keep on disk. */
  async copyAside(name: string, folders: readonly KeptFolder[]): Promise<void> {
    await copyAside(this.options.dir, name, folders);
  }

  /** Puts an earlier copy in the place of what parts that are down keep on disk. */
  async putBack(name: string, folders: readonly KeptFolder[]): Promise<void> {
    await putBack(this.options.dir, name, folders);
  }

  private async startDatabase(): Promise<void> {
    this.postgres = await startPostgres({ dataDir: join(this.options.dir, 'postgres'), durable: this.options.durable });
    this.parts.set('postgres', this.postgres);
    await provisionDatabase(this.postgres.superuserUrl, this.databasePasswords);
  }

  private startBus(): Promise<NatsServer> {
    const { secrets } = this.options;
    const storeDir = join(this.options.dir, 'nats');
    const tls = { certFile: this.written('link-cert.pem', secrets.link.certificate), keyFile: this.written('link-key.pem', secrets.link.privateKey) };
    const config = natsConfig({
      serverName: this.name, listen: `127.0.0.1:${secrets.natsPort}`, nodePassword: secrets.nodePassword, durable: this.options.durable, tls,
      federationUserPublicNkey: publicNkey(secrets.federationNkey), systemUserPublicNkey: publicNkey(secrets.systemNkey), admissionIssuerPublicNkey: publicNkey(secrets.admissionSeed),
    });
    const bound = this.storeBytesMax === undefined ? '' : `  max_file_store: ${this.storeBytesMax}\n`;
    return startNats({ storeDir, config: config.replace('jetstream {\n', `jetstream {\n${bound}`), port: secrets.natsPort });
  }

  private startServices(part: NodePart): Promise<ServiceProcess> {
    const main = part === 'counting' ? 'libs/testing/dev-network/dist/counting/main.js' : 'apps/node/dist/main.js';
    return ServiceProcess.start({
      name: `${part} of ${this.name}`, env: this.environment(this.writePeers()), logFile: join(this.options.dir, `${part}.log`),
      args: [join(workspaceRoot(), main), ...(part === 'node' || part === 'counting' ? [] : [part])],
    });
  }

  /** Writes the peers file and answers where it is. */
  private writePeers(): string {
    const peers = this.peers.map((peer) => ({ nodeId: peer.nodeId, name: peer.name, view: this.options.spec.view ?? 'own', ...this.addressOf(peer) }));
    return this.written('peers.json', JSON.stringify([...peers, ...this.strangers], null, 2));
  }

  /** How the peer is dialled and dials us; nothing where its log comes through others. */
  private addressOf({ name, linkPort, publicNkey: nkey, certificate }: PeerSpec): object {
    if (linkPort === null) return {};
    return {
      natsUrl: `tls://127.0.0.1:${linkPort}`, nkeySeed: this.options.secrets.linkNkeys[name], publicNkey: nkey,
      tls: { caFile: this.written(`cert-of-${name}.pem`, certificate) },
    };
  }

  /** Writes a file of this node, which its owner alone reads. Answers where it is. */
  private written(name: string, text: string): string {
    const file = join(this.options.dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  private environment(peersFile: string): Record<string, string> {
    const { secrets, operatorId, network } = this.options;
    const databases = [...SERVICE_NAMES, 'counting' as const].map((service) => [`KULA_DATABASE_URL_${service.replaceAll('-', '_').toUpperCase()}`, this.databaseUrl(service)]);
    return {
      PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', NODE_NO_WARNINGS: '1',
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'info',
      KULA_NODE_ID: secrets.nodeId, KULA_NODE_KEY: secrets.nodeKey, KULA_NODE_NAME: this.title, KULA_NODE_DOMAIN: this.domain,
      // Searches on request only: a story has to find the same rings however long publishing takes.
      KULA_MATCHING_INTERVAL_SECONDS: '0',
      KULA_NETWORK: network, KULA_OPERATOR_ID: operatorId, KULA_GATEWAY_URL: this.gatewayUrl, KULA_GATEWAY_PORT: String(secrets.gatewayPort), KULA_GATEWAY_HOST: '127.0.0.1',
      KULA_NATS_URL: `nats://node:${secrets.nodePassword}@127.0.0.1:${secrets.natsPort}`,
      KULA_FEDERATION_NATS_URL: `nats://127.0.0.1:${secrets.natsPort}`, KULA_FEDERATION_NKEY: secrets.federationNkey, KULA_PEERS_FILE: peersFile,
      KULA_ADMISSION_SEED: secrets.admissionSeed, KULA_SYSTEM_NKEY: secrets.systemNkey, KULA_LINK_NATS_URL: `tls://127.0.0.1:${secrets.natsPort}`, KULA_LINK_CA: secrets.link.certificate,
      ...Object.fromEntries(databases), ...this.options.spec.settings, ...this.changedSettings,
    };
  }
}
