import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { createAccount } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator, nkeys, type NatsConnection } from '@nats-io/transport-node';
import { SystemClock } from '@kula/platform-runtime';
import { nodeIdOf } from '@kula/testing-fixtures';
import { startNats, type NatsServer } from '@kula/testing-servers';
import { PeerAdmission } from './admission/peer-admission.js';
import { natsConfig } from './nats-config.js';

const [north, south, east, west] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east'), nodeIdOf('west')];
const keys = { issuer: createAccount(), system: nkeys.createUser(), federation: nkeys.createUser(), south: nkeys.createUser(), east: nkeys.createUser(), west: nkeys.createUser() };
const seedOf = (pair: { getSeed(): Uint8Array }) => new TextDecoder().decode(pair.getSeed());

let folder: string;
let server: NatsServer;
let federation: NatsConnection;
let admission: PeerAdmission;
let log: JetStreamManager;
let peer: NatsConnection;
const connections: NatsConnection[] = [];

/** The peers of the node, by the key with which each dials it. */
const peers = new Map([[keys.south.getPublicKey(), south], [keys.east.getPublicKey(), east]]);

async function dial(key: { getSeed(): Uint8Array }, inboxPrefix?: string): Promise<NatsConnection> {
  const connection = await connect({
    servers: server.url, authenticator: nkeyAuthenticator(key.getSeed()), reconnect: false, ...(inboxPrefix !== undefined && { inboxPrefix }),
  });
  connections.push(connection);
  return connection;
}

const messages = async (): Promise<number> => (await log.streams.info('FEDLOG')).state.messages;
const consumerNames = async (): Promise<string[]> => {
  const names: string[] = [];
  for await (const consumer of log.consumers.list('FEDLOG')) names.push(consumer.name);
  return names.sort();
};

async function makeConsumer(name: string): Promise<void> {
  await log.consumers.add('FEDLOG', {
    name, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 1, mem_storage: true, inactive_threshold: 120e9,
  });
}

/** What a request of a peer comes to: the answer, or the reason there is none. */
async function answerTo(subject: string, payload = '{}', who: NatsConnection = peer): Promise<string> {
  try {
    return (await who.request(subject, payload, { timeout: 1_000 })).string();
  } catch (error) {
    return error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
  }
}

/** Three entries, as the peer pulls them: text, sequence in the stream, sequence of the delivery. */
async function pulled(): Promise<[string, number, number][]> {
  const consumer = await jetstream(peer, { apiPrefix: 'fedjs' }).consumers.get('FEDLOG', `p_${south}`);
  const received: [string, number, number][] = [];
  for await (const message of await consumer.fetch({ max_messages: 3, expires: 5_000 })) {
    received.push([message.string(), message.seq, message.info.deliverySequence]);
  }
  return received;
}

async function refusalOf(subject: string): Promise<string> {
  return new Promise((resolve) => {
    peer.subscribe(subject, { callback: (error, message) => resolve(error?.message ?? `received ${message.subject}`) });
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-nats-config-'));
  const config = natsConfig({
    serverName: 'north', listen: '127.0.0.1:-1', nodePassword: 'of "the" node', durable: false, federationUserPublicNkey: keys.federation.getPublicKey(),
    systemUserPublicNkey: keys.system.getPublicKey(), admissionIssuerPublicNkey: keys.issuer.getPublicKey(),
  });
  server = await startNats({ storeDir: join(folder, 'store'), config });
  federation = await dial(keys.federation);
  admission = new PeerAdmission({
    connection: federation, natsUrl: server.url, issuerSeed: seedOf(keys.issuer), systemNkeySeed: seedOf(keys.system), clock: new SystemClock(),
    decide: (publicNkey) => {
      const nodeId = peers.get(publicNkey);
      return nodeId === undefined ? { refused: 'no peer has this key' } : { nodeId };
    },
  });
  await admission.start();
  log = await jetstreamManager(federation);
  await log.streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'] });
  for (const text of ['one', 'two', 'three']) await jetstream(federation).publish(`federation.announce.${north}`, text);
  await makeConsumer(`p_${south}`);
  await makeConsumer(`p_${east}`);
  federation.subscribe('fedapi.>', { callback: (_error, message) => { message.respond(`asked on ${message.subject}`); } });
  peer = await dial(keys.south, `_INBOX_${south}`);
});

afterAll(async () => {
  await admission?.stop();
  for (const connection of connections) await connection.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the server of a node', () => {
  it('lets a peer pull its own consumer, in delivery order', async () => {
    expect(await pulled()).toEqual([['one', 1, 1], ['two', 2, 2], ['three', 3, 3]]);
  });

  it('lets a peer ask under its own name', async () => {
    expect(await answerTo(`fedapi.open.${south}`)).toBe(`asked on fedapi.open.${south}`);
  });

  it('refuses a peer that asks under the name of another', async () => {
    expect(await answerTo(`fedapi.open.${east}`)).toMatch(/permission/i);
  });

  it.each([
    ['the log, as its issuer', `federation.announce.${north}`],
    ['the log, as itself', `federation.announce.${south}`],
    ['the drafts of the node', 'fedout.announce'],
    ['what the services of the node take for received', 'fedin.announce'],
    ['the events of the node', 'evt.chain.completed'],
    ['another inbox', `_INBOX_${east}.x`],
  ])('refuses a peer that publishes to %s', async (_, subject) => {
    expect(await answerTo(subject)).toMatch(/permission/i);
    expect(await messages()).toBe(3);
  });

  it.each([
    'fedjs.CONSUMER.CREATE.FEDLOG', `fedjs.CONSUMER.CREATE.FEDLOG.p_${south}`, 'fedjs.CONSUMER.DURABLE.CREATE.FEDLOG.x',
    `fedjs.CONSUMER.DELETE.FEDLOG.p_${east}`, 'fedjs.STREAM.INFO.FEDLOG', 'fedjs.STREAM.PURGE.FEDLOG', 'fedjs.STREAM.MSG.GET.FEDLOG',
    `fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${east}`, `fedjs.CONSUMER.INFO.FEDLOG.p_${east}`,
    '$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.DELETE.FEDLOG', '$JS.API.STREAM.PURGE.FEDLOG', '$JS.API.ACCOUNT.PURGE.FED',
    `$JS.API.CONSUMER.CREATE.FEDLOG.p_${south}`, `$JS.API.CONSUMER.MSG.NEXT.FEDLOG.p_${south}`, '$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.FED.CONNZ', '$SYS.REQ.ACCOUNT.PEERS.CONNZ', '$SYS.REQ.USER.AUTH', '$SYS.REQ.USER.INFO',
  ])('refuses a peer that asks %s', async (subject) => {
    const payload = JSON.stringify({ stream_name: 'FEDLOG', config: { name: `p_${south}`, ack_policy: 'none', deliver_subject: 'evt.x' } });
    expect(await answerTo(subject, payload)).toMatch(/permission/i);
    expect(await messages()).toBe(3);
    expect(await consumerNames()).toEqual([`p_${east}`, `p_${south}`].sort());
  });

  it.each(['>', 'federation.>', 'federation.announce.*', 'fedin.>', 'evt.>', '$SYS.REQ.USER.AUTH', `_INBOX_${east}.>`, '_INBOX.>', '$SYS.>', '$JS.>', 'fedapi.>', 'fedjs.>'])('refuses a peer that listens to %s', async (subject) => {
    expect(await refusalOf(subject)).toMatch(/permission/i);
  });

  it('does not feed the log to itself when a peer names it as the reply of a pull', async () => {
    await log.consumers.delete('FEDLOG', `p_${south}`);
    await makeConsumer(`p_${south}`);
    peer.publish(`fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${south}`, JSON.stringify({ batch: 10, no_wait: true }), { reply: `federation.announce.${north}` });
    await peer.flush();
    expect(await pulled()).toHaveLength(3);
    expect(await messages()).toBe(3);
  });

  it('takes requests from a peer, not payloads', () => {
    expect([peer.info?.max_payload, federation.info?.max_payload]).toEqual([4_096, 1_048_576]);
  });

  it('admits nobody without a key it knows', async () => {
    await expect(dial(keys.west)).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: server.url, reconnect: false, user: 'node', pass: 'guessed' })).rejects.toThrow(/authorization/i);
  });

  it('keeps the services of the node away from the log and the log away from their streams', async () => {
    const node = await connect({ servers: server.url, user: 'node', pass: 'of "the" node' });
    connections.push(node);
    const manager = await jetstreamManager(node);
    await manager.streams.add({ name: 'EVT', subjects: ['evt.>'] });
    await expect(manager.streams.info('FEDLOG')).rejects.toThrow(/not found/);
    await expect(log.streams.info('EVT')).rejects.toThrow(/not found/);
    expect(await answerTo(`fedapi.open.${south}`, '{}', node)).toMatch(/no responders/i);
  });

  it('lets its system user list and end connections of peers, and do nothing else', async () => {
    const system = await dial(keys.system);
    expect(await answerTo('$SYS.REQ.ACCOUNT.PEERS.CONNZ', '{}', system)).toContain('"connections"');
    for (const subject of ['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.NODE.CONNZ', '$SYS.REQ.SERVER.PING.VARZ', `$SYS.REQ.SERVER.${server.pid}.RELOAD`, '$JS.API.INFO', `fedapi.open.${south}`]) {
      expect(await answerTo(subject, '{}', system)).toMatch(/permission/i);
    }
  });

  it('admits and dismisses peers at run time without a word to it, and to the others', async () => {
    let interruptions = 0;
    const watching = (async () => { for await (const status of peer.status()) if (status.type === 'disconnect') interruptions += 1; })();
    const leaving = await dial(keys.east, `_INBOX_${east}`);
    const pull = await (await jetstream(leaving, { apiPrefix: 'fedjs' }).consumers.get('FEDLOG', `p_${east}`)).fetch({ max_messages: 10, expires: 30_000 });
    const waiting = pull[Symbol.asyncIterator]();
    for (const text of ['one', 'two', 'three']) expect((await waiting.next()).value?.string()).toBe(text);
    peers.set(keys.west.getPublicKey(), west);
    const joined = await dial(keys.west, `_INBOX_${west}`);
    expect(await answerTo(`fedapi.open.${west}`, '{}', joined)).toBe(`asked on fedapi.open.${west}`);
    peers.delete(keys.east.getPublicKey());
    expect(await admission.dropPeer(east)).toBe(1);
    await leaving.closed();
    await jetstream(federation).publish(`federation.announce.${north}`, 'four');
    const last = await waiting.next().then(({ done }) => done, () => true);
    expect(last).toBe(true);
    await expect(dial(keys.east)).rejects.toThrow(/authorization/i);
    expect(await answerTo(`fedapi.open.${south}`)).toBe(`asked on fedapi.open.${south}`);
    expect(interruptions).toBe(0);
    await peer.close();
    await watching;
  });
});
