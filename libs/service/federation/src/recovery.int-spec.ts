import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation, type EntryDraft } from '@kula/contracts';
import { hashDocument, signDocument, toBase64url, type Json } from '@kula/kernel-crypto';
import { sealBatch, subjectOf, type Head, type SealedEntry } from '@kula/kernel-federation-log';
import { startService, type RunningService } from '@kula/platform-host';
import { natsOptions, OperationClient } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, startNats, type NatsServer, type TestBackend } from '@kula/testing-servers';
import { until } from '@kula/testing-service-probe';
import { Client } from 'pg';
import { federationService } from './index.js';

const NETWORK = 'kula-spec';
const meta = { caller: null, correlationId: 'spec' };
const NAMES = ['north', 'south', 'east'] as const;

let folder: string;
let backend: TestBackend;

async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A copy of a database that nobody is connected to. */
async function copyOf(url: string): Promise<string> {
  const copy = await backend.databaseUrl('recovery_copy');
  const [from, to] = [url, copy].map((each) => new URL(each).pathname.slice(1));
  const superuser = new URL(url);
  superuser.pathname = '/postgres';
  await query(superuser.href, `DROP DATABASE "${to}"`);
  await query(superuser.href, `CREATE DATABASE "${to}" TEMPLATE "${from}"`);
  return copy;
}

/** What was kept of a node at a moment. */
interface Backup { readonly databaseUrl: string; readonly store: string }

/** One node: its own nats-server, database and federation service. */
class Node {
  readonly nodeId: string;
  private server: NatsServer | undefined;
  private port: number | undefined;
  private service: RunningService | undefined;
  private operations: OperationClient | undefined;
  private connection: NatsConnection | undefined;
  private env: Record<string, string> = {};

  constructor(readonly name: string) {
    this.nodeId = nodeIdOf(name);
  }

  private get own(): string { return join(folder, this.name); }

  get natsUrl(): string { return `nats://127.0.0.1:${this.port}`; }

  /** The servers first: peers are listed by their addresses. */
  async startServers(): Promise<void> {
    mkdirSync(this.own, { recursive: true });
    await this.startNats();
    this.env = {
      KULA_NODE_ID: this.nodeId, KULA_NATS_URL: this.natsUrl, KULA_DATABASE_URL: await backend.databaseUrl(`recovery_${this.name}`),
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent', KULA_NODE_KEY: toBase64url(keyOfName(`node ${this.name}`)), KULA_NETWORK: NETWORK,
      KULA_PEERS_FILE: join(this.own, 'peers.json'), KULA_NODE_NAME: this.name, KULA_NODE_DOMAIN: `${this.name}.example`, KULA_GATEWAY_URL: `https://${this.name}.example`,
      KULA_OPERATOR_ID: walletOf('operator').did,
    };
    await this.sql('CREATE SCHEMA federation');
  }

  private async startNats(): Promise<void> {
    this.server = await startNats({ storeDir: join(this.own, 'nats'), config: 'jetstream {}\n', ...(this.port !== undefined && { port: this.port }) });
    this.port = this.server.port;
  }

  list(peers: readonly { readonly nodeId: string; readonly name: string; readonly natsUrl: string }[]): void {
    writeFileSync(this.env['KULA_PEERS_FILE']!, JSON.stringify(peers.map(({ nodeId, name, natsUrl }) => ({ nodeId, name, natsUrl, apiPrefix: '$JS.API' }))));
  }

  async start(): Promise<void> {
    if (this.server === undefined) await this.startNats();
    this.service = await startService(federationService, this.env);
    this.operations = new OperationClient(this.natsUrl, 'spec');
    this.connection = await connect(natsOptions(this.natsUrl, 'spec'));
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    await this.operations?.onApplicationShutdown();
    await this.connection?.close();
    await this.server?.stop();
    this.service = this.operations = this.connection = this.server = undefined;
  }

  /** Copies of what a node that is down has: as of a night long ago, by the time it is put back. */
  async backUp(): Promise<Backup> {
    const databaseUrl = await copyOf(this.env['KULA_DATABASE_URL']!);
    await query(databaseUrl, `UPDATE federation.own_log_standing SET alive_at = now() - interval '8 hours'`);
    const store = join(folder, `store-${randomUUID()}`);
    cpSync(join(this.own, 'nats'), store, { recursive: true });
    return { databaseUrl, store };
  }

  async putBack({ databaseUrl, store }: Backup, streams: 'kept' | 'older' | 'lost'): Promise<void> {
    this.env = { ...this.env, KULA_DATABASE_URL: await copyOf(databaseUrl) };
    if (streams === 'older') {
      rmSync(join(this.own, 'nats'), { recursive: true });
      cpSync(store, join(this.own, 'nats'), { recursive: true });
    }
    if (streams !== 'lost') return;
    await this.startNats();
    const connection = await connect({ servers: this.natsUrl });
    await (await jetstreamManager(connection)).streams.delete('FEDLOG');
    await connection.close();
  }

  async send(...subjects: string[]): Promise<void> {
    for (const subject of subjects) {
      const draft: EntryDraft = { id: randomUUID(), topic: 'graph', type: 'listing.withdrawn', subject, body: { listing_id: subject, home_node: this.nodeId } };
      await jetstream(this.connection!).publish('fedout.graph', JSON.stringify(draft), { msgID: draft.id });
    }
  }

  status() { return this.operations!.request(federation.getFederationStatus, {}, meta); }

  async seqOf({ nodeId }: { readonly nodeId: string }): Promise<number> {
    return (await this.status()).heads.find(({ issuer }) => issuer === nodeId)?.seq ?? 0;
  }

  holds(issuer: Node, seq: number) {
    return until(`${this.name} to hold ${seq} entries of ${issuer.name}`, async () => (await this.seqOf(issuer)) === seq);
  }

  confirm(reason: string) { return this.operations!.request(federation.confirmOwnLog, { reason }, meta); }

  release(issuer: string, reason: string) { return this.operations!.request(federation.releaseIssuer, { issuer, reason }, meta); }

  /** Why it signs nothing; undefined where it does. */
  async held(): Promise<string | undefined> {
    return (await this.sql<{ reason: string }>(`SELECT reason FROM federation.sealing_hold WHERE condition = 'log'`))[0]?.reason;
  }

  signs() { return until(`${this.name} to sign`, async () => (await this.held()) === undefined); }

  logOf({ nodeId }: { readonly nodeId: string }): Promise<{ subject: string; hash: string }[]> {
    return this.sql('SELECT subject, hash FROM federation.entry WHERE issuer = $1 ORDER BY seq', [nodeId]);
  }

  sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> { return query(this.env['KULA_DATABASE_URL']!, text, values); }
}

/** A peer written by the test: says of north's log what it is told to, and shows what it is given. */
class Witness {
  readonly nodeId = nodeIdOf(this.name);
  /** What it says it holds of north. */
  said: Head | undefined;
  /** What it shows of north, by sequence number. */
  readonly shown = new Map<number, string>();
  private readonly log: SealedEntry[] = [];
  private server!: NatsServer;
  private connection!: NatsConnection;

  constructor(readonly name: string) {}

  get natsUrl(): string { return this.server.url; }

  async start(): Promise<void> {
    this.server = await startNats({ storeDir: join(folder, this.name), config: 'jetstream {}\n' });
    this.connection = await connect({ servers: this.natsUrl });
    const manager = await jetstreamManager(this.connection);
    const { created } = await manager.streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'] });
    this.answer('open', async ({ from }, caller) => {
      await manager.consumers.delete('FEDLOG', `p_${caller}`).catch(() => undefined);
      await manager.consumers.add('FEDLOG', { name: `p_${caller}`, ack_policy: AckPolicy.None, mem_storage: true, inactive_threshold: 120e9 });
      return { stream: 'FEDLOG', consumer: `p_${caller}`, epoch: String(created), from, head: null };
    });
    this.answer('range', async ({ issuer, from, to }) => ({
      entries: [...this.shown].filter(([seq]) => issuer === north.nodeId && seq >= from! && seq <= to!).map(([, jws]) => jws),
    }));
    this.answer('heads', async () => {
      const statement = { node_id: this.nodeId, made_at: new Date().toISOString(), heads: this.said === undefined ? {} : { [north.nodeId]: [this.said.seq, this.said.hash] }, next: null };
      return { statement, signature: signDocument(nodeEd25519, keyOfName(`node ${this.name}`), 'sep/head-vector/v1', statement as unknown as Json) };
    });
  }

  private answer(verb: string, handle: (request: { issuer?: string; from?: number; to?: number }, caller: string) => Promise<object>): void {
    this.connection.subscribe(`fedapi.${verb}.*`, { callback: (_error, message) => {
      void handle(message.json(), message.subject.split('.')[2]!).then((answer) => message.respond(JSON.stringify(answer)));
    } });
  }

  async accuse(proof: Json): Promise<void> {
    const last = this.log.at(-1);
    const draft = {
      topic: 'governance', type: 'equivocation.proven', sub: north.nodeId, ts: 1_000, body: { accused: north.nodeId, at: 1, proof, proof_hash: hashDocument(proof) },
    };
    const [entry] = sealBatch(nodeEd25519, { kid: `${this.nodeId}#1`, privateKey: keyOfName(`node ${this.name}`), net: NETWORK }, last && { seq: last.seq, hash: last.hash }, [draft]).entries;
    this.log.push(entry!);
    await jetstream(this.connection).publish(subjectOf('governance', this.nodeId), entry!.jws);
  }

  async stop(): Promise<void> {
    await this.connection?.close();
    await this.server?.stop();
  }
}

/** Another entry that north's key has signed at a place of its log. */
async function otherEntry(seq: number): Promise<SealedEntry> {
  const log = await north.logOf(north);
  const before = log[seq - 2];
  const draft = { topic: 'graph', type: 'listing.withdrawn', sub: `another word at ${seq}`, ts: 1_000, body: { listing_id: 'x', home_node: north.nodeId } };
  const sealer = { kid: `${north.nodeId}#1`, privateKey: keyOfName('node north'), net: NETWORK };
  return sealBatch(nodeEd25519, sealer, before && { seq: seq - 1, hash: before.hash }, [draft]).entries[0]!;
}

const nodes = NAMES.map((name) => new Node(name)) as [Node, Node, Node];
const [north, south, east] = nodes;
const others = (node: Node) => nodes.filter((each) => each !== node);
const subjects = (label: string, count: number) => Array.from({ length: count }, (_, index) => `${label}-${index}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-recovery-'));
  backend = await startBackend();
  for (const node of nodes) await node.startServers();
  for (const node of nodes) node.list(others(node));
  await Promise.all(nodes.map((node) => node.start()));
  await Promise.all(nodes.map((node) => node.signs()));
}, 60_000);

afterAll(async () => {
  for (const node of nodes) await node.stop();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a node that is put back to an older state', () => {
  it.each<['kept' | 'older' | 'lost', string]>([
    ['kept', 'its database, while its streams are as they were'],
    ['older', 'its database and its streams'],
    ['lost', 'its database, and its stream of entries lost'],
  ])('has its entries again and signs no number twice: streams %s (%s)', async (streams) => {
    await north.send(...subjects(`${streams} before`, 20));
    const atBackup = await until('them to be sealed', async () => (await north.status()).unsealed === 0 && north.seqOf(north));
    await Promise.all([south.holds(north, atBackup), east.holds(north, atBackup)]);
    await north.stop();
    const backup = await north.backUp();
    await north.start();
    await north.signs();
    await north.send(...subjects(`${streams} lost`, 30));
    await Promise.all([north, south, east].map((node) => node.holds(north, atBackup + 30)));
    const before = await south.logOf(north);
    await north.stop();

    await north.putBack(backup, streams);
    await north.start();
    await north.signs();
    await north.send(...subjects(`${streams} after`, 5));
    await Promise.all([north, south, east].map((node) => node.holds(north, atBackup + 35)));

    const after = await south.logOf(north);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(await north.logOf(north)).toEqual(after);
    // Drafts that the stream of drafts delivered once more have found their entries.
    expect(after.slice(-5).map(({ subject }) => subject)).toEqual(subjects(`${streams} after`, 5));
    for (const node of nodes) expect(await node.sql('SELECT FROM federation.equivocation')).toEqual([]);
    await until('everything to be published', async () => (await north.status()).unpublished === 0);
  }, 90_000);
});

describe('a node that is alone', () => {
  beforeAll(async () => {
    await Promise.all([south.stop(), east.stop()]);
  }, 30_000);

  it('signs again within seconds after a short restart', async () => {
    const before = await north.seqOf(north);
    await north.stop();
    await north.start();
    await north.send('after a short restart');
    await north.holds(north, before + 1);
  });

  it('waits after a longer time, and says what for', async () => {
    const before = await north.seqOf(north);
    await north.stop();
    await north.sql(`UPDATE federation.own_log_standing SET alive_at = now() - interval '61 seconds'`);
    await north.start();
    await north.send('while it waits');
    const reason = await until('the reason', async () => { const held = await north.held(); return held?.includes('have said') && held; });
    expect(reason).toMatch(/^0 of 2 peers have said what they hold of this node's log/);
    await until('the draft to wait', async () => (await north.status()).unsealed === 1);
    expect(await north.seqOf(north)).toBe(before);
  });

  it('still waits when it is started again', async () => {
    const before = await north.seqOf(north);
    await north.stop();
    await north.start();
    await until('the reason', async () => (await north.held())?.includes('0 of 2 peers'));
    // A restart is not short where the node was not signing: what makes one short has not been written.
    const [{ is_long: isLong }] = await north.sql<{ is_long: boolean }>(`SELECT alive_at < now() - interval '60 seconds' AS is_long FROM federation.own_log_standing`) as [{ is_long: boolean }];
    expect(isLong).toBe(true);
    expect(await north.seqOf(north)).toBe(before);
  });

  it('goes on alone when an operator confirms it, and there is nothing to confirm after that', async () => {
    const before = await north.seqOf(north);
    expect(await north.confirm('both peers are gone for good')).toEqual({ isSealing: true, head: before });
    await north.holds(north, before + 1);
    await expect(north.confirm('again')).rejects.toMatchObject({ code: 'federation.log_not_waiting' });
  });

  it('is followed again by those who come back', async () => {
    await Promise.all([south.start(), east.start()]);
    const seq = await north.seqOf(north);
    await Promise.all([south.holds(north, seq), east.holds(north, seq)]);
  }, 60_000);
});

describe('what a peer says of this node\'s log', () => {
  const liar = new Witness('liar');
  const witness = new Witness('witness');
  beforeAll(async () => {
    await liar.start();
    await witness.start();
  });
  afterAll(async () => {
    await liar.stop();
    await witness.stop();
  });

  it('is not believed where it shows nothing', async () => {
    const before = await north.seqOf(north);
    const standing = async () => (await north.sql<{ state: string; since: Date }>('SELECT state, since FROM federation.own_log_standing'))[0]!;
    const { since } = await standing();
    liar.said = { seq: before + 100, hash: 'A'.repeat(43) };
    north.list([south, east, liar]);
    await until('it to have doubted and to sign again', async () => { const now = await standing(); return now.state === 'confirmed' && now.since > since; });
    await north.send('after the liar');
    await north.holds(north, before + 1);
  });

  it('holds signing for good where it is shown another entry at a number that is held, until people decide', async () => {
    const at = await north.seqOf(north) - 1;
    const other = await otherEntry(at);
    witness.said = { seq: at, hash: other.hash };
    witness.shown.set(at, other.jws);
    for (const [index, { jws }] of (await north.sql<{ jws: string }>('SELECT jws FROM federation.entry WHERE issuer = $1 AND seq < $2 ORDER BY seq', [north.nodeId, at])).entries()) witness.shown.set(index + 1, jws);
    north.list([south, east, witness]);
    await until('the contradiction', async () => (await north.held())?.includes(`contradicted itself at entry ${at} `));
    await expect(north.confirm('go on')).rejects.toMatchObject({ code: 'federation.log_contradicted', params: { at } });
    const before = await north.seqOf(north);
    await north.send('while it is contradicted');
    await until('the draft to wait', async () => (await north.status()).unsealed === 1);
    expect(await north.seqOf(north)).toBe(before);
    const held = (await north.logOf(north))[at - 1]!;
    expect(await north.release(north.nodeId, 'the other key is destroyed')).toMatchObject({ at, state: 'released', kept: held.hash });
    await north.signs();
    await north.holds(north, before + 1);
  });

  it('is that it holds nothing, where it does not know this node', async () => {
    const west = new Node('west');
    await west.startServers();
    west.list([south, east]);
    await west.start();
    await west.holds(west, 1);
    await west.stop();
  });

  it('holds signing as well where another node proves it', async () => {
    const at = await north.seqOf(north);
    const other = await otherEntry(at);
    const [held] = await north.sql<{ jws: string }>('SELECT jws FROM federation.entry WHERE issuer = $1 AND seq = $2', [north.nodeId, at]);
    await witness.accuse({ v: 1, net: NETWORK, iss: north.nodeId, left: [held!.jws], right: [other.jws] });
    await until('the contradiction', async () => (await north.held())?.includes(`contradicted itself at entry ${at} `));
    expect((await north.sql<{ shown_by: string }>('SELECT shown_by FROM federation.equivocation WHERE issuer = $1 AND at = $2', [north.nodeId, at]))[0]?.shown_by).toBe(witness.nodeId);
  });
});
