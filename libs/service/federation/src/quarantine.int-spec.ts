import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { equivocationProven, federation } from '@kula/contracts';
import { hashDocument, signDocument, toBase64url, type Json } from '@kula/kernel-crypto';
import { firstKey, sealBatch, subjectOf, verifyEquivocationProof, type EntryDraft, type EquivocationProof, type SealedEntry } from '@kula/kernel-federation-log';
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
const API = '$JS.API';

/** One that can be listed as a peer. */
interface Reachable { readonly nodeId: string; readonly name: string; readonly natsUrl: string }

let folder: string;
let backend: TestBackend;

/** A face of a node written by the test: it owns a server and a stream, signs with the node's key, and says what it likes. */
class Face implements Reachable {
  readonly nodeId: string;
  readonly log: SealedEntry[];
  /** Who signs what it says it holds. */
  vouchedBy: string;
  private connection!: NatsConnection;
  private server!: NatsServer;

  constructor(readonly name: string, readonly place: string, shared: readonly SealedEntry[] = []) {
    this.nodeId = nodeIdOf(name);
    this.vouchedBy = name;
    this.log = [...shared];
  }

  get natsUrl(): string { return this.server.url; }

  async start(): Promise<void> {
    this.server = await startNats({ storeDir: join(folder, this.place), config: 'jetstream {}\n' });
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
    this.connection.subscribe('fedapi.range.*', { callback: (_error, message) => {
      const { issuer, from, to } = message.json<{ issuer: string; from: number; to: number }>();
      message.respond(JSON.stringify({ entries: issuer === this.nodeId ? this.log.slice(from - 1, to).map(({ jws }) => jws) : [] }));
    } });
    this.connection.subscribe('fedapi.heads.*', { callback: (_error, message) => { message.respond(JSON.stringify(this.heads())); } });
    for (const entry of this.log) await this.publish(entry);
  }

  /** The next entry of its log, given to whoever reads this face. */
  async say(sub: string, changes: Partial<EntryDraft> = {}): Promise<SealedEntry> {
    const last = this.log.at(-1);
    const draft = { topic: 'graph', type: 'listing.withdrawn', sub, ts: 1_000, body: { listing_id: 'x', home_node: this.nodeId }, ...changes };
    const sealer = { kid: `${this.nodeId}#1`, privateKey: keyOfName(`node ${this.name}`), net: NETWORK };
    const [entry] = sealBatch(nodeEd25519, sealer, last && { seq: last.seq, hash: last.hash }, [draft]).entries;
    this.log.push(entry!);
    await this.publish(entry!, draft.topic);
    return entry!;
  }

  async publish({ jws }: SealedEntry, topic = 'graph'): Promise<void> {
    await jetstream(this.connection).publish(subjectOf(topic, this.nodeId), jws);
  }

  async stop(): Promise<void> {
    await this.connection?.close();
    await this.server?.stop();
  }

  private heads() {
    const last = this.log.at(-1);
    const statement = { node_id: this.nodeId, made_at: new Date().toISOString(), heads: last === undefined ? {} : { [this.nodeId]: [last.seq, last.hash] }, next: null };
    return { statement, signature: signDocument(nodeEd25519, keyOfName(`node ${this.vouchedBy}`), 'sep/head-vector/v1', statement as unknown as Json) };
  }
}

/** One node: its own nats-server, database and federation service. */
class Node implements Reachable {
  readonly nodeId: string;
  private server!: NatsServer;
  private service!: RunningService;
  private operations!: OperationClient;
  private env: Record<string, string> = {};

  constructor(readonly name: string) {
    this.nodeId = nodeIdOf(name);
  }

  get natsUrl(): string { return this.server.url; }

  async start(): Promise<void> {
    const own = join(folder, this.name);
    mkdirSync(own, { recursive: true });
    this.server = await startNats({ storeDir: join(own, 'nats'), config: 'jetstream {}\n' });
    this.env = {
      KULA_NODE_ID: this.nodeId, KULA_NATS_URL: this.natsUrl, KULA_DATABASE_URL: await backend.databaseUrl(`quarantine_${this.name}`),
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent', KULA_NODE_KEY: toBase64url(keyOfName(`node ${this.name}`)), KULA_NETWORK: NETWORK,
      KULA_PEERS_FILE: join(own, 'peers.json'), KULA_NODE_NAME: this.name, KULA_NODE_DOMAIN: `${this.name}.example`, KULA_GATEWAY_URL: `https://${this.name}.example`,
      KULA_OPERATOR_ID: walletOf('operator').did,
    };
    await this.sql('CREATE SCHEMA federation');
    this.list([]);
    this.service = await startService(federationService, this.env);
    this.operations = new OperationClient(this.natsUrl, 'spec');
  }

  /** Links to some; admits others, and every node of the test, without a link. */
  list(linked: readonly Reachable[], admitted: readonly string[] = []): void {
    const known = new Set([this.nodeId, ...linked.map(({ nodeId }) => nodeId)]);
    const peers = [
      ...linked.map(({ nodeId, name, natsUrl }) => ({ nodeId, name, natsUrl, apiPrefix: API })),
      ...['north', 'south', 'east', ...admitted].map((name) => ({ nodeId: nodeIdOf(name), name })).filter(({ nodeId }) => !known.has(nodeId)),
    ];
    writeFileSync(this.env['KULA_PEERS_FILE']!, JSON.stringify(peers));
  }

  async restart(): Promise<void> {
    await this.service.stop();
    this.service = await startService(federationService, this.env);
  }

  status() { return this.operations.request(federation.getFederationStatus, {}, meta); }

  async headOf({ nodeId }: { readonly nodeId: string }) { return (await this.status()).heads.find(({ issuer }) => issuer === nodeId); }

  holds(issuer: { readonly nodeId: string; readonly name: string }, seq: number) {
    return until(`${this.name} to hold ${seq} entries of ${issuer.name}`, async () => (await this.headOf(issuer))?.seq === seq);
  }

  freezes(issuer: { readonly nodeId: string; readonly name: string }, agreedUpTo: number) {
    return until(`${this.name} to freeze ${issuer.name} at ${agreedUpTo}`, async () => (await this.headOf(issuer))?.agreedUpTo === agreedUpTo);
  }

  contradictions(): Promise<{ items: { issuer: string; at: number; shownBy: string; state: string; kept: string | null; reason: string | null; hashes: string[]; proof: object }[]; nextCursor: string | null }> {
    return this.operations.request(federation.listEquivocations, {}, meta);
  }

  async equivocationsOf({ nodeId }: { readonly nodeId: string }) { return (await this.contradictions()).items.filter(({ issuer }) => issuer === nodeId); }

  release(issuer: string, reason: string) { return this.operations.request(federation.releaseIssuer, { issuer, reason }, meta); }

  async refusals(peer: string, code: string): Promise<number> {
    const [row] = await this.sql<{ count: string }>('SELECT count FROM federation.refusal_count WHERE peer = $1 AND code = $2', [peer, code]);
    return Number(row?.count ?? 0);
  }

  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.env['KULA_DATABASE_URL'] });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    await this.operations?.onApplicationShutdown();
    await this.server?.stop();
  }
}

const [north, south, east] = ['north', 'south', 'east'].map((name) => new Node(name)) as [Node, Node, Node];
const faces: Face[] = [];

/** A face that is up. */
async function face(name: string, place: string, shared: readonly SealedEntry[] = []): Promise<Face> {
  const made = new Face(name, place, shared);
  faces.push(made);
  await made.start();
  return made;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-quarantine-'));
  backend = await startBackend();
  for (const node of [north, south, east]) await node.start();
}, 60_000);

afterAll(async () => {
  for (const each of [north, south, east, ...faces]) await each.stop();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('head vectors', () => {
  it('bring entries of a node that no link of ours leads to', async () => {
    const dora = await face('dora', 'dora');
    for (const sub of ['one', 'two', 'three']) await dora.say(sub);
    north.list([dora]);
    await north.holds(dora, 3);
    east.list([north], ['dora']);
    await east.holds(dora, 3);
  });

  it('tell each node how much of its log the others hold', async () => {
    south.list([north]);
    const { seq } = (await north.headOf(north))!;
    await south.holds(north, seq);
    north.list([south]);
    const said = await until('the word of south', async () => (await north.sql<{ seq: string }>('SELECT seq FROM federation.peer_head WHERE peer = $1 AND issuer = $2', [south.nodeId, north.nodeId]))[0]);
    expect(Number(said.seq)).toBe(seq);
  });

  it('are kept of admitted issuers only, and only where the peer itself has signed them', async () => {
    const [honest, other] = [await face('honest', 'honest'), await face('other', 'other')];
    other.vouchedBy = 'honest';
    await honest.say('one');
    await other.say('one');
    north.list([honest, other]);
    await until('the word of the honest', async () => (await north.sql('SELECT FROM federation.peer_head WHERE peer = $1', [honest.nodeId])).length === 1);
    await north.holds(other, 1);
    east.list([north]);
    await until('the word of north', async () => (await east.sql('SELECT FROM federation.peer_head WHERE peer = $1', [north.nodeId])).length > 0);
    expect(await north.sql('SELECT FROM federation.peer_head WHERE peer = $1', [other.nodeId])).toEqual([]);
    const issuers = await east.sql<{ issuer: string }>('SELECT issuer FROM federation.peer_head WHERE peer = $1', [north.nodeId]);
    expect(issuers.map(({ issuer }) => issuer)).not.toContain(honest.nodeId);
  });
});

describe('a node that shows different logs to two others', () => {
  let left: Face;
  let right: Face;

  beforeAll(async () => {
    left = await face('west', 'west-left');
    for (const sub of ['one', 'two', 'three']) await left.say(sub);
    right = await face('west', 'west-right', left.log);
    for (const sub of ['four', 'five', 'six']) await left.say(sub);
    for (const sub of ['another four', 'another five', 'another six', 'another seven']) await right.say(sub);
    for (const node of [north, south, east]) node.list([]);
    north.list([left]);
    south.list([right]);
    east.list([left, north]);
    await Promise.all([north.holds(left, 6), south.holds(right, 7), east.holds(left, 6)]);
  }, 60_000);

  it('is believed by each as long as they do not compare', async () => {
    for (const node of [north, south, east]) expect((await node.headOf(left))?.agreedUpTo).toBeNull();
  });

  it('is found by head vectors alone, and frozen by all at the same entry, also by one that never saw the other branch', async () => {
    north.list([left, south]);
    south.list([right, north]);
    await Promise.all([north, south].map((node) => node.freezes(left, 3)));
    // Whichever has compared first has told it. Where that was south, to whom east has no link, east hears of it at the next
    // exchange with north, which a new connection brings about at once.
    east.list([left]);
    await until('the link to be gone', async () => (await east.status()).links.find(({ peer }) => peer === north.nodeId)?.state === 'stopped');
    east.list([left, north]);
    await east.freezes(left, 3);
    const [told] = await east.equivocationsOf(left);
    expect(told).toMatchObject({ issuer: left.nodeId, at: 4, state: 'frozen', kept: null });
    expect([north.nodeId, south.nodeId]).toContain(told!.shownBy);
    expect([...told!.hashes].sort()).toEqual([left.log[3]!.hash, right.log[3]!.hash].sort());
    for (const node of [north, south, east]) {
      const [kept] = await node.equivocationsOf(left);
      expect(verifyEquivocationProof(nodeEd25519, kept?.proof as EquivocationProof, firstKey, { net: NETWORK })).toMatchObject({ iss: left.nodeId, at: 4 });
    }
  });

  it('is told once by each that found it, and by nobody else', async () => {
    const finders = await Promise.all([north, south, east].map(async (node) => {
      const [row] = await node.sql<{ is_found_here: boolean }>('SELECT is_found_here FROM federation.equivocation WHERE issuer = $1', [left.nodeId]);
      const told = await node.sql('SELECT FROM federation.entry WHERE issuer = $1 AND type = $2 AND subject = $3', [node.nodeId, equivocationProven.type, left.nodeId]);
      expect(told).toHaveLength(row?.is_found_here === true ? 1 : 0);
      return row?.is_found_here;
    }));
    expect(finders).toContain(true);
    expect(finders[2]).toBe(false);
  });

  it('is not taken any further', async () => {
    const entry = await left.say('seven');
    expect(entry.seq).toBe(7);
    await until('the link to be stopped', async () => (await north.status()).links.find(({ peer }) => peer === left.nodeId)?.state === 'stopped');
    expect((await north.headOf(left))?.seq).toBe(6);
  });

  it('goes on along the branch held here once an operator has decided, and the other branch stays refused', async () => {
    const released = await north.release(left.nodeId, 'they lost a disk and say so');
    expect(released).toMatchObject({ issuer: left.nodeId, at: 4, state: 'released', kept: left.log[3]!.hash, reason: 'they lost a disk and say so' });
    await north.holds(left, 7);
    const meetAgain = async () => {
      north.list([left]);
      await until('the link to be gone', async () => (await north.status()).links.find(({ peer }) => peer === south.nodeId)?.state === 'stopped');
      north.list([left, south]);
    };
    // South has not decided, and says what is agreed: no more.
    await meetAgain();
    await until('the word of south', async () => {
      const [said] = await north.sql<{ seq: string }>('SELECT seq FROM federation.peer_head WHERE peer = $1 AND issuer = $2', [south.nodeId, left.nodeId]);
      return said?.seq === '3';
    });
    // South decides for the other branch, and says from then on that it holds it.
    await south.release(left.nodeId, 'we have dealt with the other one');
    const before = await north.refusals(south.nodeId, 'federation.branch_not_kept');
    await meetAgain();
    await until('the other branch to be refused', async () => (await north.refusals(south.nodeId, 'federation.branch_not_kept')) > before);
    await left.say('eight');
    await north.holds(left, 8);
    expect((await north.headOf(left))?.agreedUpTo).toBeNull();
  });

  it('cannot be released where nothing is undecided', async () => {
    await expect(north.release(left.nodeId, 'again')).rejects.toMatchObject({ code: 'federation.issuer_not_frozen' });
    await expect(north.release(nodeIdOf('stranger'), 'who?')).rejects.toMatchObject({ code: 'federation.issuer_unknown' });
  });
});

describe('an accusation', () => {
  it('whose proof does not hold is recorded against the finder and changes nothing', async () => {
    const [finder, victim] = [await face('finder', 'finder'), await face('victim', 'victim')];
    const [one, two] = [await victim.say('one'), await victim.say('two')];
    east.list([finder, victim]);
    await east.holds(victim, 2);
    const proof = { v: 1, net: NETWORK, iss: victim.nodeId, left: [one.jws], right: [two.jws] };
    await finder.say(victim.nodeId, { topic: 'governance', type: 'equivocation.proven', body: { accused: victim.nodeId, at: 1, proof, proof_hash: hashDocument(proof) } });
    await until('it to be refused', async () => await east.refusals(finder.nodeId, 'federation.proof_does_not_hold') === 1);
    await finder.say(victim.nodeId, { topic: 'governance', type: 'equivocation.proven', body: { nothing: true } });
    await until('the formless one to be refused', async () => await east.refusals(finder.nodeId, 'federation.proof_does_not_hold') === 2);
    await victim.say('three');
    await east.holds(victim, 3);
    expect((await east.headOf(victim))?.agreedUpTo).toBeNull();
    expect(await east.equivocationsOf(victim)).toEqual([]);
  });

  it('too large for an entry is asked for, and holds also against one of whom nothing is held yet', async () => {
    const bulky = (sub: string): Partial<EntryDraft> => ({ sub, body: { listing_id: sub, home_node: nodeIdOf('bulky'), text: 'x'.repeat(30_000) } });
    const first = await face('bulky', 'bulky-left');
    await first.say('one');
    const second = await face('bulky', 'bulky-right', first.log);
    await first.say('two', bulky('two'));
    await second.say('other two', bulky('other two'));
    east.list([north], []);
    north.list([first]);
    await north.holds(first, 2);
    north.list([second]);
    await north.freezes(first, 1);
    const [told] = await until('the proof to be told', async () => {
      const rows = await north.sql<{ jws: string }>('SELECT jws FROM federation.entry WHERE issuer = $1 AND type = $2 AND subject = $3', [north.nodeId, equivocationProven.type, first.nodeId]);
      return rows.length > 0 && rows;
    });
    expect(JSON.parse(Buffer.from(told!.jws.split('.')[1]!, 'base64url').toString()).body).toMatchObject({ accused: first.nodeId, at: 2, proof: null });
    await until('east to have the proof', async () => (await east.equivocationsOf(first)).length === 1);
    expect(await east.headOf(first)).toBeUndefined();
    east.list([north, first]);
    await until('east to freeze the newcomer', async () => (await east.headOf(first))?.agreedUpTo === 1);
  });

  it('has its page in the list of contradictions', async () => {
    const { items, nextCursor } = await north.contradictions();
    expect(items.map(({ issuer }) => issuer)).toEqual([nodeIdOf('west'), nodeIdOf('bulky')].sort());
    expect(nextCursor).toBeNull();
  });
});
