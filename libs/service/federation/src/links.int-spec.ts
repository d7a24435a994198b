import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, nkeys, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appliedEntry, federation, type AppliedEntry, type EntryDraft } from '@kula/contracts';
import { didOfKey, toBase64url, verifyDocument, type Json } from '@kula/kernel-crypto';
import { commitmentTo } from '@kula/kernel-federation-log';
import { startService, type RunningService } from '@kula/platform-host';
import { natsOptions, OperationClient } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, startNats, type NatsServer, type TestBackend } from '@kula/testing-servers';
import { until } from '@kula/testing-service-probe';
import { Client } from 'pg';
import { federationService } from './index.js';

const meta = { caller: null, correlationId: 'spec' };
const NETWORK = 'kula-spec';
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A cable between two machines that can be cut. */
class Cable {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private isCut = false;
  port = 0;

  constructor(private readonly target: () => number) {}

  async lay(): Promise<this> {
    this.server = createServer((near) => {
      if (this.isCut) return near.destroy();
      const far = connectSocket(this.target(), '127.0.0.1');
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => { this.sockets.delete(socket); other.destroy(); });
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  heal(): void { this.isCut = false; }

  remove(): void {
    this.cut();
    this.server?.close();
  }
}

/** The accounts of a node's nats-server with its peers written in. */
const configOf = (name: string, federationKey: string, peers: readonly (readonly [nodeId: string, key: string])[]): string => `server_name: ${name}
listen: "127.0.0.1:-1"
max_payload: 1MB
ping_interval: "5s"
ping_max: 2
authorization { timeout: 20 }
jetstream {}
accounts {
  SYS {}
  NODE { jetstream: enabled, users: [ { user: node, password: secret } ] }
  FED {
    jetstream: enabled
    users: [ { nkey: ${federationKey} } ]
    exports: [
      { service: "$JS.API.CONSUMER.MSG.NEXT.FEDLOG.*", response_type: stream, accounts: [PEERS] }
      { service: "$JS.API.CONSUMER.INFO.FEDLOG.*", accounts: [PEERS] }
      { service: "fedapi.>", response_type: stream, accounts: [PEERS] }
    ]
  }
  PEERS {
    imports: [
      { service: { account: FED, subject: "$JS.API.CONSUMER.MSG.NEXT.FEDLOG.*" }, to: "fedjs.CONSUMER.MSG.NEXT.FEDLOG.*" }
      { service: { account: FED, subject: "$JS.API.CONSUMER.INFO.FEDLOG.*" }, to: "fedjs.CONSUMER.INFO.FEDLOG.*" }
      { service: { account: FED, subject: "fedapi.>" } }
    ]
    users: [
${peers.map(([nodeId, key]) => `      { nkey: ${key}, permissions {
        publish { allow: ["fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${nodeId}", "fedjs.CONSUMER.INFO.FEDLOG.p_${nodeId}", "fedapi.*.${nodeId}"] }
        subscribe { allow: ["_INBOX_${nodeId}.>"] } } }`).join('\n')}
    ]
  }
}
system_account: SYS
`;

/** A peer as the peers file lists it. */
interface ListedPeer { readonly nodeId: string; readonly name: string; readonly natsUrl?: string; readonly nkeySeed?: string; readonly apiPrefix?: string; readonly view?: 'own' | 'all' }

const seedOf = (key: { getSeed(): Uint8Array }): string => new TextDecoder().decode(key.getSeed());

/** One node: its own nats-server by the generated configuration, its own database, its federation service; the rest is played by the test. */
class TestNode {
  readonly nodeId: string;
  readonly peersFile: string;
  private readonly federationKey = nkeys.createUser();
  private readonly linkKeys = new Map<string, ReturnType<typeof nkeys.createUser>>();
  nats!: NatsServer;
  service!: RunningService;
  connection!: NatsConnection;
  operations!: OperationClient;
  env: Record<string, string> = {};

  constructor(readonly name: string, private readonly folder: string) {
    this.nodeId = nodeIdOf(name);
    mkdirSync(folder, { recursive: true });
    this.peersFile = join(folder, 'peers.json');
    this.list([]);
  }

  /** The key under which a peer connects here. */
  keyFor(peer: TestNode): ReturnType<typeof nkeys.createUser> {
    const key = this.linkKeys.get(peer.nodeId) ?? nkeys.createUser();
    this.linkKeys.set(peer.nodeId, key);
    return key;
  }

  list(peers: readonly ListedPeer[]): void {
    writeFileSync(this.peersFile, JSON.stringify(peers));
  }

  async start(backend: TestBackend): Promise<void> {
    await this.startNats();
    // Logins belong to the whole server: three nodes of one name each would take them from one another.
    const databaseUrl = await backend.databaseUrl(`links_${this.name}`);
    this.env = {
      KULA_NODE_ID: this.nodeId, KULA_NATS_URL: `nats://node:secret@127.0.0.1:${this.nats.port}`, KULA_DATABASE_URL: databaseUrl,
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent', KULA_NODE_KEY: toBase64url(keyOfName(`node ${this.name}`)), KULA_NETWORK: NETWORK,
      KULA_FEDERATION_NATS_URL: this.nats.url, KULA_FEDERATION_NKEY: seedOf(this.federationKey), KULA_PEERS_FILE: this.peersFile,
      KULA_NODE_NAME: this.name, KULA_NODE_DOMAIN: `${this.name}.example`, KULA_GATEWAY_URL: `https://${this.name}.example`, KULA_OPERATOR_ID: walletOf('operator').did,
    };
    await this.sql('CREATE SCHEMA federation');
    this.service = await startService(federationService, this.env);
    this.connection = await connect(natsOptions(this.env['KULA_NATS_URL']!, 'spec'));
    this.operations = new OperationClient(this.env['KULA_NATS_URL']!, 'spec');
  }

  async startNats(port?: number): Promise<void> {
    const config = configOf(this.name, this.federationKey.getPublicKey(), [...this.linkKeys].map(([nodeId, key]) => [nodeId, key.getPublicKey()]));
    this.nats = await startNats({ storeDir: join(this.folder, 'nats'), config, ...(port !== undefined && { port }) });
  }

  async killNats(): Promise<() => Promise<void>> {
    const { port } = this.nats;
    await this.nats.kill();
    return () => this.startNats(port);
  }

  async restartService(changes: Record<string, string> = {}): Promise<void> {
    await this.service.stop();
    this.env = { ...this.env, ...changes };
    this.service = await startService(federationService, this.env);
  }

  status() { return this.operations.request(federation.getFederationStatus, {}, meta); }

  async linkTo(peer: { readonly nodeId: string }) {
    const { links } = await this.status();
    return links.find((link) => link.peer === peer.nodeId);
  }

  async seqOf(issuer: { readonly nodeId: string }): Promise<number> {
    return (await this.status()).heads.find((head) => head.issuer === issuer.nodeId)?.seq ?? 0;
  }

  /** Hands drafts to the sealer, and again until the server has them. */
  async send(count: number, label: string): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await this.sendDraft({ id: randomUUID(), topic: 'graph', type: 'listing.withdrawn', subject: `${label}-${index}`, body: { listing_id: label, home_node: this.nodeId } });
    }
  }

  async sendDraft(draft: EntryDraft): Promise<void> {
    await until('the draft to be taken', () => jetstream(this.connection).publish(`fedout.${draft.topic}`, JSON.stringify(draft), { msgID: draft.id, timeout: 2_000 }).catch(() => undefined));
  }

  /** What the services of the node were handed, in order. */
  async applied(): Promise<AppliedEntry[]> {
    const { state } = await (await jetstreamManager(this.connection)).streams.info('FEDIN');
    const consumer = await jetstream(this.connection).consumers.get('FEDIN');
    const found: AppliedEntry[] = [];
    for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 })) {
      found.push(appliedEntry.parse(message.json()));
      if (message.seq === state.last_seq) break;
    }
    return found;
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
    await this.connection?.close();
    await this.nats?.stop();
  }
}

let folder: string;
let backend: TestBackend;
let nodes: readonly [TestNode, TestNode, TestNode];
let north: TestNode;
let south: TestNode;
let east: TestNode;
const cables = new Map<string, Cable>();
const cable = (from: TestNode, to: TestNode): Cable => cables.get(`${from.name} ${to.name}`)!;
const listed = (at: TestNode, peer: TestNode): ListedPeer =>
  ({ nodeId: peer.nodeId, name: peer.name, natsUrl: `nats://127.0.0.1:${cable(at, peer).port}`, nkeySeed: seedOf(peer.keyFor(at)) });
const others = (node: TestNode): TestNode[] => nodes.filter((each) => each !== node);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-links-'));
  backend = await startBackend();
  nodes = [north, south, east] = ['north', 'south', 'east'].map((name) => new TestNode(name, join(folder, name))) as [TestNode, TestNode, TestNode];
  for (const at of nodes) {
    for (const peer of others(at)) {
      peer.keyFor(at);
      cables.set(`${at.name} ${peer.name}`, await new Cable(() => peer.nats.port).lay());
    }
  }
  for (const node of nodes) node.list(others(node).map((peer) => listed(node, peer)));
  await Promise.all(nodes.map((node) => node.start(backend)));
}, 60_000);

afterAll(async () => {
  for (const node of nodes ?? []) await node.stop();
  for (const each of cables.values()) each.remove();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Waits until every node has handed over the logs of all of them up to their heads, then checks order and number. */
async function converge(nodes: readonly TestNode[] = [north, south, east]): Promise<void> {
  const heads = new Map<string, number>();
  for (const node of nodes) heads.set(node.nodeId, await until(`${node.name} to seal everything`, async () => (await node.status()).unsealed === 0 && node.seqOf(node)));
  for (const node of nodes) {
    await until(`${node.name} to hold every log`, async () => {
      for (const each of nodes) if (await node.seqOf(each) !== heads.get(each.nodeId)) return false;
      return (await node.status()).unpublished === 0;
    });
    const total = [...heads.values()].reduce((sum, seq) => sum + seq, 0);
    const applied = await until(`${node.name} to hand over every entry`, async () => { const now = await node.applied(); return now.length >= total && now; });
    for (const each of nodes) {
      const seqs = applied.filter(({ issuer }) => issuer === each.nodeId).map(({ seq }) => seq);
      // A crash may hand over an entry a second time, never one before its predecessor.
      expect([...new Set(seqs)]).toEqual(numbers(1, heads.get(each.nodeId)!));
    }
  }
}

const handedOverOnce = async (node: TestNode): Promise<boolean> => {
  const ids = (await node.applied()).map(({ issuer, seq }) => `${issuer}:${seq}`);
  return new Set(ids).size === ids.length;
};

describe('three nodes', () => {
  it('bring the entries of each to the services of all, once and in order', async () => {
    await Promise.all(nodes.map((node) => node.send(150, 'calm')));
    await converge();
    for (const node of nodes) expect(await handedOverOnce(node)).toBe(true);
    for (const link of (await north.status()).links) expect(link).toMatchObject({ state: 'following', lastError: null, received: 151, refused: 0 });
  });

  it('go on while a cable is cut, show it, and lose nothing when it heals', async () => {
    for (const [from, to] of [[north, south], [south, north]] as const) cable(from, to).cut();
    const broken = await until('the link to show it', async () => { const link = await north.linkTo(south); return link?.state === 'waiting' && link; });
    expect(broken.lastError).toMatch(/\w/);
    await Promise.all(nodes.map((node) => node.send(100, 'cut')));
    await until('east to hold both logs', async () => await east.seqOf(north) === await north.seqOf(north) && await east.seqOf(south) === await south.seqOf(south));
    expect(await north.seqOf(south)).toBeLessThan(await south.seqOf(south));
    for (const [from, to] of [[north, south], [south, north]] as const) cable(from, to).heal();
    await converge();
    expect(await north.linkTo(south)).toMatchObject({ state: 'following', lastError: null });
  });

  it('lose nothing when a nats-server is killed in the middle and started again on its store', async () => {
    const sending = Promise.all(nodes.map((node) => node.send(150, 'killed')));
    await until('a part to be sealed', async () => (await south.seqOf(south)) > 255);
    const startAgain = await south.killNats();
    await startAgain();
    await sending;
    await converge();
  });

  it('lose nothing when a federation service is restarted in the middle', async () => {
    const sending = Promise.all(nodes.map((node) => node.send(150, 'restarted')));
    await until('a part to have arrived', async () => (await north.seqOf(south)) > 420);
    await north.restartService();
    await sending;
    await converge();
  });

  it('begin again where the stream of a node was lost, comparing what they hold', async () => {
    const before = (await north.linkTo(south))?.received;
    const key = south.env['KULA_FEDERATION_NKEY']!;
    const owner = await connect({ servers: south.nats.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(key)) });
    await (await jetstreamManager(owner)).streams.delete('FEDLOG');
    await owner.close();
    await south.send(5, 'after the loss');
    await converge();
    expect((await north.linkTo(south))?.received).toBe(before! + 5);
  });

  it('follow the peers file while they run', async () => {
    north.list([listed(north, east)]);
    await until('the link to stop', async () => (await north.linkTo(south))?.state === 'stopped');
    await south.send(5, 'unlinked');
    north.list([listed(north, south), listed(north, east)]);
    await until('the link to follow again', async () => (await north.linkTo(south))?.state === 'following');
    await converge();
  });
});

describe('a node that changes its key', () => {
  const [second, third, recovery] = ['second key', 'third key', 'recovery key'].map((name) => keyOfName(name)) as [Uint8Array, Uint8Array, Uint8Array];
  const keyText = (key: Uint8Array) => toBase64url(nodeEd25519.publicKey(key));
  const sealing = (node: TestNode) => node.sql<{ reason: string }>(`SELECT reason FROM federation.sealing_hold WHERE condition = 'key'`);
  const answer = (subject: string): EntryDraft => ({
    id: randomUUID(), topic: 'chains', type: 'chain.answered', subject, nodeSignature: { field: 'respondent_signature', domain: 'sep/chain-response/v1' },
    body: { chain_id: subject, responding_node: north.nodeId, status: 'validated' },
  });
  const answered = (node: TestNode, subject: string) =>
    until(`${node.name} to be handed ${subject}`, async () => (await node.applied()).find((entry) => entry.issuer === north.nodeId && entry.subject === subject));

  it('signs with the next key from the entry after its rotation on, and peers and services follow', async () => {
    await north.restartService({ KULA_NODE_KEY: toBase64url(second), KULA_NODE_KEY_PREVIOUS: toBase64url(keyOfName('node north')), KULA_RECOVERY_KEY_HASH: commitmentTo(nodeEd25519.publicKey(recovery)) });
    await north.sendDraft(answer('after the rotation'));
    await converge();
    for (const node of [north, south]) {
      const applied = await node.applied();
      const rotated = applied.find(({ type }) => type === 'key.rotated');
      expect(rotated).toMatchObject({ issuer: north.nodeId, issuerKey: keyText(keyOfName('node north')), body: { key_no: 2 } });
      const after = await answered(node, 'after the rotation');
      expect(after).toMatchObject({ seq: rotated!.seq + 1, issuerKey: keyText(second) });
      const { respondent_signature: signature, ...document } = after.body as Record<string, Json> & { respondent_signature: string };
      expect(verifyDocument(nodeEd25519, { signer: didOfKey(nodeEd25519.publicKey(second)), domain: 'sep/chain-response/v1', document, signature })).toBe(true);
    }
  });

  it('needs the previous key no longer, and rotates no second time after a crash', async () => {
    const before = await north.seqOf(north);
    const { KULA_NODE_KEY_PREVIOUS: _, ...env } = north.env;
    north.env = env;
    await north.restartService();
    await north.send(1, 'with the second key');
    await until('it to be sealed', async () => await north.seqOf(north) === before + 1);
    await north.restartService({ KULA_NODE_KEY_PREVIOUS: toBase64url(keyOfName('node north')) });
    await north.send(1, 'once more');
    await until('it to be sealed', async () => await north.seqOf(north) === before + 2);
  });

  it('signs nothing with a key that its log does not name, and says why', async () => {
    const before = await north.seqOf(north);
    for (const [key, reason] of [[third, /neither KULA_NODE_KEY_PREVIOUS nor KULA_RECOVERY_KEY/], [keyOfName('node north'), /key 1 of this node, which key 2 has replaced/]] as const) {
      const { KULA_NODE_KEY_PREVIOUS: _, ...env } = north.env;
      north.env = env;
      await north.restartService({ KULA_NODE_KEY: toBase64url(key) });
      await until('the reason', async () => reason.test((await sealing(north))[0]?.reason ?? ''));
    }
    await north.send(1, 'held');
    expect([await north.seqOf(north), (await north.status()).unsealed]).toEqual([before, 1]);
  });

  it('goes on with a new key by its recovery key', async () => {
    await north.restartService({ KULA_NODE_KEY: toBase64url(third), KULA_RECOVERY_KEY: toBase64url(recovery), KULA_RECOVERY_KEY_HASH: commitmentTo(nodeEd25519.publicKey(keyOfName('next recovery key'))) });
    await north.sendDraft(answer('after the recovery'));
    await converge();
    expect(await answered(east, 'after the recovery')).toMatchObject({ issuerKey: keyText(third) });
    expect((await south.applied()).find(({ type }) => type === 'key.recovered')).toMatchObject({ issuer: north.nodeId, issuerKey: keyText(third), body: { key_no: 3 } });
    expect(await sealing(north)).toEqual([]);
    for (const link of [await south.linkTo(north), await east.linkTo(north)]) expect(link).toMatchObject({ state: 'following', refused: 0 });
  });

  it('sets aside drafts that would change keys behind its back', async () => {
    const before = (await north.status()).setAside;
    await north.sendDraft({ id: randomUUID(), topic: 'announce', type: 'key.rotated', subject: north.nodeId, body: {} });
    await until('it to be set aside', async () => (await north.status()).setAside === before + 1);
  });
});

describe('two nodes without a link to each other', () => {
  const names = (node: TestNode): ListedPeer => ({ nodeId: node.nodeId, name: node.name });
  const relaying = (at: TestNode): ListedPeer => ({ ...listed(at, east), view: 'all' });

  it('converge through a third one, which gives back to each what is its own', async () => {
    north.list([relaying(north), names(south)]);
    south.list([relaying(south), names(north)]);
    for (const node of [north, south]) await until('the links to be gone', async () => (await node.status()).links.filter(({ state }) => state === 'following').length === 1);
    await Promise.all(nodes.map((node) => node.send(120, 'relayed')));
    await converge();
    for (const node of [north, south]) {
      expect(await node.linkTo(node === north ? south : north)).toMatchObject({ state: 'stopped' });
      expect(await node.linkTo(east)).toMatchObject({ state: 'following', lastError: null, refused: 0 });
      expect(await node.sql('SELECT 1 FROM federation.sealing_hold')).toEqual([]);
    }
  });

  it('count what the third one carries of a node they do not know, and take it from the relay once they do', async () => {
    north.list([relaying(north)]);
    const refused = async (): Promise<number> => (await north.linkTo(east))?.refused ?? 0;
    await until('south to be unknown', async () => { await south.send(1, 'perhaps unknown'); return (await refused()) > 0; });
    const [before, counted] = [await north.seqOf(south), await refused()];
    await south.send(30, 'unknown');
    await east.send(5, 'beside');
    await until('the rest to arrive', async () => await north.seqOf(east) === await east.seqOf(east));
    await until('all of it to be counted', async () => (await refused()) >= counted + 30);
    expect([await north.seqOf(south), (await north.linkTo(east))?.state]).toEqual([before, 'following']);
    const kept = await north.sql(`SELECT 1 FROM federation.refused_arrival WHERE code = 'federation.issuer_unknown'`);
    expect(kept).toHaveLength(1);
    north.list([relaying(north), names(south)]);
    await until('south to be known', async () => { await south.send(1, 'perhaps known'); return (await north.seqOf(south)) > before; });
    await converge();
  });
});
