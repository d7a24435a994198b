import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, nkeys, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation, type EntryDraft, type Operation } from '@kula/contracts';
import { signDocument, toBase64url } from '@kula/kernel-crypto';
import { linkCertificate, natsConfig } from '@kula/platform-federation';
import { startService, type RunningService } from '@kula/platform-host';
import { natsOptions, OperationClient, RemoteRefusal } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, startNats, type NatsServer, type TestBackend } from '@kula/testing-servers';
import { until } from '@kula/testing-service-probe';
import { Client } from 'pg';
import type { z } from 'zod';
import { federationService } from '../index.js';
import type { SignedStatement } from './handshake/link-statements.js';

const meta = { caller: { did: walletOf('operator').did, role: 'operator' as const }, correlationId: 'spec' };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One node: nats-server, database, federation service; its gateway is a few lines that forward to the operations. */
class TestNode {
  readonly nodeId: string;
  readonly peersFile: string;
  /** Statements that other nodes have sent, in order. */
  readonly heard: SignedStatement[] = [];
  /** What its gateway says in place of forwarding. */
  gatewayAnswers: { readonly status: number; readonly body: string; readonly location?: string } | undefined;
  gatewayUrl = '';
  nats!: NatsServer;
  connection!: NatsConnection;
  private readonly federationKey = nkeys.createUser();
  private readonly systemKey = nkeys.createUser();
  private readonly issuerKey = nkeys.createAccount();
  private gateway!: Server;
  private service!: RunningService;
  private operations!: OperationClient;
  private env: Record<string, string> = {};

  /** @param isEncrypted peers come by TLS and check a certificate that nobody else vouches for. */
  constructor(readonly name: string, private readonly folder: string, private readonly isEncrypted = false) {
    this.nodeId = nodeIdOf(name);
    mkdirSync(folder, { recursive: true });
    this.peersFile = join(folder, 'peers.json');
    writeFileSync(this.peersFile, '[]');
  }

  async start(backend: TestBackend): Promise<void> {
    this.gateway = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => void this.answerHttp(request.url ?? '', Buffer.concat(parts).toString()).then(({ status, body, location }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...(location !== undefined && { location }) }).end(body);
      }));
    });
    await new Promise<void>((resolve) => this.gateway.listen(0, '127.0.0.1', resolve));
    const address = this.gateway.address();
    this.gatewayUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const link = linkCertificate('tls://127.0.0.1:4222', new Date());
    const [certFile, keyFile] = [join(this.folder, 'cert.pem'), join(this.folder, 'key.pem')];
    writeFileSync(certFile, link.certificate);
    writeFileSync(keyFile, link.privateKey);
    const config = natsConfig({
      ...(this.isEncrypted && { tls: { certFile, keyFile } }),
      serverName: this.name, listen: '127.0.0.1:-1', nodePassword: 'secret', durable: false, federationUserPublicNkey: this.federationKey.getPublicKey(),
      systemUserPublicNkey: this.systemKey.getPublicKey(), admissionIssuerPublicNkey: this.issuerKey.getPublicKey(),
    });
    this.nats = await startNats({ storeDir: join(this.folder, 'nats'), config });
    this.env = {
      KULA_NODE_ID: this.nodeId, KULA_NATS_URL: `nats://node:secret@127.0.0.1:${this.nats.port}`, KULA_DATABASE_URL: await backend.databaseUrl(`peers_${this.name}`),
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent', KULA_NODE_KEY: toBase64url(keyOfName(`node ${this.name}`)), KULA_NETWORK: 'kula-spec',
      KULA_FEDERATION_NATS_URL: this.nats.url, KULA_FEDERATION_NKEY: textOf(this.federationKey.getSeed()), KULA_PEERS_FILE: this.peersFile,
      KULA_ADMISSION_SEED: textOf(this.issuerKey.getSeed()), KULA_SYSTEM_NKEY: textOf(this.systemKey.getSeed()),
      ...(this.isEncrypted && { KULA_LINK_NATS_URL: `tls://127.0.0.1:${this.nats.port}`, KULA_LINK_CA: link.certificate }),
      KULA_NODE_NAME: this.name, KULA_NODE_DOMAIN: `${this.name}.example`, KULA_GATEWAY_URL: this.gatewayUrl, KULA_OPERATOR_ID: walletOf('operator').did,
    };
    await this.sql('CREATE SCHEMA federation');
    this.service = await startService(federationService, this.env);
    this.connection = await connect(natsOptions(this.env['KULA_NATS_URL']!, 'spec'));
    this.operations = new OperationClient(this.env['KULA_NATS_URL']!, 'spec');
  }

  ask<Input extends z.ZodType, Output extends z.ZodType>(operation: Operation<Input, Output>, input: z.input<Input>): Promise<z.output<Output>> {
    return this.operations.request(operation, input, meta);
  }

  peer(other: { readonly nodeId: string }) { return this.ask(federation.getPeer, { nodeId: other.nodeId }); }
  act(other: { readonly nodeId: string }, action: z.output<typeof federation.peerAction>, reason: string | null = null) {
    return this.ask(federation.actOnPeer, { nodeId: other.nodeId, action, reason });
  }
  status() { return this.ask(federation.getFederationStatus, {}); }
  async seqOf(issuer: { readonly nodeId: string }): Promise<number> {
    return (await this.status()).heads.find((head) => head.issuer === issuer.nodeId)?.seq ?? 0;
  }

  async restartService(): Promise<void> {
    await this.service.stop();
    this.service = await startService(federationService, this.env);
  }

  /** Starts a replica. Answers how to stop it. */
  async startAnother(): Promise<() => Promise<void>> {
    const another = await startService(federationService, this.env);
    return () => another.stop();
  }

  /** Hands drafts to the sealer and waits until they are sealed. Answers the head then. */
  async write(count: number): Promise<number> {
    const before = await this.seqOf(this);
    for (let index = 0; index < count; index += 1) {
      const draft: EntryDraft = { id: randomUUID(), topic: 'graph', type: 'listing.withdrawn', subject: randomUUID(), body: { listing_id: 'x', home_node: this.nodeId } };
      await jetstream(this.connection).publish('fedout.graph', JSON.stringify(draft), { msgID: draft.id });
    }
    await until('the drafts to be sealed', async () => await this.seqOf(this) >= before + count);
    return this.seqOf(this);
  }

  /** A statement of this node, as its service would sign it. */
  states(to: { readonly nodeId: string }, changes: Partial<SignedStatement['statement']> = {}): SignedStatement {
    const statement = {
      from_node: this.nodeId, to_node: to.nodeId, name: this.name, gateway_url: this.gatewayUrl, nats_url: this.nats?.url ?? 'nats://127.0.0.1:4222', tls_ca: null,
      nkey: nkeys.createUser().getPublicKey(), answer: 'asks' as const, made_at: new Date().toISOString(), ...changes,
    };
    return { statement, signature: signDocument(nodeEd25519, keyOfName(`node ${this.name}`), 'sep/link-request/v1', statement) };
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

  /** States of a peer as the services of the node have been told, in order. */
  async told(other: { readonly nodeId: string }): Promise<string[]> {
    const rows = await this.sql<{ payload: { state: string; isOpen: boolean } }>(
      `SELECT payload FROM federation.outbox_message WHERE subject = $1 AND payload ->> 'nodeId' = $2 ORDER BY position`, [federation.peerChanged.subject, other.nodeId],
    );
    return rows.map(({ payload }) => `${payload.state}${payload.isOpen ? ' open' : ''}`);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    await this.operations?.onApplicationShutdown();
    await this.connection?.close();
    await this.nats?.stop();
    this.gateway?.close();
  }

  private async answerHttp(url: string, text: string): Promise<{ status: number; body: string; location?: string }> {
    if (this.gatewayAnswers !== undefined) return this.gatewayAnswers;
    if (url === '/v1/node') return { status: 200, body: JSON.stringify({ nodeId: this.nodeId, name: this.name, isSelf: true }) };
    if (url !== '/v1/link-statements') return { status: 404, body: '{}' };
    const signed = JSON.parse(text) as SignedStatement;
    this.heard.push(signed);
    try {
      return { status: 200, body: JSON.stringify(await this.ask(federation.receiveLinkStatement, signed)) };
    } catch (error) {
      const { code, message } = error as RemoteRefusal;
      return { status: 403, body: JSON.stringify({ type: code, title: 'refused', status: 403, detail: message, code, correlationId: 'spec' }) };
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'kula-peers-'));
const [north, south, east] = ['north', 'south', 'east'].map((name) => new TestNode(name, join(folder, name), name === 'east')) as [TestNode, TestNode, TestNode];
/** A node that is nobody's peer and has no servers. */
const west = new TestNode('west', join(folder, 'west'));
let backend: TestBackend;

beforeAll(async () => {
  backend = await startBackend();
  await Promise.all([north, south, east].map((node) => node.start(backend)));
  west.gatewayUrl = 'http://127.0.0.1:1';
}, 60_000);

afterAll(async () => {
  for (const node of [north, south, east]) await node.stop();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const following = (at: TestNode, other: TestNode) => until(`${at.name} to follow ${other.name}`, async () => (await at.peer(other)).link.state === 'following');
const holds = (at: TestNode, other: TestNode, seq: number) => until(`${at.name} to hold ${seq} of ${other.name}`, async () => await at.seqOf(other) === seq);
const refusalOf = (answer: Promise<unknown>) => answer.then(() => 'nothing', (error: unknown) => (error as RemoteRefusal).code);
const hear = (at: TestNode, statement: SignedStatement) => at.ask(federation.receiveLinkStatement, statement);

/** Why a server does not let a key in; 'nothing' where it does. */
const knock = (at: TestNode, seed: Uint8Array) => connect({ servers: at.nats.url, authenticator: nkeyAuthenticator(seed), reconnect: false, timeout: 5_000, tls: null })
  .then(async (connection) => { await connection.close(); return 'nothing'; }, (error: unknown) => (error as Error).name);

describe('two nodes', () => {
  it('shake hands: one asks, the other decides, both read each other', async () => {
    const asked = await north.ask(federation.requestLink, { gatewayUrl: south.gatewayUrl });
    expect(asked).toMatchObject({ nodeId: south.nodeId, name: 'south', state: 'asked', gatewayUrl: south.gatewayUrl, natsUrl: null, link: { state: 'stopped', lastError: null } });
    expect(await south.peer(north)).toMatchObject({ state: 'asking', name: 'north', gatewayUrl: north.gatewayUrl, natsUrl: north.nats.url });
    expect((await south.ask(federation.listPeers, { state: 'asking' })).items.map(({ nodeId }) => nodeId)).toEqual([north.nodeId]);
    expect(await south.act(north, 'approve', 'we know them')).toMatchObject({ state: 'linked', reason: 'we know them' });
    await until('north to hear of it', async () => (await north.peer(south)).state === 'linked');
    await Promise.all([following(north, south), following(south, north)]);
    const [ofNorth, ofSouth] = [await north.write(5), await south.write(5)];
    await Promise.all([holds(south, north, ofNorth), holds(north, south, ofSouth)]);
    expect([await north.told(south), await south.told(north)]).toEqual([['asked', 'linked open'], ['asking', 'linked open']]);
    expect(await north.peer(south)).toMatchObject({ state: 'linked', natsUrl: south.nats.url, link: { state: 'following', attempts: 0, lastError: null, reconnects: 0 } });
  });

  it('agree at once where both have asked', async () => {
    expect((await east.ask(federation.requestLink, { gatewayUrl: north.gatewayUrl })).state).toBe('asked');
    expect((await north.ask(federation.requestLink, { gatewayUrl: east.gatewayUrl, nodeId: east.nodeId })).state).toBe('linked');
    await until('east to hear of it', async () => (await east.peer(north)).state === 'linked');
    await Promise.all([following(north, east), following(east, north)]);
    expect((await north.ask(federation.requestLink, { gatewayUrl: east.gatewayUrl })).state).toBe('linked');
    expect(await north.told(east)).toEqual(['asking', 'linked open']);
    expect([(await north.peer(east)).isEncrypted, (await east.peer(north)).isEncrypted]).toEqual([true, false]);
  });

  it('come by TLS to whom asks for it, with the certificate it has sent and no other', async () => {
    expect(await knock(east, await seedAt(north, east))).toBe('AuthorizationError');
    await north.sql('UPDATE federation.peer SET tls_ca = $2 WHERE node_id = $1', [east.nodeId, linkCertificate('tls://127.0.0.1:4222', new Date()).certificate]);
    await north.act(east, 'retry');
    const doubted = await until('the doubt to show', async () => { const { link } = await north.peer(east); return /certificate/.test(link.lastError ?? '') && link; });
    expect(doubted.lastError).toMatch(/^certificate does not match/);
    await north.ask(federation.requestLink, { gatewayUrl: east.gatewayUrl });
    await following(north, east);
  });

  it('say why, where nobody is there or somebody else is', async () => {
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: 'http://127.0.0.1:1' }))).toBe('federation.peer_unreachable');
    await expect(north.ask(federation.requestLink, { gatewayUrl: 'http://127.0.0.1:1' })).rejects.toThrow(/^dial refused/);
    await expect(north.ask(federation.requestLink, { gatewayUrl: 'http://nowhere.invalid' })).rejects.toThrow(/^name not found/);
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: 'http://169.254.169.254/latest' }))).toBe('federation.address_refused');
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: 'http://2852039166' }))).toBe('federation.address_refused');
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: south.gatewayUrl, nodeId: east.nodeId }))).toBe('federation.peer_is_another');
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: north.gatewayUrl }))).toBe('federation.peer_is_self');
    expect(await refusalOf(north.ask(federation.admitIssuer, { nodeId: north.nodeId, name: 'me' }))).toBe('federation.peer_is_self');
  });

  it('follow no redirect and read no endless answer', async () => {
    east.gatewayAnswers = { status: 302, body: '', location: `${south.gatewayUrl}/v1/node` };
    await expect(south.ask(federation.requestLink, { gatewayUrl: east.gatewayUrl })).rejects.toThrow(/no gateway of a node \(status 302\)/);
    east.gatewayAnswers = { status: 200, body: JSON.stringify({ nodeId: east.nodeId, name: 'x'.repeat(70_000) }) };
    await expect(south.ask(federation.requestLink, { gatewayUrl: east.gatewayUrl })).rejects.toThrow(/longer than 65536 bytes/);
    east.gatewayAnswers = undefined;
    expect(await refusalOf(south.peer(east))).toBe('federation.peer_unknown');
  });

  it('hear of an approval later, where the gateway was away, and see meanwhile what is wrong', async () => {
    await east.ask(federation.requestLink, { gatewayUrl: south.gatewayUrl });
    east.gatewayAnswers = { status: 500, body: 'out of order' };
    await south.act(east, 'approve');
    const waiting = await until('the failure to show', async () => { const { link } = await south.peer(east); return link.lastError !== null && link.attempts > 0 && link; });
    expect(waiting.lastError).toMatch(/status 500|credentials refused/);
    expect(waiting.nextAttemptAt).not.toBeNull();
    expect((await east.peer(south)).state).toBe('asked');
    east.gatewayAnswers = undefined;
    await south.act(east, 'retry');
    await until('east to hear of it', async () => (await east.peer(south)).state === 'linked');
    await following(south, east);
  });

  it('learn of a no by asking again, and may change their minds', async () => {
    expect(await hear(north, west.states(north))).toEqual({ state: 'asking', answer: null });
    expect((await north.act(west, 'decline')).state).toBe('declined');
    const told = await hear(north, west.states(north));
    expect(told).toMatchObject({ state: 'declined', answer: { statement: { from_node: north.nodeId, to_node: west.nodeId, answer: 'declines' } } });
    expect((await north.act(west, 'approve')).state).toBe('linked');
    expect((await hear(north, west.states(north))).answer?.statement.answer).toBe('agrees');
    expect((await hear(north, west.states(north, { answer: 'declines' }))).state).toBe('declined');
    expect((await north.act(west, 'forget')).state).toBe('declined');
    expect(await refusalOf(north.peer(west))).toBe('federation.peer_unknown');
  });
});

describe('a statement', () => {
  const peersOfSouth = async () => (await south.ask(federation.listPeers, {})).items.map(({ nodeId, state }) => [nodeId, state]);

  it.each<[string, () => SignedStatement, string]>([
    ['forged', () => ({ ...west.states(south), signature: north.states(south).signature }), 'federation.bad_signature'],
    ['altered', () => { const signed = west.states(south); return { ...signed, statement: { ...signed.statement, nats_url: 'nats://127.0.0.1:9' } }; }, 'federation.bad_signature'],
    ['in the name of another', () => ({ ...west.states(south), statement: { ...west.states(south).statement, from_node: north.nodeId } }), 'federation.bad_signature'],
    ['for somebody else', () => west.states(north), 'federation.statement_not_for_us'],
    ['old', () => west.states(south, { made_at: new Date(Date.now() - 11 * 60_000).toISOString() }), 'federation.statement_too_old'],
    ['of the future', () => west.states(south, { made_at: new Date(Date.now() + 11 * 60_000).toISOString() }), 'federation.statement_too_old'],
    ['with the address of a machine', () => west.states(south, { nats_url: 'nats://169.254.169.254:4222' }), 'message.malformed'],
    ['with a gateway on the link', () => west.states(south, { gateway_url: 'http://[fe80::1]/' }), 'message.malformed'],
  ])('that is %s is refused and changes nothing', async (_, signed, code) => {
    const before = await peersOfSouth();
    expect(await refusalOf(hear(south, signed()))).toBe(code);
    expect(await peersOfSouth()).toEqual(before);
  });

  it('that was overtaken is refused, and so is one with the key of another peer', async () => {
    const earlier = west.states(south);
    const later = west.states(south, { made_at: new Date(Date.now() + 1_000).toISOString() });
    expect((await hear(south, later)).state).toBe('asking');
    expect(await refusalOf(hear(south, earlier))).toBe('federation.statement_too_old');
    const [row] = await south.sql<{ peer_nkey: string }>('SELECT peer_nkey FROM federation.peer WHERE node_id = $1', [north.nodeId]);
    expect(await refusalOf(hear(south, west.states(south, { nkey: row!.peer_nkey, made_at: new Date(Date.now() + 2_000).toISOString() })))).toBe('message.malformed');
    await south.act(west, 'decline');
    await south.act(west, 'forget');
  });

  it('of a peer cannot lead this node to another address', async () => {
    await hear(south, north.states(south, { nats_url: 'nats://127.0.0.1:9', gateway_url: 'http://127.0.0.1:9', nkey: north.heard.length > 0 ? (await keyOf(south, north)) : '' }));
    expect(await south.peer(north)).toMatchObject({ state: 'linked', natsUrl: north.nats.url, gatewayUrl: north.gatewayUrl });
  });

  it('is one of so many that the oldest undecided one falls out, and the rest is told to wait', async () => {
    const strangers = Array.from({ length: 100 }, (_, index) => nodeIdOf(`stranger ${index}`));
    await south.sql(
      `INSERT INTO federation.peer (node_id, name, state, view, version, added_at, changed_at)
       SELECT id, 'stranger', 'asking', 'own', 1, now() - interval '1 day' + number * interval '1 second', now() FROM unnest($1::text[]) WITH ORDINALITY AS new (id, number)`, [strangers],
    );
    expect((await hear(south, west.states(south))).state).toBe('asking');
    const asking = await south.sql<{ node_id: string }>(`SELECT node_id FROM federation.peer WHERE state = 'asking'`);
    expect([asking.length, asking.some(({ node_id }) => node_id === strangers[0]), asking.some(({ node_id }) => node_id === west.nodeId)]).toEqual([100, false, true]);
    const flood = await Promise.all(Array.from({ length: 60 }, async (_, index) => {
      const stranger = new TestNode(`flood ${index}`, join(folder, 'flood'));
      return refusalOf(hear(south, stranger.states(south, { gateway_url: west.gatewayUrl })));
    }));
    expect(new Set(flood)).toEqual(new Set(['nothing', 'federation.too_many_requests']));
    expect(flood.filter((code) => code === 'federation.too_many_requests').length).toBeGreaterThan(20);
    expect((await hear(south, north.states(south, { nkey: await keyOf(south, north), made_at: new Date(Date.now() + 1_000).toISOString() }))).state).toBe('agreed');
    await south.sql(`DELETE FROM federation.peer WHERE state = 'asking'`);
    await south.sql('UPDATE federation.peer_revision SET revision = revision + 1');
  }, 30_000);
});

/** Public key with which one node is let in at the other. */
async function keyOf(at: TestNode, of: TestNode): Promise<string> {
  const [row] = await at.sql<{ peer_nkey: string }>('SELECT peer_nkey FROM federation.peer WHERE node_id = $1', [of.nodeId]);
  return row!.peer_nkey;
}

const seedAt = async (at: TestNode, of: TestNode): Promise<Uint8Array> => {
  const [row] = await at.sql<{ link_nkey_seed: string }>('SELECT link_nkey_seed FROM federation.peer WHERE node_id = $1', [of.nodeId]);
  return bytesOf(row!.link_nkey_seed);
};

describe('an operator', () => {
  it('keeps out who is not admitted: strangers, and those who have only asked', async () => {
    expect(await knock(north, nkeys.createUser().getSeed())).toBe('AuthorizationError');
    const asking = nkeys.createUser();
    await hear(north, west.states(north, { nkey: asking.getPublicKey() }));
    expect(await knock(north, asking.getSeed())).toBe('AuthorizationError');
    await north.act(west, 'approve');
    expect(await knock(north, asking.getSeed())).toBe('nothing');
    await north.act(west, 'suspend');
    await north.act(west, 'forget');
    expect(await knock(north, asking.getSeed())).toBe('AuthorizationError');
  });

  it('suspends: the connections end, nothing more is taken; and resumes at the cursor', async () => {
    const before = await north.peer(south);
    await north.act(south, 'suspend', 'they are being repaired');
    expect(await north.peer(south)).toMatchObject({ state: 'suspended', reason: 'they are being repaired' });
    const broken = await until('south to notice', async () => { const { link } = await south.peer(north); return link.state === 'waiting' && /credentials refused/.test(link.lastError ?? '') && link; });
    expect(broken.attempts).toBeGreaterThan(0);
    expect(broken.nextAttemptAt).not.toBeNull();
    expect(await knock(north, await seedAt(south, north))).toBe('AuthorizationError');
    expect((await hear(north, south.states(north, { answer: 'declines' }))).state).toBe('asking');
    expect((await north.peer(south)).state).toBe('suspended');
    await until('the own link to stop', async () => (await north.peer(south)).link.state === 'stopped');
    const [ofSouth, held] = [await south.write(7), await north.seqOf(south)];
    const ofNorth = await north.write(3);
    await until('east to hold it', async () => await east.seqOf(south) === ofSouth);
    expect(await north.seqOf(south)).toBe(held);
    await north.act(south, 'resume');
    await south.act(north, 'retry');
    await Promise.all([holds(north, south, ofSouth), holds(south, north, ofNorth)]);
    const after = await north.peer(south);
    expect([after.received - before.received, after.refused]).toEqual([ofSouth - held, before.refused]);
    expect(after.link.reconnects).toBeGreaterThan(before.link.reconnects);
    expect((await north.told(south)).slice(-2)).toEqual(['suspended', 'linked open']);
  });

  it('pauses the reading alone, drains, and takes the last change back', async () => {
    await north.act(south, 'pause');
    await until('the link to stop', async () => (await north.peer(south)).link.state === 'stopped');
    await following(south, north);
    expect((await north.act(south, 'undo')).state).toBe('linked');
    expect(await refusalOf(north.act(south, 'undo'))).toBe('federation.peer_action_impossible');
    expect((await north.act(south, 'drain')).state).toBe('draining');
    await following(north, south);
    expect((await north.told(south)).slice(-3)).toEqual(['paused', 'linked open', 'draining']);
    expect((await north.act(south, 'resume')).state).toBe('linked');
  });

  it('blocks: what the peer says is not heard; and unblocks to what was before', async () => {
    await north.act(south, 'drain');
    await north.act(south, 'block', 'spam');
    expect(await refusalOf(hear(north, south.states(north)))).toBe('federation.peer_blocked');
    expect(await refusalOf(south.ask(federation.requestLink, { gatewayUrl: north.gatewayUrl }))).toBe('federation.peer_blocked');
    expect(await refusalOf(north.ask(federation.requestLink, { gatewayUrl: south.gatewayUrl }))).toBe('federation.peer_blocked');
    expect(await refusalOf(north.ask(federation.admitIssuer, { nodeId: south.nodeId, name: 'south' }))).toBe('federation.peer_blocked');
    expect((await north.ask(federation.listNodesAdmitted, { verdict: 'block' })).items).toEqual([expect.objectContaining({ nodeId: south.nodeId, reason: 'spam' })]);
    expect(await knock(north, await seedAt(south, north))).toBe('AuthorizationError');
    for (const action of ['approve', 'resume', 'forget', 'retry', 'block', 'drain'] as const) expect([action, await refusalOf(north.act(south, action))]).toEqual([action, 'federation.peer_action_impossible']);
    expect((await north.act(south, 'unblock')).state).toBe('draining');
    expect((await north.act(south, 'resume')).state).toBe('linked');
    await south.act(north, 'retry');
    await Promise.all([following(north, south), following(south, north)]);
    expect(await refusalOf(north.act(west, 'block'))).toBe('federation.peer_unknown');
  });

  it('keeps everything over a restart', async () => {
    await north.act(east, 'pause', 'for now');
    await north.restartService();
    expect(await north.peer(east)).toMatchObject({ state: 'paused', reason: 'for now' });
    await following(north, south);
    await north.act(east, 'resume');
    await following(north, east);
  });

  it('sees beforehand what would be touched, and who could not say', async () => {
    const item = { what: 'open_chains' as const, count: 2, sentence: '2 rings are open with members of that node.', examples: ['a', 'b'] };
    const played = play(north, federation.IMPACT_OPERATIONS.exchange.subject, ({ nodeId }) => (nodeId === south.nodeId ? { items: [item, { ...item, count: 0 }] } : { items: [] }));
    const preview = await north.ask(federation.previewAction, { nodeId: south.nodeId });
    expect(preview).toEqual({ nodeId: south.nodeId, name: 'south', action: 'block', isReversible: true, items: [item], unanswered: ['clearing', 'agreement', 'matching', 'identity'] });
    expect((await north.peer(south)).state).toBe('linked');
    played.unsubscribe();
  });
});

/** A service of a node that answers one operation. */
function play(node: TestNode, subject: string, answer: (input: Record<string, unknown>) => object) {
  return node.connection.subscribe(subject, { callback: (_error, message: Msg) => {
    const { id, data } = message.json<{ id: string; data: { input: Record<string, unknown> } }>();
    message.respond(JSON.stringify({ id, response: answer(data.input), isDisposed: true }));
  } });
}

describe('a question', () => {
  const ask = (nodeId: string, kind = 'matching.candidates', body: Record<string, unknown> = { capability: 'food' }) => north.ask(federation.askPeer, { nodeId, kind, body });

  it('goes over the link to the service of the peer, which is told who asks', async () => {
    const played = play(south, 'matching.v1.candidates.answer', (input) => ({ body: { heard: input } }));
    expect(await ask(south.nodeId)).toEqual({ body: { heard: { asker: north.nodeId, body: { capability: 'food' } } } });
    expect(await refusalOf(ask(south.nodeId, 'matching.unheard'))).toBe('federation.question_refused');
    expect(await refusalOf(ask(south.nodeId, 'matching.candidates', { text: 'x'.repeat(3_072) }))).toBe('federation.question_refused');
    played.unsubscribe();
    const long = play(south, 'matching.v1.candidates.answer', () => ({ body: { text: 'x'.repeat(300_000) } }));
    await expect(ask(south.nodeId)).rejects.toThrow(/answer_too_large/);
    long.unsubscribe();
  });

  it('is not answered to whom we are not linked with, and not asked where there is no link', async () => {
    expect(await refusalOf(ask(west.nodeId))).toBe('federation.peer_unknown');
    await south.act(north, 'pause');
    await expect(ask(south.nodeId)).rejects.toThrow(/no link with you/);
    await south.act(north, 'resume');
    await north.act(south, 'pause');
    await until('the link to stop', async () => (await north.peer(south)).link.state === 'stopped');
    expect(await refusalOf(ask(south.nodeId))).toBe('federation.peer_unreachable');
    await north.act(south, 'resume');
    await Promise.all([following(north, south), following(south, north)]);
  });
});

describe('a second instance of the service', () => {
  it('asks by way of the active one, and lets peers in and out like it', async () => {
    const stop = await north.startAnother();
    const played = play(south, 'matching.v1.candidates.answer', () => ({ body: { heard: true } }));
    for (let round = 0; round < 12; round += 1) expect(await north.ask(federation.askPeer, { nodeId: south.nodeId, kind: 'matching.candidates', body: {} })).toEqual({ body: { heard: true } });
    played.unsubscribe();
    await north.act(south, 'suspend');
    await until('both to keep south out', async () => {
      for (let round = 0; round < 6; round += 1) if (await knock(north, await seedAt(south, north)) !== 'AuthorizationError') return false;
      return true;
    });
    await until('south to notice', async () => (await south.peer(north)).link.state === 'waiting');
    await north.act(south, 'resume');
    await following(south, north);
    await stop();
    await following(north, south);
  });
});

describe('the list of nodes', () => {
  const [one, two] = [nodeIdOf('listed one'), nodeIdOf('listed two')];
  const header = 'node_id,name,verdict,reason';
  const bring = (csv: string, dryRun = false) => north.ask(federation.importAdmissions, { csv, dryRun });

  it('says first what it would change, then changes it whole', async () => {
    const csv = `${header}\n${one},"One, the first",allow,\n${two},=two(),block,"said ""no"""\n${east.nodeId},east,block,enough\n`;
    const changes = [{ nodeId: one, from: null, to: 'allow' }, { nodeId: two, from: null, to: 'block' }, { nodeId: east.nodeId, from: 'allow', to: 'block' }];
    expect(await bring(csv, true)).toEqual({ dryRun: true, added: 2, changed: 1, unchanged: 0, changes });
    expect(await refusalOf(north.peer({ nodeId: two }))).toBe('federation.peer_unknown');
    expect(await bring(csv)).toEqual({ dryRun: false, added: 2, changed: 1, unchanged: 0, changes });
    expect((await bring(csv)).unchanged).toBe(3);
    expect([(await north.peer({ nodeId: one })).state, (await north.peer({ nodeId: two })).state, (await north.peer(east)).state]).toEqual(['linked', 'blocked', 'blocked']);
  });

  it('is the same after being carried out and brought back', async () => {
    const { csv, rows } = await north.ask(federation.exportAdmissions, {});
    expect(csv).toContain(`${two},'=two(),block,"said ""no"""`);
    expect(await bring(csv)).toMatchObject({ added: 0, changed: 0, unchanged: rows });
    const all = [];
    for (let cursor: string | null = null; ;) {
      const page: z.output<typeof federation.listNodesAdmitted.output> = await north.ask(federation.listNodesAdmitted, { limit: 1, ...(cursor !== null && { cursor }) });
      all.push(...page.items);
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(all.map(({ nodeId, verdict }) => `${nodeId} ${verdict}`)).toEqual([...all].map(({ nodeId, verdict }) => `${nodeId} ${verdict}`).sort());
    expect(all).toHaveLength(rows);
  });

  it('lets a blocked node in again where it says so', async () => {
    await bring(`${header}\n${east.nodeId},east,allow,\n${two},two,allow,\n`);
    expect((await north.peer(east)).state).toBe('linked');
    await following(north, east);
  });

  it.each<[string, string, RegExp]>([
    ['another header', 'id,name\n', /line 1/], ['a node that is none', `${header}\nz6Mk,x,allow,\n`, /line 2: node_id/], ['a verdict that is none', `${header}\n${one},x,maybe,\n`, /line 2: verdict/],
    ['a node twice', `${header}\n${one},x,allow,\n${one},x,block,\n`, /line 3.*second time/], ['this node', `${header}\n${north.nodeId},x,block,\n`, /line 2.*itself/],
    ['too few fields', `${header}\n${one},x\n`, /line 2: has 2 fields/], ['an open quote', `${header}\n${one},"x,allow,\n`, /line 2.*quote/], ['nothing', '', /line 1/],
  ])('is refused whole with %s', async (_, csv, reason) => {
    const before = await north.ask(federation.exportAdmissions, {});
    await expect(bring(csv.replace(`${header}\n`, `${header}\n${nodeIdOf('innocent')},innocent,block,\n`).replace(/^(id,name)/, '$1'))).rejects.toThrow(reason.source.includes('line 1') ? reason : /line \d/);
    await expect(bring(csv)).rejects.toThrow(reason);
    expect(await refusalOf(bring(csv))).toBe('federation.list_malformed');
    expect(await north.ask(federation.exportAdmissions, {})).toEqual(before);
  });
});

describe('the peers file', () => {
  const key = nkeys.createUser();
  const declare = (...peers: object[]) => writeFileSync(south.peersFile, JSON.stringify(peers));
  const declared = { nodeId: west.nodeId, name: 'West', natsUrl: 'nats://127.0.0.1:1', nkeySeed: textOf(key.getSeed()), publicNkey: key.getPublicKey() };

  it('declares peers and takes them back, without touching those it never named', async () => {
    declare(declared);
    await until('the peer to be there', async () => (await refusalOf(south.peer(west))) === 'nothing');
    expect(await south.peer(west)).toMatchObject({ state: 'linked', name: 'West' });
    const dialled = await until('the dial to fail', async () => { const { link } = await south.peer(west); return link.lastError !== null && link; });
    expect(dialled.lastError).toMatch(/^dial refused/);
    expect(await knock(south, key.getSeed())).toBe('nothing');
    declare();
    await until('the peer to be gone', async () => (await refusalOf(south.peer(west))) === 'federation.peer_unknown');
    expect(await knock(south, key.getSeed())).toBe('AuthorizationError');
    expect((await south.peer(north)).state).toBe('linked');
  });

  it('does not undo what an operator has decided since', async () => {
    declare(declared);
    await until('the peer to be there', async () => (await refusalOf(south.peer(west))) === 'nothing');
    await south.act(west, 'block', 'no more');
    expect(await refusalOf(south.act(west, 'forget'))).toBe('federation.peer_action_impossible');
    declare({ ...declared, name: 'West again' });
    await until('the file to be read', async () => (await south.peer(west)).name === 'West again');
    expect((await south.peer(west)).state).toBe('blocked');
    await south.restartService();
    expect((await south.peer(west)).state).toBe('blocked');
    declare();
    await until('the file to be read', async () => (await south.sql<{ declared: unknown }>('SELECT declared FROM federation.peer WHERE node_id = $1', [west.nodeId]))[0]?.declared === null);
    expect((await south.peer(west)).state).toBe('blocked');
  });

  it('that is wrong changes nothing', async () => {
    writeFileSync(south.peersFile, '[');
    declare({ ...declared, nodeId: south.nodeId });
    writeFileSync(south.peersFile, '[{');
    await following(south, north);
    declare({ ...declared, nodeId: nodeIdOf('after all'), nkeySeed: undefined, publicNkey: undefined, natsUrl: undefined });
    await until('the next one to be read', async () => (await refusalOf(south.ask(federation.getPeer, { nodeId: nodeIdOf('after all') }))) === 'nothing');
  });
});
