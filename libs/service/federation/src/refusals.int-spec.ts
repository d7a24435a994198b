import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { signDocument, toBase64url } from '@kula/kernel-crypto';
import {
  firstKey, sealBatch, sealEntry, subjectOf, verifyEquivocationProof, type EntryDraft, type EntryPayload, type EquivocationProof, type SealedEntry,
} from '@kula/kernel-federation-log';
import { startService, type RunningService } from '@kula/platform-host';
import { OperationClient } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, startNats, type NatsServer, type TestBackend } from '@kula/testing-servers';
import { until } from '@kula/testing-service-probe';
import { Client } from 'pg';
import { federationService } from './index.js';

const NETWORK = 'kula-spec';
const meta = { caller: null, correlationId: 'spec' };
const [north, east] = [nodeIdOf('north'), nodeIdOf('east')];

/** A peer written by the test: it owns a server and a stream, and says what it likes. */
class ScriptedPeer {
  readonly nodeId: string;
  readonly log: SealedEntry[] = [];
  /** At most ten at a time: of the largest entries no more fit in one message. */
  readonly honestRange = (from: number, to: number): string[] => this.log.slice(from - 1, Math.min(to, from + 9)).map(({ jws }) => jws);
  /** What it answers to questions for entries. */
  range: (from: number, to: number, issuer: string) => string[] = this.honestRange;
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
    this.connection.subscribe('fedapi.open.*', { callback: (_error, message) => {
      const consumer = `p_${message.subject.split('.')[2]}`;
      const { from, epoch } = message.json<{ from: number; epoch: string | null }>();
      void manager.consumers.delete('FEDLOG', consumer).catch(() => undefined)
        .then(() => manager.consumers.add('FEDLOG', { name: consumer, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: epoch === String(created) ? from : 1, mem_storage: true, inactive_threshold: 120e9 }))
        .then(() => message.respond(JSON.stringify({ stream: 'FEDLOG', consumer, epoch: String(created), from, head: null })));
    } });
    this.connection.subscribe('fedapi.heads.*', { callback: (_error, message) => {
      const statement = { node_id: this.nodeId, made_at: new Date().toISOString(), heads: {}, next: null };
      message.respond(JSON.stringify({ statement, signature: signDocument(nodeEd25519, keyOfName(`node ${this.name}`), 'sep/head-vector/v1', statement) }));
    } });
    this.connection.subscribe('fedapi.range.*', { callback: (_error, message) => {
      const { from, to, issuer } = message.json<{ from: number; to: number; issuer: string }>();
      message.respond(JSON.stringify({ entries: this.range(from, to, issuer) }));
    } });
  }

  /** The next entry of its log, as it would be if it were honest. */
  seal(changes: Partial<EntryDraft> = {}, net = NETWORK): SealedEntry {
    const privateKey = keyOfName(`node ${this.name}`);
    const last = this.log.at(-1);
    const draft = { topic: 'graph', type: 'listing.withdrawn', sub: `entry ${this.log.length + 1}`, ts: 1_000, body: { listing_id: 'x', home_node: this.nodeId }, ...changes };
    const { entries: [entry] } = sealBatch(nodeEd25519, { kid: `${this.nodeId}#1`, privateKey, net }, last && { seq: last.seq, hash: last.hash }, [draft]);
    this.log.push(entry!);
    return entry!;
  }

  async publish(jws: string, subject = subjectOf('graph', this.nodeId)): Promise<void> {
    await jetstream(this.connection).publish(subject, jws);
  }

  async stop(): Promise<void> {
    await this.connection?.close();
    await this.server?.stop();
  }
}

const payloadIn = (jws: string): EntryPayload => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as EntryPayload;
const subjectIn = (jws: string): string => subjectOf(payloadIn(jws).topic, payloadIn(jws).iss);

/** Other content under a signature that was made for what was there. */
function altered(jws: string): string {
  const [header, , signature] = jws.split('.');
  const payload = { ...payloadIn(jws), sub: 'altered' };
  return `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`;
}

function badlySigned(jws: string): string {
  const [header, payload, signature = ''] = jws.split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
}

/** An entry with other payload text, under a signature that holds. */
function signedAs(payloadText: string, { jws }: SealedEntry): string {
  const text = `${jws.split('.')[0]}.${Buffer.from(payloadText).toString('base64url')}`;
  return `${text}.${toBase64url(nodeEd25519.sign(keyOfName('node west'), new TextEncoder().encode(text)))}`;
}

let folder: string;
let backend: TestBackend;
let env: Record<string, string>;
let service: RunningService;
let operations: OperationClient;
let caller: NatsConnection;

/** A peer as the peers file lists it. East is known and has no server here. */
const listed = (peer: ScriptedPeer, view: 'own' | 'all' = 'own') => ({ nodeId: peer.nodeId, name: peer.name, natsUrl: peer.natsUrl, apiPrefix: '$JS.API', view });
const list = (...peers: ScriptedPeer[]) => writeFileSync(env['KULA_PEERS_FILE']!, JSON.stringify([{ nodeId: east, name: 'east' }, ...peers.map((peer) => listed(peer))]));

const status = () => operations.request(federation.getFederationStatus, {}, meta);
const linkTo = async (peer: ScriptedPeer) => (await status()).links.find((link) => link.peer === peer.nodeId);
const headOf = async (peer: ScriptedPeer) => (await status()).heads.find(({ issuer }) => issuer === peer.nodeId);
const heldUpTo = (peer: ScriptedPeer, seq: number) => until(`north to hold ${seq} entries of ${peer.name}`, async () => (await headOf(peer))?.seq === seq);
const linkThatIs = (peer: ScriptedPeer, state: string) => until(`the link to be ${state}`, async () => { const link = await linkTo(peer); return link?.state === state && link; });

async function sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: env['KULA_DATABASE_URL'] });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function refused(peer: ScriptedPeer, code: string): Promise<number> {
  const [row] = await sql<{ count: string }>('SELECT count FROM federation.refusal_count WHERE peer = $1 AND code = $2', [peer.nodeId, code]);
  return Number(row?.count ?? 0);
}

const handedOver = async (): Promise<number> => (await (await jetstreamManager(caller)).streams.info('FEDIN')).state.messages;

const west = new ScriptedPeer('west');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-refusals-'));
  backend = await startBackend();
  env = {
    KULA_NODE_ID: north, KULA_NATS_URL: backend.natsUrl, KULA_DATABASE_URL: await backend.databaseUrl('refusals'), KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent',
    KULA_NODE_KEY: toBase64url(keyOfName('node north')), KULA_NETWORK: NETWORK, KULA_PEERS_FILE: join(folder, 'peers.json'), KULA_NODE_NAME: 'North',
    KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'https://north.example', KULA_OPERATOR_ID: walletOf('operator').did,
  };
  await sql('CREATE SCHEMA federation');
  await west.start();
  list(west);
  service = await startService(federationService, env);
  operations = new OperationClient(backend.natsUrl, 'spec');
  caller = await connect({ servers: backend.natsUrl });
});

afterAll(async () => {
  await service?.stop();
  await west.stop();
  await operations?.onApplicationShutdown();
  await caller?.close();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a peer that lies', () => {
  it('is believed as long as it does not', async () => {
    for (const { jws } of [west.seal({ topic: 'announce', type: 'node.announced' }), west.seal(), west.seal()]) await west.publish(jws, subjectIn(jws));
    await heldUpTo(west, 3);
    expect(await linkTo(west)).toMatchObject({ state: 'following', lastError: null, received: 3, refused: 0 });
  });

  it.each<[string, string, (genuine: SealedEntry) => [jws: string, subject?: string]]>([
    ['with a bad signature', 'entry.bad_signature', ({ jws }) => [badlySigned(jws)]],
    ['whose body was altered', 'entry.bad_signature', ({ jws }) => [altered(jws)]],
    ['that is no entry', 'entry.malformed', () => ['not an entry \0']],
    ['that is too large', 'entry.too_large', () => ['x'.repeat(70_000)]],
    ['that is nested too deep', 'entry.malformed', (genuine) => [signedAs(JSON.stringify(payloadIn(genuine.jws)).replace('"body":{', `"body":{"deep":${'['.repeat(40)}${']'.repeat(40)},`), genuine)]],
    ['on the subject of another topic', 'entry.wrong_topic', ({ jws }) => [jws, subjectOf('chains', west.nodeId)]],
    ['of a peer on the log of another', 'entry.wrong_issuer', () => [new ScriptedPeer('east').seal().jws, subjectOf('graph', west.nodeId)]],
    ['in the name of a peer, with its own key', 'entry.wrong_issuer', ({ jws }) => [jws, subjectOf('graph', east)]],
    ['of an unknown node', 'federation.issuer_unknown', ({ jws }) => [jws, subjectOf('graph', nodeIdOf('stranger'))]],
    ['of the receiving node itself', 'federation.own_log', ({ jws }) => [jws, subjectOf('graph', north)]],
  ])('is refused an entry %s, between genuine ones', async (_, code, forge) => {
    const [before, seq] = [await refused(west, code), west.log.length];
    const genuine = west.seal();
    await west.publish(...forge(genuine));
    await west.publish(genuine.jws);
    await heldUpTo(west, seq + 1);
    expect(await refused(west, code)).toBe(before + 1);
    const [held] = await sql<{ jws: string }>('SELECT jws FROM federation.entry WHERE issuer = $1 AND seq = $2', [west.nodeId, seq + 1]);
    expect(held?.jws).toBe(genuine.jws);
  });

  it('is refused an entry of another network', async () => {
    const [before, seq] = [await refused(west, 'entry.wrong_network'), west.log.length];
    await west.publish(west.seal({}, 'another-network').jws);
    west.log.pop();
    await west.publish(west.seal().jws);
    await heldUpTo(west, seq + 1);
    expect(await refused(west, 'entry.wrong_network')).toBe(before + 1);
  });

  it('leaves what was refused with its reason and its bytes', async () => {
    const rows = await sql<{ code: string; bytes: Buffer }>('SELECT code, bytes FROM federation.refused_arrival WHERE peer = $1 ORDER BY id', [west.nodeId]);
    expect(rows.map(({ code }) => code)).toEqual([
      'entry.bad_signature', 'entry.bad_signature', 'entry.malformed', 'entry.too_large', 'entry.malformed', 'entry.wrong_topic', 'entry.wrong_issuer', 'entry.wrong_issuer',
      'federation.issuer_unknown', 'federation.own_log', 'entry.wrong_network',
    ]);
    expect(rows[2]?.bytes.toString()).toBe('not an entry \0');
    expect(rows[3]?.bytes.length).toBe(65_536);
    expect((await linkTo(west))?.refused).toBe(rows.length);
  });

  it('changes nothing by saying the same again', async () => {
    const seq = west.log.length;
    await until('everything to be handed over', async () => (await handedOver()) === seq + 1);
    const before = await linkTo(west);
    for (const { jws } of west.log) await west.publish(jws, subjectIn(jws));
    await west.publish(west.seal().jws);
    await heldUpTo(west, seq + 1);
    expect(await linkTo(west)).toMatchObject({ received: before!.received + 1, refused: before!.refused });
    await until('the new entry to be handed over', async () => (await handedOver()) === seq + 2);
  });

  it('is asked for what it left out, and not believed where it gives something else', async () => {
    const seq = west.log.length;
    const [hidden, shown] = [west.seal(), west.seal()];
    west.range = () => [altered(hidden.jws)];
    await west.publish(shown.jws);
    expect((await linkThatIs(west, 'waiting')).lastError).toMatch(`no entry ${seq + 1} of ${west.nodeId}`);
    expect((await headOf(west))?.seq).toBe(seq);
    west.range = west.honestRange;
    await heldUpTo(west, seq + 2);
  });

  it('is frozen at the last agreed entry once it says two things, and the proof convinces a stranger', async () => {
    const seq = west.log.length;
    const told = payloadIn(west.log.at(-2)!.jws);
    const other = sealEntry(nodeEd25519, keyOfName('node west'), `${west.nodeId}#1`, { ...told, sub: 'another word' });
    await west.publish('jws' in other ? other.jws : '');
    expect((await linkThatIs(west, 'stopped')).lastError).toMatch(`contradicted itself after entry ${told.seq - 1}`);
    expect(await headOf(west)).toMatchObject({ seq, agreedUpTo: told.seq - 1 });
    const [row] = await sql<{ proof: EquivocationProof }>('SELECT proof FROM federation.equivocation WHERE issuer = $1', [west.nodeId]);
    expect(verifyEquivocationProof(nodeEd25519, row!.proof, firstKey, { net: NETWORK })).toMatchObject({ iss: west.nodeId, at: told.seq });
  });

  it('stays frozen over a restart', async () => {
    const head = await headOf(west);
    await service.stop();
    await west.publish(west.seal().jws);
    await sql(`UPDATE federation.link SET state = 'following', last_error = NULL`);
    service = await startService(federationService, env);
    await until('the link to say why it is stopped', async () => (await linkThatIs(west, 'stopped')).lastError?.includes('contradicted itself'));
    expect(await headOf(west)).toEqual(head);
  });
});

describe('a peer whose log forks at its head', () => {
  const fork = new ScriptedPeer('south');
  beforeAll(async () => {
    await fork.start();
    list(west, fork);
  });
  afterAll(async () => { await fork.stop(); });

  it('is frozen before the fork', async () => {
    for (const { jws } of [fork.seal(), fork.seal()]) await fork.publish(jws);
    await heldUpTo(fork, 2);
    fork.log.pop();
    fork.seal({ sub: 'another second' });
    await fork.publish(fork.seal().jws);
    await linkThatIs(fork, 'stopped');
    expect(await headOf(fork)).toMatchObject({ seq: 2, agreedUpTo: 1 });
  });
});

describe('a peer that withholds', () => {
  const [moor, lake] = [new ScriptedPeer('moor'), new ScriptedPeer('lake')];
  beforeAll(async () => {
    await moor.start();
    await lake.start();
    list(west, moor, lake);
    for (const peer of [moor, lake]) await linkThatIs(peer, 'following');
  });
  afterAll(async () => {
    await moor.stop();
    await lake.stop();
  });

  it.each<[string, ScriptedPeer['range']]>([
    ['gives nothing', () => []],
    ['gives rubbish', (from, to) => moor.honestRange(from, to).map(altered)],
    ['gives the beginning only', (from) => moor.honestRange(from, from)],
    ['gives what lies further on', (_, to) => moor.honestRange(to, to)],
  ])('and %s keeps nobody from taking its entries from another one', async (_, answer) => {
    const seq = moor.log.length;
    for (let index = 0; index < 5; index += 1) moor.seal();
    moor.range = answer;
    lake.range = (from, to, issuer) => (issuer === moor.nodeId ? moor.honestRange(from, to) : lake.honestRange(from, to));
    await moor.publish(moor.log.at(-1)!.jws);
    await heldUpTo(moor, seq + 5);
    expect(await linkTo(moor)).toMatchObject({ state: 'following', lastError: null });
  });

  it('is passed over until its time has come where it dates entries ahead, and is taken then', async () => {
    const seq = moor.log.length;
    moor.range = moor.honestRange;
    const before = await refused(moor, 'federation.clock_ahead');
    for (const ts of [Date.now(), Date.now() + 5 * 60_000 + 3_000, Date.now()]) await moor.publish(moor.seal({ ts }).jws);
    await until('the entries to be passed over', async () => (await refused(moor, 'federation.clock_ahead')) === before + 2);
    expect(await linkTo(moor)).toMatchObject({ state: 'following', lastError: null });
    expect((await headOf(moor))?.seq).toBe(seq + 1);
    await heldUpTo(moor, seq + 3);
    expect(await sql('SELECT 1 FROM federation.parked_issuer')).toEqual([]);
  });

  it('is parked where it says more than its quota, and its link goes on', async () => {
    const restart = async (bytes: string) => {
      await service.stop();
      service = await startService(federationService, { ...env, KULA_ISSUER_BYTES_PER_DAY: bytes });
      await linkThatIs(moor, 'following');
    };
    const seq = moor.log.length;
    await restart('1000000');
    for (let index = 0; index < 40; index += 1) await moor.publish(moor.seal({ body: { text: 'x'.repeat(40_000) } }).jws);
    await until('the quota to be spent', async () => (await refused(moor, 'federation.issuer_over_quota')) > 0);
    const counted = await refused(moor, 'federation.issuer_over_quota');
    await moor.publish(moor.seal().jws);
    await until('what comes later to be passed over', async () => (await refused(moor, 'federation.issuer_over_quota')) > counted);
    expect((await headOf(moor))!.seq).toBeLessThan(seq + 41);
    expect(await linkTo(moor)).toMatchObject({ state: 'following', lastError: null });
    await lake.publish(lake.seal().jws);
    await heldUpTo(lake, 1);
    await restart('1000000000');
    await heldUpTo(moor, seq + 41);
  });
});

describe('a relay', () => {
  const hill = new ScriptedPeer('hill');
  const [eastern, stranger] = [new ScriptedPeer('east'), new ScriptedPeer('stranger')];
  const ownEntries = async () => (await operations.request(federation.listEntries, { issuer: north, limit: 200 }, meta)).items;
  beforeAll(async () => {
    await hill.start();
    writeFileSync(env['KULA_PEERS_FILE']!, JSON.stringify([{ nodeId: east, name: 'east' }, listed(hill, 'all')]));
    await linkThatIs(hill, 'following');
  });
  afterAll(async () => { await hill.stop(); });

  it('brings what others have signed that are admitted, and the rest is counted and soon said no more of', async () => {
    const before = await refused(hill, 'federation.issuer_unknown');
    for (let index = 0; index < 100; index += 1) {
      await hill.publish(stranger.seal().jws, subjectOf('graph', stranger.nodeId));
      if (index < 20) await hill.publish(eastern.seal().jws, subjectOf('graph', east));
    }
    await hill.publish(hill.seal().jws);
    await heldUpTo(eastern, 20);
    await until('all strangers to be counted', async () => (await refused(hill, 'federation.issuer_unknown')) === before + 100);
    expect(await linkTo(hill)).toMatchObject({ state: 'following', lastError: null, received: 21 });
    expect(await sql('SELECT 1 FROM federation.refused_arrival WHERE peer = $1', [hill.nodeId])).toHaveLength(1);
  });

  it('may carry this node\'s own entries back', async () => {
    const before = await linkTo(hill);
    for (const { jws } of await ownEntries()) await hill.publish(jws, subjectIn(jws));
    await hill.publish(eastern.seal().jws, subjectOf('graph', east));
    await heldUpTo(eastern, 21);
    expect(await linkTo(hill)).toMatchObject({ state: 'following', refused: before!.refused });
    expect(await sql('SELECT 1 FROM federation.sealing_hold')).toEqual([]);
  });

  it('stops nothing where it lacks entries of another, which are fetched once somebody has them', async () => {
    const seq = eastern.log.length;
    const [hidden, shown] = [eastern.seal(), eastern.seal()];
    hill.range = () => [];
    await hill.publish(shown.jws, subjectIn(shown.jws));
    await until('the entry to be passed over', async () => (await refused(hill, 'federation.entries_missing')) === 1);
    expect(await linkTo(hill)).toMatchObject({ state: 'following', lastError: null });
    hill.range = (from, to, issuer) => (issuer === east ? eastern.honestRange(from, to) : []);
    await sql(`UPDATE federation.parked_issuer SET until_ms = 0`);
    await service.stop();
    service = await startService(federationService, env);
    await heldUpTo(eastern, seq + 2);
    expect(payloadIn(hidden.jws).seq).toBe(seq + 1);
  });

  it('is the first to notice what this node has lost: nothing is signed before it has come back', async () => {
    await linkThatIs(hill, 'following');
    const own = (await ownEntries()).at(-1)!;
    const payload = { ...payloadIn(own.jws), seq: own.seq + 1, prev: own.hash, topic: 'graph', type: 'listing.withdrawn', sub: 'lost', body: { listing_id: 'lost', home_node: north } };
    const lost = sealEntry(nodeEd25519, keyOfName('node north'), `${north}#1`, payload);
    const jws = 'jws' in lost ? lost.jws : '';
    hill.range = (from, _, issuer) => (issuer === north && from === own.seq + 1 ? [jws] : []);
    await hill.publish(jws, subjectIn(jws));
    const held = await until('the entry to have come back', async () => { const last = (await ownEntries()).at(-1); return last?.seq === own.seq + 1 && last; });
    expect(held.jws).toBe(jws);
    await until('this node to sign again', async () => (await sql('SELECT 1 FROM federation.sealing_hold')).length === 0);
  });
});

describe('the door for peers', () => {
  beforeAll(async () => {
    list(west);
    await linkThatIs(west, 'stopped');
    await until('west to be a peer again', async () => 'entries' in await ask('range', { issuer: west.nodeId, from: 1, to: 1 }, west.nodeId));
  });
  const ask = async (verb: string, request: unknown, who = east) =>
    (await caller.request(`fedapi.${verb}.${who}`, typeof request === 'string' ? request : JSON.stringify(request), { timeout: 5_000 })).json<Record<string, unknown>>();

  it('gives entries of any log it holds by their numbers', async () => {
    expect(await ask('range', { issuer: west.nodeId, from: 2, to: 4 })).toEqual({ entries: west.log.slice(1, 4).map(({ jws }) => jws) });
    expect(await ask('range', { issuer: nodeIdOf('stranger'), from: 1, to: 9 })).toEqual({ entries: [] });
    expect(await ask('range', { issuer: west.nodeId, from: 4, to: 2 })).toEqual({ entries: [] });
  });

  it('opens at the place asked for, and at 1 for a caller that knows another stream', async () => {
    const first = await ask('open', { from: 7, epoch: 'another', view: 'own' });
    expect(first).toMatchObject({ stream: 'FEDLOG', consumer: `p_${east}`, from: 1, head: { seq: expect.any(Number) } });
    expect(await ask('open', { from: 7, epoch: first['epoch'] })).toMatchObject({ from: 7, epoch: first['epoch'] });
  });

  it('refuses who is no peer', async () => {
    expect(await ask('range', { issuer: west.nodeId, from: 1, to: 1 }, nodeIdOf('stranger'))).toMatchObject({ refused: 'federation.peer_unknown' });
  });

  it.each<[string, string, unknown]>([
    ['open', 'no JSON', '{'], ['open', 'too many bytes', `"${'x'.repeat(5_000)}"`], ['open', 'a place before the first', { from: 0, epoch: null }],
    ['open', 'a view it does not have', { from: 1, epoch: null, view: 'some' }], ['range', 'an issuer that is none', { issuer: '>', from: 1, to: 2 }],
  ])('refuses %s with %s', async (verb, _, request) => {
    expect(await ask(verb, request)).toMatchObject({ refused: 'federation.request_malformed' });
  });

  it('tells a peer once that it asks too often, hears others meanwhile, and hears it again later', async () => {
    const answers: string[] = [];
    const request = JSON.stringify({ issuer: west.nodeId, from: 1, to: 1 });
    caller.subscribe('flood', { callback: (_error, message) => { answers.push(message.string()); } });
    for (let index = 0; index < 5_000; index += 1) caller.publish(`fedapi.range.${east}`, request, { reply: 'flood' });
    await until('the refusal', async () => answers.some((answer) => answer.includes('federation.too_many_requests')));
    expect(await ask('range', { issuer: west.nodeId, from: 1, to: 1 }, west.nodeId)).toHaveProperty('entries');
    expect(answers.length).toBeLessThan(200);
    await until('the peer to be heard again', async () => 'entries' in await ask('range', { issuer: west.nodeId, from: 1, to: 1 }).catch(() => ({})));
  });
});
