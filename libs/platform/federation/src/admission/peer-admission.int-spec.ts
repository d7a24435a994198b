import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, createServer } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator, nkeys, type Authenticator, type ConnectionOptions, type Msg, type NatsConnection, type SubscriptionOptions } from '@nats-io/transport-node';
import { natsOptions } from '@kula/platform-messaging';
import { Clock } from '@kula/platform-runtime';
import { nodeIdOf } from '@kula/testing-fixtures';
import { startNats, type NatsServer } from '@kula/testing-servers';
import { linkCertificate } from '../link-certificate.js';
import { natsConfig } from '../nats-config.js';
import { signToken, tokenIssuer } from './nats-token.js';
import { PeerAdmission, type DecideAdmission, type PeerAdmissionOptions } from './peer-admission.js';

type Key = ReturnType<typeof nkeys.createUser>;

/** Real time, moved by as many seconds as a test says, or the one moment it holds. */
class MovedClock extends Clock {
  bySeconds = 0;
  heldMs: number | undefined;
  override now(): Date { return new Date((this.heldMs ?? Date.now()) + this.bySeconds * 1_000); }
}

const [south, east] = [nodeIdOf('south'), nodeIdOf('east')];
const keys = { issuer: createAccount(), system: nkeys.createUser(), federation: nkeys.createUser(), south: nkeys.createUser(), east: nkeys.createUser() };
const seedOf = (pair: { getSeed(): Uint8Array }) => new TextDecoder().decode(pair.getSeed());
const certificate = linkCertificate('tls://127.0.0.1:4222', new Date());
const clock = new MovedClock();
const SERVER = createServer().getPublicKey();

let folder: string;
let server: NatsServer;
let federation: NatsConnection;
let admission: PeerAdmission | undefined;
const open: NatsConnection[] = [];
const asked: Parameters<DecideAdmission>[] = [];

const decide: DecideAdmission = (publicNkey, isTls, host) => {
  asked.push([publicNkey, isTls, host]);
  if (!isTls) return { refused: 'it comes without TLS' };
  const nodeId = new Map([[keys.south.getPublicKey(), south], [keys.east.getPublicKey(), east]]).get(publicNkey);
  return nodeId === undefined ? { refused: 'no peer has this key' } : { nodeId };
};

async function admit(changes: Partial<PeerAdmissionOptions> = {}): Promise<PeerAdmission> {
  const made = new PeerAdmission({
    connection: federation, natsUrl: server.url.replace(/^tls:/, 'nats:'), issuerSeed: seedOf(keys.issuer), systemNkeySeed: seedOf(keys.system), decide, clock, ...changes,
  });
  await made.start();
  admission = made;
  return made;
}

async function dial(options: ConnectionOptions): Promise<NatsConnection> {
  const connection = await connect({ servers: `127.0.0.1:${server.port}`, reconnect: false, tls: { ca: certificate.certificate }, ...options });
  open.push(connection);
  return connection;
}

const dialAs = (key: Key, nodeId: string) => dial({ authenticator: nkeyAuthenticator(key.getSeed()), inboxPrefix: `_INBOX_${nodeId}` });
const lines = (words: string) => readFileSync(join(folder, 'store', 'nats-server.log'), 'utf8').split('\n').filter((line) => line.includes(words)).length;

/** Resolves with what the server gave as the reason when it ended the connection. */
const endOf = async (connection: NatsConnection): Promise<string> => String(await connection.closed() ?? 'without a word');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-admission-'));
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(files.certFile, certificate.certificate);
  writeFileSync(files.keyFile, certificate.privateKey, { mode: 0o600 });
  server = await startNats({ storeDir: join(folder, 'store'), config: natsConfig({
    serverName: 'north', listen: '127.0.0.1:-1', nodePassword: 'hush', durable: false, federationUserPublicNkey: keys.federation.getPublicKey(), tls: files,
    systemUserPublicNkey: keys.system.getPublicKey(), admissionIssuerPublicNkey: keys.issuer.getPublicKey(), peerConnectionsMax: 6,
  }) });
  federation = await connect({ ...natsOptions(`nats://127.0.0.1:${server.port}`, 'federation'), authenticator: nkeyAuthenticator(keys.federation.getSeed()) });
  federation.subscribe('fedapi.>', { callback: (_error, message) => { message.respond('heard'); } });
});

afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
  await admission?.stop();
  admission = undefined;
  clock.bySeconds = 0;
  clock.heldMs = undefined;
  asked.length = 0;
});

afterAll(async () => {
  await federation?.close();
  // Not stop: it would wait for the questions that the tests left unanswered.
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('PeerAdmission', () => {
  it('lets a peer in over TLS that pins the certificate, and asks with its key, TLS and address', async () => {
    await admit();
    const peer = await dialAs(keys.south, south);
    expect((await peer.request(`fedapi.open.${south}`)).string()).toBe('heard');
    expect(asked).toEqual([[keys.south.getPublicKey(), true, '127.0.0.1']]);
    expect(peer.info?.max_payload).toBe(4_096);
  });

  it('leaves it to who decides to refuse a peer that comes without TLS', async () => {
    await admit();
    await expect(dial({ authenticator: nkeyAuthenticator(keys.south.getSeed()), tls: null })).rejects.toThrow(/authorization/i);
    expect(asked).toEqual([[keys.south.getPublicKey(), false, '127.0.0.1']]);
  });

  it('does not ask about the services of the node, which connect beside TLS', async () => {
    await admit();
    const node = await connect(natsOptions(`nats://node:hush@127.0.0.1:${server.port}`, 'a service'));
    open.push(node);
    expect(asked).toEqual([]);
  });

  it.each<[string, () => Authenticator]>([
    ['the key of a peer with the signature of its own', () => {
      const own = nkeys.createUser();
      return (nonce) => ({ nkey: keys.south.getPublicKey(), sig: Buffer.from(own.sign(new TextEncoder().encode(nonce))).toString('base64url') });
    }],
    ['the key of a peer with a signature the peer once gave over another nonce', () => () => (
      { nkey: keys.south.getPublicKey(), sig: Buffer.from(keys.south.sign(new TextEncoder().encode('AcRSS9raBjatClE'))).toString('base64url') })],
    ['the key of a peer and no signature', () => () => ({ nkey: keys.south.getPublicKey(), sig: '' })],
    ['the key of the federation service with the signature of its own', () => {
      const own = nkeys.createUser();
      return (nonce) => ({ nkey: keys.federation.getPublicKey(), sig: Buffer.from(own.sign(new TextEncoder().encode(nonce))).toString('base64url') });
    }],
    ['a key nobody knows', () => nkeyAuthenticator(nkeys.createUser().getSeed())],
    ['the account key of admissions, as if it were a user', () => () => ({ nkey: keys.issuer.getPublicKey(), sig: 'AAAA' })],
    ['the password of the node, guessed', () => () => ({ user: 'node', pass: 'guessed' })],
    ['the name of a peer and its own password', () => () => ({ user: south, pass: 'hush' })],
    ['a token of its own making', () => () => ({ jwt: 'eyJ0eXAiOiJKV1QifQ.e30.AAAA', nkey: keys.south.getPublicKey(), sig: 'AAAA' })],
  ])('refuses who shows %s', async (_, authenticator) => {
    await admit();
    await expect(dial({ authenticator: authenticator() })).rejects.toThrow(/authorization/i);
  });

  it('goes on where whoever decides throws, or names what is no node', async () => {
    const verdicts: DecideAdmission[] = [() => { throw new Error('broken'); }, () => ({ nodeId: '*' }), decide];
    await admit({ decide: (...what) => verdicts.shift()!(...what) });
    for (let attempt = 0; attempt < 2; attempt += 1) await expect(dial({ authenticator: nkeyAuthenticator(keys.south.getSeed()), timeout: 300 })).rejects.toThrow();
    await dialAs(keys.south, south);
  });

  it('is asked by the server alone: not even the federation service can publish there', async () => {
    await admit();
    const refusal = (async () => { for await (const status of federation.status()) if (status.type === 'error') return String(status.error); return ''; })();
    federation.publish('$SYS.REQ.USER.AUTH', 'hello');
    expect(await refusal).toMatch(/permission/i);
  });

  it.each<[string, string | (() => never)]>([
    ['empty', ''], ['no token', 'hello'], ['without claims', 'a.b.c'], ['too long', 'x'.repeat(100_000)], ['no text', () => { throw new TypeError('no text'); }],
    ['forged', signToken(tokenIssuer(seedOf(createAccount())), { iss: SERVER, nats: { type: 'authorization_request', server_id: { id: SERVER }, user_nkey: keys.south.getPublicKey(), client_info: { id: 1 }, connect_opts: {} } }, 0)],
  ])('passes over a question that is %s', async (_, question) => {
    const answers: unknown[] = [];
    let ask: ((error: null, message: Msg) => void) | undefined;
    const connection = { subscribe: (_subject: string, options: SubscriptionOptions) => { ask = options.callback as typeof ask; return { unsubscribe: () => undefined }; } };
    await admit({ connection: connection as unknown as NatsConnection });
    ask?.(null, { string: () => (typeof question === 'string' ? question : question()), respond: (answer: unknown) => answers.push(answer) } as unknown as Msg);
    expect([ask === undefined, answers]).toEqual([false, []]);
  });

  it('stops looking at an address that tries too often, and looks again after a rest', async () => {
    clock.heldMs = Date.now();
    await admit({ budget: { perHost: { perSecond: 1, atOnce: 3 }, all: { perSecond: 100, atOnce: 100 } } });
    for (let attempt = 0; attempt < 6; attempt += 1) await expect(dial({ authenticator: nkeyAuthenticator(nkeys.createUser().getSeed()) })).rejects.toThrow(/authorization/i);
    expect(asked).toHaveLength(3);
    clock.bySeconds = 60;
    await dialAs(keys.south, south);
  });

  it('ends the connections of a peer at once, and of no other', async () => {
    const peers = await admit();
    const [one, two, other] = [await dialAs(keys.south, south), await dialAs(keys.south, south), await dialAs(keys.east, east)];
    const ends = Promise.all([endOf(one), endOf(two)]);
    expect(await peers.dropPeer(south)).toBe(2);
    expect(await ends).toHaveLength(2);
    expect((await other.request(`fedapi.open.${east}`)).string()).toBe('heard');
    expect(await peers.dropPeer(south)).toBe(0);
  });

  it('ends connections that another instance let in', async () => {
    await admit();
    const peer = await dialAs(keys.south, south);
    await admission?.stop();
    const next = await admit();
    const end = endOf(peer);
    expect(await next.dropPeer(south)).toBe(1);
    await end;
  });

  it('ends a connection that it is just letting in', async () => {
    let dropped: Promise<number> | undefined;
    const peers = await admit({ decide: (...what) => {
      setImmediate(() => { dropped = peers.dropPeer(south); });
      return decide(...what);
    } });
    const outcome = await dialAs(keys.south, south).then(endOf, () => 'refused');
    expect(outcome).toMatch(/refused|without a word/);
    expect(await dropped).toBe(1);
  });

  it('gives a peer four connections, and ends the first for a fifth', async () => {
    await admit();
    const first = await dialAs(keys.south, south);
    const end = endOf(first);
    for (let more = 0; more < 3; more += 1) await dialAs(keys.south, south);
    expect(first.isClosed()).toBe(false);
    await dialAs(keys.south, south);
    await end;
    expect(open.filter((connection) => !connection.isClosed())).toHaveLength(4);
  });

  it('lets in no more connections of all peers than the server was given room for', async () => {
    await admit();
    for (const [key, nodeId] of [[keys.south, south], [keys.south, south], [keys.south, south], [keys.south, south], [keys.east, east], [keys.east, east]] as const) await dialAs(key, nodeId);
    await expect(dialAs(keys.east, east)).rejects.toThrow();
    expect(open.filter((connection) => !connection.isClosed())).toHaveLength(6);
    await open[0]?.close();
    await dialAs(keys.east, east);
  });

  it('lets an admission run out within 15 minutes, spread by the number of the connection, and asks again then', async () => {
    await admit();
    const { info } = await dialAs(keys.south, south);
    const next = (info?.client_id ?? 0) + 1;
    const lifetimeSeconds = 900 - (next % 180);
    clock.bySeconds = 2 - lifetimeSeconds;
    const peer = await dialAs(keys.south, south);
    expect(peer.info?.client_id).toBe(next);
    expect(await endOf(peer)).toMatch(/expired/i);
    clock.bySeconds = 0;
    const back = await dialAs(keys.south, south);
    expect((await back.request(`fedapi.open.${south}`)).string()).toBe('heard');
    expect(asked).toHaveLength(3);
  });

  it('answers none when it has stopped', async () => {
    await admit();
    await admission?.stop();
    await admission?.stop();
    await expect(dial({ authenticator: nkeyAuthenticator(keys.south.getSeed()), timeout: 300 })).rejects.toThrow(/timeout/i);
  });

  it('refuses to start as a system user the server does not know, and with the seed of a user for tokens', async () => {
    const options = { connection: federation, natsUrl: `nats://127.0.0.1:${server.port}`, issuerSeed: seedOf(keys.issuer), systemNkeySeed: seedOf(nkeys.createUser()), decide, clock };
    const stranger = new PeerAdmission(options);
    await expect(stranger.start()).rejects.toThrow(/authorization/i);
    await stranger.stop();
    expect(() => new PeerAdmission({ ...options, issuerSeed: seedOf(keys.system) })).toThrow(/seed of an account/);
  });

  it('gives no right where another than the issuer answers', async () => {
    await admit({ issuerSeed: seedOf(createAccount()) });
    await expect(dial({ authenticator: nkeyAuthenticator(keys.south.getSeed()) })).rejects.toThrow(/authorization/i);
    expect(lines('signing key is unknown')).toBeGreaterThan(0);
  });
});
