import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appliedEntry, federation, logCheckpoint, type AppliedEntry, type EntryDraft } from '@kula/contracts';
import { signDocument, toBase64url, type Json } from '@kula/kernel-crypto';
import {
  auditCheckpoint, digestOf, liveItems, sealBatch, subjectOf, type EntryDraft as KernelDraft, type LogItem, type SealedEntry,
} from '@kula/kernel-federation-log';
import { startService, type RunningService } from '@kula/platform-host';
import { natsOptions, OperationClient } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, startNats, type NatsServer, type TestBackend } from '@kula/testing-servers';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { federationService } from './index.js';
import { EntryLog } from './log/entry-log.js';
import { payloadIn } from './recovery/payload-in.js';
import { LogConnection } from './streams/log-connection.js';

const NETWORK = 'kula-spec';
const meta = { caller: null, correlationId: 'spec' };
const LONG_AGO = `now() - interval '40 days'`;
const WAIT_MS = 60_000;

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

/** As the `until` of other specs, with the patience that thousands of entries need. */
async function until<Answer>(what: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
  for (const deadline = Date.now() + WAIT_MS; ;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A copy of a database that nobody is connected to. */
async function copyOf(url: string): Promise<string> {
  const copy = await backend.databaseUrl('checkpoint_copy');
  const [from, to] = [url, copy].map((each) => new URL(each).pathname.slice(1));
  const superuser = new URL(url);
  superuser.pathname = '/postgres';
  await query(superuser.href, `DROP DATABASE "${to}"`);
  await query(superuser.href, `CREATE DATABASE "${to}" TEMPLATE "${from}"`);
  return copy;
}

interface Held { readonly seq: string; readonly hash: string; readonly topic: string; readonly type: string; readonly subject: string; readonly ts: string; readonly jws: string; readonly position: string }

const itemsOf = (held: readonly Held[]): LogItem[] => held.map(({ seq, subject, ts, jws, ...entry }) => {
  const { exp } = payloadIn(jws);
  return { ...entry, seq: Number(seq), sub: subject, ts: Number(ts), ...(exp !== undefined && { exp }) };
});

/** One that can be listed as a peer. */
interface Reachable { readonly nodeId: string; readonly name: string; readonly natsUrl: string; readonly view?: 'own' | 'all' }

/** One node: its own nats-server, database and federation service. */
class Node implements Reachable {
  readonly nodeId: string;
  private server!: NatsServer;
  private service: RunningService | undefined;
  private operations: OperationClient | undefined;
  private connection!: NatsConnection;
  private env: Record<string, string> = {};

  constructor(readonly name: string) {
    this.nodeId = nodeIdOf(name);
  }

  get natsUrl(): string { return this.server.url; }

  async startServers(): Promise<void> {
    const own = join(folder, this.name);
    mkdirSync(own, { recursive: true });
    this.server = await startNats({ storeDir: join(own, 'nats'), config: 'jetstream {}\n' });
    this.env = {
      KULA_NODE_ID: this.nodeId, KULA_NATS_URL: this.natsUrl, KULA_DATABASE_URL: await backend.databaseUrl(`checkpoint_${this.name}`),
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent', KULA_NODE_KEY: toBase64url(keyOfName(`node ${this.name}`)), KULA_NETWORK: NETWORK,
      KULA_PEERS_FILE: join(own, 'peers.json'), KULA_NODE_NAME: this.name, KULA_NODE_DOMAIN: `${this.name}.example`, KULA_GATEWAY_URL: `https://${this.name}.example`,
      KULA_OPERATOR_ID: walletOf('operator').did, KULA_CHECKPOINT_ENTRIES: '400',
    };
    await this.sql('CREATE SCHEMA federation');
    this.list([]);
    this.connection = await connect(natsOptions(this.natsUrl, 'spec'));
  }

  async start(): Promise<void> {
    this.service = await startService(federationService, this.env);
    this.operations = new OperationClient(this.natsUrl, 'spec');
  }

  async stopService(): Promise<void> {
    await this.service?.stop();
    await this.operations?.onApplicationShutdown();
    this.service = this.operations = undefined;
  }

  async restart(): Promise<void> {
    await this.stopService();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.stopService();
    await this.connection?.close();
    await this.server?.stop();
  }

  /** Links to some; lets others ask. */
  list(linked: readonly Reachable[], admitted: readonly { readonly nodeId: string; readonly name: string }[] = []): void {
    writeFileSync(this.env['KULA_PEERS_FILE']!, JSON.stringify([
      ...linked.map(({ nodeId, name, natsUrl, view = 'own' }) => ({ nodeId, name, natsUrl, view, apiPrefix: '$JS.API' })), ...admitted.map(({ nodeId, name }) => ({ nodeId, name })),
    ]));
  }

  databaseUrl(): string { return this.env['KULA_DATABASE_URL']!; }

  async putBack(databaseUrl: string): Promise<void> {
    this.env = { ...this.env, KULA_DATABASE_URL: databaseUrl };
    await this.sql(`UPDATE federation.own_log_standing SET alive_at = now() - interval '40 days'`);
  }

  async loseStream(): Promise<void> {
    await (await jetstreamManager(this.connection)).streams.delete('FEDLOG');
  }

  async stream(name = 'FEDLOG') { return (await jetstreamManager(this.connection)).streams.info(name); }

  /** Has so many things said about few subjects: most of it is dead at once. */
  async chatter(count: number, label: string, subjects = 20): Promise<void> {
    for (let from = 0; from < count; from += 500) {
      await Promise.all(Array.from({ length: Math.min(500, count - from) }, (_, index) => this.say(`${label}-${(from + index) % subjects}`, { free: String(from + index) })));
    }
  }

  async say(subject: string, body: Record<string, string> = {}, changes: Partial<EntryDraft> = {}): Promise<void> {
    const draft: EntryDraft = { id: randomUUID(), topic: 'graph', type: 'listing.reserved', subject, body: { listing_id: subject, home_node: this.nodeId, ...body }, ...changes };
    await jetstream(this.connection).publish(`fedout.${draft.topic}`, JSON.stringify(draft), { msgID: draft.id, timeout: 20_000 });
  }

  status() { return this.operations!.request(federation.getFederationStatus, {}, meta); }

  async headOf({ nodeId }: { readonly nodeId: string }) { return (await this.status()).heads.find(({ issuer }) => issuer === nodeId); }

  /** Waits until everything said here is sealed and published, a last checkpoint too. Answers the head. */
  async settled() {
    return until(`${this.name} to be settled`, async () => {
      const { unsealed, unpublished } = await this.status();
      const head = await this.headOf(this);
      const checkpoint = (await this.used(this)).at(-1);
      const isSummedUp = checkpoint !== undefined && Number(head?.seq) - checkpoint.seq < 400;
      return unsealed === 0 && unpublished === 0 && isSummedUp && head;
    });
  }

  reaches(issuer: Node, head: { readonly seq: number; readonly hash: string }) {
    return until(`${this.name} to hold ${issuer.name} up to ${head.seq}`, async () => { const now = await this.headOf(issuer); return now?.seq === head.seq && now.hash === head.hash; });
  }

  async used({ nodeId }: { readonly nodeId: string }): Promise<{ seq: number; hash: string; state: string }[]> {
    const rows = await this.sql<{ seq: string; hash: string; state: string }>(`SELECT seq, hash, state FROM federation.checkpoint WHERE issuer = $1 AND state <> 'refused' ORDER BY seq`, [nodeId]);
    return rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
  }

  refused(): Promise<{ issuer: string; seq: string; code: string; shown_by: string | null }[]> {
    return this.sql(`SELECT issuer, seq, code, shown_by FROM federation.checkpoint WHERE state = 'refused' ORDER BY issuer, seq`);
  }

  logOf({ nodeId }: { readonly nodeId: string }): Promise<Held[]> {
    return this.sql('SELECT seq, hash, topic, type, subject, ts, jws, position FROM federation.entry WHERE issuer = $1 ORDER BY seq', [nodeId]);
  }

  /** Everything its services were handed of a log, in order. */
  async applied({ nodeId }: { readonly nodeId: string }): Promise<AppliedEntry[]> {
    const { state } = await this.stream('FEDIN');
    const consumer = await jetstream(this.connection).consumers.get('FEDIN');
    const found: AppliedEntry[] = [];
    for (let last = 0; last < state.last_seq;) {
      for await (const message of await consumer.fetch({ max_messages: 2_000, expires: 2_000 })) {
        found.push(appliedEntry.parse(message.json()));
        last = message.seq;
        if (last === state.last_seq) break;
      }
    }
    return found.filter(({ issuer }) => issuer === nodeId);
  }

  /** Lets a month go by: entries dead at the newest checkpoints are forgotten. */
  async forget(): Promise<void> {
    await this.sql(`UPDATE federation.checkpoint SET judged_at = ${LONG_AGO}`);
    await this.restart();
    await until(`${this.name} to forget`, async () => (await this.sql('SELECT 1 FROM federation.entry JOIN (SELECT issuer, max(seq) AS newest FROM federation.checkpoint GROUP BY issuer) AS c USING (issuer) WHERE dead_at <= newest LIMIT 1')).length === 0);
  }

  sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> { return query(this.databaseUrl(), text, values); }
}

/** A peer written by the test, with a log of its own: it seals what it is told to, and gives what it likes. */
class Face implements Reachable {
  readonly nodeId: string;
  readonly log: SealedEntry[] = [];
  /** What it answers who asks for a range; its log where that is undefined. */
  range: ((from: number, to: number) => object) | undefined;
  snapshot: readonly string[] = [];
  snapshotsAsked = 0;
  private connection!: NatsConnection;
  private server!: NatsServer;

  constructor(readonly name: string) {
    this.nodeId = nodeIdOf(name);
  }

  get natsUrl(): string { return this.server.url; }

  async start(): Promise<void> {
    this.server = await startNats({ storeDir: join(folder, this.name), config: 'jetstream {}\n' });
    this.connection = await connect({ servers: this.natsUrl });
    const manager = await jetstreamManager(this.connection);
    const { created } = await manager.streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'] });
    const answer = (verb: string, by: (request: { readonly from: number; readonly to: number; readonly epoch: string | null }, caller: string) => object | Promise<object>) => this.connection.subscribe(`fedapi.${verb}.*`, {
      callback: (_error, message) => { void Promise.resolve(by(message.json(), message.subject.split('.')[2]!)).then((said) => message.respond(JSON.stringify(said))); },
    });
    answer('open', async ({ from, epoch }, caller) => {
      const consumer = `p_${caller}`;
      await manager.consumers.delete('FEDLOG', consumer).catch(() => undefined);
      await manager.consumers.add('FEDLOG', { name: consumer, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: epoch === String(created) ? from : 1, mem_storage: true, inactive_threshold: 120e9 });
      return { stream: 'FEDLOG', consumer, epoch: String(created), from, head: null };
    });
    answer('range', ({ from, to }) => this.range?.(from, to) ?? { entries: this.log.slice(from - 1, to).map(({ jws }) => jws) });
    answer('snapshot', () => { this.snapshotsAsked += 1; return { entries: this.snapshot, isLast: true }; });
    answer('heads', () => {
      const last = this.log.at(-1);
      const statement = { node_id: this.nodeId, made_at: new Date().toISOString(), heads: last === undefined ? {} : { [this.nodeId]: [last.seq, last.hash] }, next: null };
      return { statement, signature: signDocument(nodeEd25519, keyOfName(`node ${this.name}`), 'sep/head-vector/v1', statement as unknown as Json) };
    });
  }

  /** The next entry of its log. */
  seal(sub: string, changes: Partial<KernelDraft> = {}): SealedEntry {
    const last = this.log.at(-1);
    const sealer = { kid: `${this.nodeId}#1`, privateKey: keyOfName(`node ${this.name}`), net: NETWORK };
    const draft: KernelDraft = { topic: 'chains', type: 'chain.answered', sub, ts: 1_000, body: {}, ...changes };
    const [entry] = sealBatch(nodeEd25519, sealer, last && { seq: last.seq, hash: last.hash }, [draft]).entries;
    this.log.push(entry!);
    return entry!;
  }

  /** A checkpoint that covers only some of the log. */
  sealCheckpoint(covered: readonly SealedEntry[]): SealedEntry {
    return this.seal(this.nodeId, { topic: logCheckpoint.topic, type: logCheckpoint.type, body: { ...digestOf(covered) } });
  }

  async publish({ jws }: SealedEntry): Promise<void> {
    await jetstream(this.connection).publish(subjectOf(payloadIn(jws).topic, this.nodeId), jws);
  }

  async stop(): Promise<void> {
    await this.connection?.close();
    await this.server?.stop();
  }
}

const [north, south, east] = ['north', 'south', 'east'].map((name) => new Node(name)) as [Node, Node, Node];
const joiner = new Node('joiner');
const west = new Face('west');
const connections: NatsConnection[] = [];
const ids = (entries: readonly { readonly seq: number | string }[]): number[] => entries.map(({ seq }) => Number(seq));

/** The entries that are live at a checkpoint, by the rules, of a log held as a whole. */
const liveAt = (log: readonly Held[], checkpoint: { readonly seq: number }): number[] => {
  const items = itemsOf(log);
  const { ts } = items.find(({ seq }) => seq === checkpoint.seq)!;
  return ids(liveItems(items.filter(({ seq }) => seq < checkpoint.seq), { ts }));
};

async function connected({ natsUrl }: Reachable): Promise<NatsConnection> {
  const connection = await connect({ servers: natsUrl });
  connections.push(connection);
  return connection;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-checkpoint-'));
  backend = await startBackend();
  for (const node of [north, south, east]) await node.startServers();
  await west.start();
  north.list([south], [east]);
  south.list([north], [east]);
  await Promise.all([north.start(), south.start()]);
}, WAIT_MS);

afterAll(async () => {
  for (const connection of connections) await connection.close();
  for (const each of [north, south, east, joiner, west]) await each.stop();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
}, WAIT_MS);

describe('checkpoints', () => {
  it('are written once enough has been said and some of it is dead, and found true by everybody', async () => {
    const exp = Date.now() - 1;
    await north.say('chain-1', {}, { topic: 'chains', type: 'chain.answered' });
    await north.say('gone', {}, { type: 'listing.published' });
    await north.say('expired', {}, { type: 'listing.published', exp });
    await north.say('gone', {}, { type: 'listing.withdrawn' });
    await north.chatter(900, 'first');
    const head = await north.settled();
    await south.reaches(north, head);
    const [first] = await until('the checkpoint to be found true', async () => { const used = await south.used(north); return used.length > 0 && used; });
    expect(await north.used(north)).toContainEqual({ ...first, state: 'confirmed' });
    const log = await south.logOf(north);
    const before = log.filter(({ seq }) => Number(seq) < first!.seq);
    const audit = auditCheckpoint(before.map(({ jws }) => jws), log[before.length]!.jws);
    expect(audit).toMatchObject({ isSound: true });
    expect(audit.isSound && audit.live.map((seq) => log[seq - 1]!.subject).filter((subject) => !subject.startsWith('first-'))).toEqual([north.nodeId, 'chain-1', 'gone']);
    expect(ids(await south.sql('SELECT seq FROM federation.entry WHERE issuer = $2 AND seq < $1 AND dead_at IS NULL ORDER BY seq', [first!.seq, north.nodeId]))).toEqual(audit.isSound && audit.live);
    expect([await north.refused(), await south.refused()]).toEqual([[], []]);
  }, WAIT_MS);

  it('are not written while nothing is dead', async () => {
    expect((await south.headOf(south))?.seq).toBe(1);
    await south.chatter(450, 'live', 450);
    await until('all of it to be sealed', async () => (await south.headOf(south))?.seq === 451);
    await south.say('live-0');
    await south.chatter(450, 'more', 450);
    const [first] = await until('a checkpoint, now that one is dead', async () => { const used = await south.used(south); return used.length > 0 && used; });
    expect(first!.seq).toBeGreaterThan(452);
    const dead = await south.sql<Held>('SELECT seq, subject FROM federation.entry WHERE dead_at = $1 AND issuer = $2', [first!.seq, south.nodeId]);
    expect(dead.map(({ subject }) => subject)).toEqual(['live-0']);
  }, WAIT_MS);

  it('let a newcomer begin a long log without what is dead, and come to the same as who has read all of it', async () => {
    await north.chatter(5_000, 'long', 1_300);
    const head = await north.settled();
    await south.reaches(north, head);
    east.list([north]);
    await east.start();
    await east.reaches(north, head);
    const [adopted] = await east.used(north);
    expect(adopted).toMatchObject({ state: 'adopted' });
    expect(adopted!.seq).toBeGreaterThan(5_000);
    const [whole, short] = [await south.logOf(north), await east.logOf(north)];
    expect(whole).toHaveLength(head.seq);
    const tail = ids(whole).filter((seq) => seq >= adopted!.seq);
    expect(ids(short)).toEqual([...liveAt(whole, adopted!), ...tail]);
    expect(short.map(({ jws }) => jws)).toEqual(short.map(({ seq }) => whole[Number(seq) - 1]!.jws));
    const applied = await until('everything to be handed over', async () => { const now = await east.applied(north); return now.length >= short.length && now; });
    expect(ids(applied)).toEqual(ids(short));
    expect((await east.status()).links).toMatchObject([{ state: 'following', lastError: null, refused: 0 }]);
  }, 2 * WAIT_MS);
});

describe('what is forgotten', () => {
  it('bounds the table, and a puller that was away for long goes on from the checkpoint', async () => {
    south.list([], [east, north]);
    await until('south to let go of north', async () => (await south.status()).links.every(({ state }) => state === 'stopped'));
    const left = (await south.headOf(north))!;
    await north.chatter(1_300, 'away');
    const head = await north.settled();
    await until('the last checkpoint to be found true', async () => { const log = await north.logOf(north); return (await north.used(north)).at(-1)?.seq === Number(log.findLast(({ type }) => type === 'log.checkpoint')?.seq); });
    const whole = await north.logOf(north);
    const newest = (await north.used(north)).at(-1)!;
    await north.forget();
    const kept = await north.logOf(north);
    expect(ids(kept)).toEqual([...liveAt(whole, newest), ...ids(whole).filter((seq) => seq >= newest.seq)]);
    expect(kept.length).toBeLessThan(whole.length / 3);
    expect(await north.used(north)).toEqual([newest]);

    await north.stopService();
    await north.loseStream();
    await north.start();
    await until('the stream to be full again', async () => (await north.status()).unpublished === 0);
    const { state } = await north.stream();
    const [{ position: edge } = { position: '0' }] = await north.sql<{ position: string }>('SELECT position FROM federation.log_edge');
    expect(state.first_seq).toBe(Number(edge) + 1);
    expect(ids(whole.filter(({ position }) => Number(position) === state.first_seq))).toHaveLength(1);

    const handed = (await south.applied(north)).length;
    south.list([north], [east]);
    await south.reaches(north, head);
    expect((await south.used(north)).at(-1)).toEqual({ ...newest, state: 'adopted' });
    const live = new Set([...liveAt(whole, newest), ...ids(whole).filter((seq) => seq >= newest.seq)]);
    const held = await south.sql<{ seq: string }>('SELECT seq FROM federation.entry WHERE issuer = $1 AND (dead_at IS NULL OR dead_at > $2) ORDER BY seq', [north.nodeId, newest.seq]);
    expect(new Set(ids(held))).toEqual(live);
    const fresh = [...live].filter((seq) => seq > left.seq);
    const applied = await until('it to be handed over', async () => { const now = await south.applied(north); return now.length >= handed + fresh.length && now; });
    expect(ids(applied.slice(handed))).toEqual(fresh);
  }, 2 * WAIT_MS);

  it('makes the stream anew where it has lost its tail below what was forgotten', async () => {
    const epoch = async () => String((await north.stream()).created);
    const before = await epoch();
    await north.stopService();
    const [{ edge, tail } = { edge: '0', tail: '0' }] = await north.sql<{ edge: string; tail: string }>('SELECT (SELECT position FROM federation.log_edge) AS edge, max(position) AS tail FROM federation.entry');
    await north.loseStream();
    await (await jetstreamManager(await connected(north))).streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'], first_seq: Number(edge) - 5 });
    await north.start();
    await until('the stream to be whole behind the edge', async () => {
      const state = (await north.stream().catch(() => undefined))?.state;
      return state?.first_seq === Number(edge) + 1 && state.last_seq === Number(tail);
    });
    expect(await epoch()).not.toBe(before);
    expect((await north.status()).fault).toBeNull();
  }, WAIT_MS);

  it('is not counted where entries are handed over again: as many as were lost, however many places are empty', async () => {
    const dataSource = await new DataSource({ type: 'postgres', url: north.databaseUrl(), extra: { options: '-c search_path=federation' } }).initialize();
    try {
      const log = new EntryLog(dataSource);
      const tail = await log.tail();
      const count = Number((await north.sql<{ count: string }>('SELECT count(*) AS count FROM federation.entry'))[0]?.count);
      expect(tail - await log.edge()).toBeLessThan(count);
      for (const lost of [0, 1, count - 1, count, count + 1]) {
        const again = await log.after(await log.positionBefore(tail, lost), count + 1, Number.MAX_SAFE_INTEGER);
        expect(again).toHaveLength(Math.min(lost, count));
      }
    } finally {
      await dataSource.destroy();
    }
  });

  it('is not missed by a newcomer that reads everything from a relay', async () => {
    south.list([north], [east, joiner]);
    await joiner.startServers();
    joiner.list([{ nodeId: south.nodeId, name: south.name, natsUrl: south.natsUrl, view: 'all' }], [north]);
    await joiner.start();
    const [ofNorth, ofSouth] = [(await south.headOf(north))!, (await south.headOf(south))!];
    await joiner.reaches(north, ofNorth);
    await joiner.reaches(south, ofSouth);
    expect((await joiner.used(north)).at(-1)).toMatchObject({ state: 'adopted' });
    expect(await joiner.logOf(south)).toHaveLength(ofSouth.seq);
    const held = await joiner.logOf(north);
    const applied = await until('it to be handed over', async () => { const now = await joiner.applied(north); return now.length >= held.length && now; });
    expect(ids(applied)).toEqual(ids(held));
    await joiner.stopService();
  }, 2 * WAIT_MS);

  it('is not needed by a node that was put back to an older state: it begins again where its peers do, and contradicts nobody', async () => {
    await north.stopService();
    const old = await copyOf(north.databaseUrl());
    await north.start();
    const oldSeq = (await north.headOf(north))!.seq;
    await north.chatter(1_300, 'lost');
    const head = await north.settled();
    await south.reaches(north, head);
    await until('south to have found the last checkpoint true', async () => (await south.used(north)).at(-1)?.seq === (await north.used(north)).at(-1)?.seq);
    await south.forget();
    const live = ids(await south.logOf(north));
    await north.stopService();
    await north.loseStream();
    // Drafts are kept for two weeks, entries for longer.
    await (await jetstreamManager(await connected(north))).streams.purge('FEDOUT');
    await north.putBack(old);
    await north.start();
    await north.reaches(north, head);
    expect((await north.used(north)).at(-1)).toMatchObject({ state: 'adopted' });
    expect(ids(await north.logOf(north)).filter((seq) => seq > oldSeq)).toEqual(live.filter((seq) => seq > oldSeq));
    await until('north to sign', async () => (await north.sql('SELECT 1 FROM federation.sealing_hold')).length === 0);
    await north.say('after the restore');
    await until('north to seal', async () => (await north.logOf(north)).some(({ subject }) => subject === 'after the restore'));
    await south.reaches(north, (await north.headOf(north))!);
    expect((await south.headOf(north))?.agreedUpTo).toBeNull();
    expect(await south.refused()).toEqual([]);
  }, 2 * WAIT_MS);
});

describe('a checkpoint that is false', () => {
  it('is noted by whoever holds the log, and nothing is forgotten or given by it', async () => {
    south.list([north, west], [east]);
    const entries = ['first', 'owed', 'third'].map((sub) => west.seal(sub));
    const checkpoint = west.sealCheckpoint(entries.filter((_, index) => index !== 1));
    for (const entry of [...entries, checkpoint]) await west.publish(entry);
    const [refused] = await until('it to be noted', async () => { const now = await south.refused(); return now.length > 0 && now; });
    expect(refused).toEqual({ issuer: west.nodeId, seq: '4', code: 'checkpoint.wrong_digest', shown_by: null });
    expect(await south.used(west)).toEqual([]);
    expect((await south.headOf(west))?.seq).toBe(4);
    expect(await south.sql('SELECT 1 FROM federation.entry WHERE issuer = $1 AND dead_at IS NOT NULL', [west.nodeId])).toEqual([]);
    const asker = await connected(south);
    const answer = await asker.request(`fedapi.snapshot.${east.nodeId}`, JSON.stringify({ issuer: west.nodeId, checkpoint: 4, after: 0 }));
    expect(answer.json()).toMatchObject({ refused: 'federation.checkpoint_unknown' });
  }, WAIT_MS);

  it('is refused with its snapshot by who holds an entry that it leaves out, against peer and issuer, and once', async () => {
    for (let index = 0; index < 3; index += 1) west.seal(`unseen-${index}`);
    const covered = west.log.filter(({ seq }) => seq !== 2);
    const checkpoint = west.sealCheckpoint(covered);
    west.range = (from, to) => (to < 5 ? { entries: west.log.slice(from - 1, to).map(({ jws }) => jws) } : { entries: [], checkpoint: checkpoint.jws });
    west.snapshot = covered.map(({ jws }) => jws);
    await west.publish(west.seal('behind it'));
    const refused = await until('it to be noted', async () => { const now = await south.refused(); return now.length > 1 && now; });
    expect(refused[1]).toEqual({ issuer: west.nodeId, seq: '8', code: 'checkpoint.wrong_digest', shown_by: west.nodeId });
    const kept = await south.sql('SELECT issuer, code FROM federation.refused_arrival WHERE peer = $1', [west.nodeId]);
    expect(kept).toEqual([{ issuer: west.nodeId, code: 'checkpoint.wrong_digest' }]);
    await until('the link to have tried again', async () => (await south.status()).links.some(({ peer, state, lastError }) => peer === west.nodeId && state === 'waiting' && /no entry 5/.test(lastError ?? '')));
    expect([west.snapshotsAsked, (await south.headOf(west))?.seq]).toEqual([1, 4]);
  }, WAIT_MS);

  it('cannot be put under another snapshot by the peer that carries it', async () => {
    const live = west.log.filter(({ seq }) => seq !== 4);
    const checkpoint = west.sealCheckpoint(live);
    west.range = (from, to) => (to < 5 ? { entries: west.log.slice(from - 1, to).map(({ jws }) => jws) } : { entries: [], checkpoint: checkpoint.jws });
    west.snapshot = live.slice(0, -1).map(({ jws }) => jws);
    await until('the snapshot to be refused', async () => (await south.sql(`SELECT 1 FROM federation.refused_arrival WHERE peer = $1 AND detail LIKE '%counts another number%'`, [west.nodeId])).length > 0);
    expect((await south.refused()).map(({ seq }) => seq)).toEqual(['4', '8']);
    west.snapshot = live.map(({ jws }) => jws);
    await until('the right one to be taken', async () => (await south.headOf(west))?.seq === checkpoint.seq);
    expect((await south.logOf(west)).map(({ seq }) => Number(seq))).toEqual(ids(west.log));
  }, WAIT_MS);
});

describe('the stream of the log', () => {
  it('takes as much room as the server has where that is less than wanted', async () => {
    const server = await startNats({ storeDir: join(folder, 'small'), config: 'jetstream { max_file_store: 500MB }\n' });
    const log = await LogConnection.open({ url: server.url, retentionDays: 20, bytesMax: 1_600_000_000 });
    try {
      const { config, state } = await log.logStream(41);
      expect([config.max_bytes, config.max_age, config.discard, state.last_seq]).toEqual([400_000_000, 20 * 24 * 3_600 * 1e9, 'old', 41]);
      const other = await LogConnection.open({ url: server.url, retentionDays: 0, bytesMax: 100_000_000 });
      expect((await other.logStream(41)).config).toMatchObject({ max_bytes: 100_000_000, max_age: 0 });
      await other.onApplicationShutdown();
    } finally {
      await log.onApplicationShutdown();
      await server.stop();
    }
  });
});

