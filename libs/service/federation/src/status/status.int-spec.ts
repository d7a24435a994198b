import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation, type EntryDraft } from '@kula/contracts';
import { signDocument, toBase64url } from '@kula/kernel-crypto';
import { sealBatch, subjectOf, type SealedEntry } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, parseOpenMetrics, walletOf } from '@kula/testing-fixtures';
import { freePort, startNats, type NatsServer } from '@kula/testing-servers';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { FEDERATION_METRICS, federationService } from '../index.js';

const NETWORK = 'kula-spec';
const north = nodeIdOf('north');

/** A peer whose log, whose words and whose server the test commands. */
class West {
  readonly nodeId = nodeIdOf('west');
  readonly log: SealedEntry[] = [];
  /** Entries it says it has beyond those it gives. */
  promised = 0;
  /** What it says it holds of north. */
  ofNorth: readonly [number, string] | undefined;
  private server: NatsServer | undefined;
  private connection: NatsConnection | undefined;

  constructor(private readonly folder: string, private readonly port: number) {}

  get natsUrl(): string { return `nats://127.0.0.1:${this.port}`; }

  async start(): Promise<void> {
    this.server = await startNats({ storeDir: join(this.folder, 'west'), config: 'jetstream {}\n', port: this.port });
    const connection = await connect({ servers: this.natsUrl });
    this.connection = connection;
    const manager = await jetstreamManager(connection);
    const { created } = await manager.streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'] });
    const answer = (verb: string, say: (request: never, subject: string) => Promise<object> | object) => connection.subscribe(`fedapi.${verb}.*`, {
      callback: (_error, message) => void Promise.resolve(say(message.json(), message.subject)).then((said) => message.respond(JSON.stringify(said))),
    });
    answer('open', async ({ from, epoch }: { from: number; epoch: string | null }, subject) => {
      const consumer = `p_${subject.split('.')[2]}`;
      await manager.consumers.delete('FEDLOG', consumer).catch(() => undefined);
      await manager.consumers.add('FEDLOG', { name: consumer, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: epoch === String(created) ? from : 1, mem_storage: true });
      return { stream: 'FEDLOG', consumer, epoch: String(created), from, head: null };
    });
    answer('heads', () => this.heads());
    answer('range', ({ from, to, issuer }: { from: number; to: number; issuer: string }) =>
      ({ entries: issuer === this.nodeId ? this.log.slice(from - 1, to).map(({ jws }) => jws) : [] }));
  }

  async stop(): Promise<void> {
    await this.connection?.close();
    await this.server?.stop();
  }

  async say(): Promise<void> {
    const last = this.log.at(-1);
    const draft = { topic: 'graph', type: 'listing.withdrawn', sub: 'x', ts: Date.now(), body: { listing_id: 'x', home_node: this.nodeId } };
    const { entries: [entry] } = sealBatch(nodeEd25519, { kid: `${this.nodeId}#1`, privateKey: keyOfName('node west'), net: NETWORK }, last && { seq: last.seq, hash: last.hash }, [draft]);
    this.log.push(entry!);
    await this.publish(entry!.jws);
  }

  async publish(text: string): Promise<void> {
    await jetstream(this.connection!).publish(subjectOf('graph', this.nodeId), text);
  }

  private heads(): object {
    const last = this.log.at(-1);
    const own = last === undefined ? {} : { [this.nodeId]: [last.seq + this.promised, this.promised === 0 ? last.hash : 'A'.repeat(43)] };
    const statement = { node_id: this.nodeId, made_at: new Date().toISOString(), heads: { ...own, ...(this.ofNorth && { [north]: this.ofNorth }) }, next: null };
    return { statement, signature: signDocument(nodeEd25519, keyOfName('node west'), 'sep/head-vector/v1', statement as never) };
  }
}

let folder: string;
let west: West;
let probe: ServiceProbe;

const health = () => probe.ask(federation.getPublicStatus, {});
const stateIs = (state: string) => until(`the node to be ${state}`, async () => { const said = await health(); return said.state === state && said; });
const status = () => probe.ask(federation.getFederationStatus, {});
const ownHead = async () => (await status()).heads.find(({ issuer }) => issuer === north);

/** Values of a metric that have these labels. */
async function values(metric: { readonly name: string }, labels: Record<string, string> = {}): Promise<number[]> {
  const families = parseOpenMetrics(await probe.metrics());
  const samples = families.get(metric.name.replace(/_total$/, ''))?.samples ?? [];
  return samples.filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value)).map(({ value }) => value);
}
const metricNamed = (name: string) => {
  const metric = FEDERATION_METRICS.find((each) => each.name === `kula_federation_${name}`);
  if (metric === undefined) throw new Error(`there is no metric ${name}`);
  return metric;
};
const valueOf = async (name: string, labels: Record<string, string> = {}) => (await values(metricNamed(name), labels))[0];
const comesToBe = (name: string, holds: (value: number) => boolean, labels: Record<string, string> = {}) =>
  until(`${name} ${JSON.stringify(labels)}`, async () => { const value = await valueOf(name, labels); return value !== undefined && holds(value); });

async function draft(subject: string): Promise<void> {
  const message: EntryDraft = { id: randomUUID(), topic: 'graph', type: 'listing.withdrawn', subject, body: { listing_id: subject, home_node: north } };
  await probe.send(message);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-status-'));
  west = new West(folder, await freePort());
  const peersFile = join(folder, 'peers.json');
  writeFileSync(peersFile, JSON.stringify([{ nodeId: west.nodeId, name: 'west', natsUrl: west.natsUrl, apiPrefix: '$JS.API' }, { nodeId: nodeIdOf('east'), name: 'east' }]));
  probe = await ServiceProbe.start(federationService, {
    KULA_NODE_KEY: toBase64url(keyOfName('node north')), KULA_NETWORK: NETWORK, KULA_PEERS_FILE: peersFile, KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example',
    KULA_GATEWAY_URL: 'https://north.example', KULA_OPERATOR_ID: walletOf('operator').did, KULA_LOG_LEVEL: 'silent',
  });
});

afterAll(async () => {
  await probe?.stop();
  await west?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('how a node does', () => {
  it('is waiting while nobody has told it what peers hold of its log, and its drafts wait with it', async () => {
    await draft('early');
    const said = await stateIs('waiting');
    expect(said).toMatchObject({ nodeId: north, name: 'North', sentence: expect.stringMatching(/^This node signs nothing for now: .+[.]$/) });
    expect((await until('the draft to be counted', async () => { const now = await health(); return now.backlog.entries > 0 && now; })).backlog.entries).toBe(1);
    await comesToBe('sealing_held', (value) => value === 1);
    await comesToBe('unsealed_drafts', (value) => value === 1);
    expect((await status()).sealing).toMatchObject({ isAllowed: false, reason: expect.stringMatching(/peers/) });
  });

  it('is working once its peer is there: everything is sealed and delivered', async () => {
    await west.start();
    await until('the draft to be sealed', async () => ((await ownHead())?.seq ?? 0) >= 2);
    await west.say();
    await stateIs('working');
    await comesToBe('log_head', (value) => value === 1, { issuer: west.nodeId });
    await comesToBe('link_state', (value) => value === 1, { peer: west.nodeId, state: 'following' });
    await comesToBe('received_entries_total', (value) => value === 1, { peer: west.nodeId });
    await comesToBe('received_bytes_total', (value) => value === west.log[0]!.jws.length, { peer: west.nodeId });
    await comesToBe('log_bytes_total', (value) => value === west.log[0]!.jws.length, { issuer: west.nodeId });
    await comesToBe('sealing_held', (value) => value === 0);
    await comesToBe('unsealed_drafts', (value) => value === 0);
    await comesToBe('unpublished_entries', (value) => value === 0);
    await comesToBe('stream_bytes', (value) => value > 0, { stream: 'FEDLOG' });
    expect(await valueOf('issuer_frozen', { issuer: west.nodeId })).toBe(0);
    expect(Math.abs(await valueOf('issuer_skew_seconds', { issuer: west.nodeId }) ?? Infinity)).toBeLessThan(300);
    expect((await health()).peers).toMatchObject([{ name: 'east', state: 'no connection is wanted from here' }, { name: 'west', state: 'connected' }]);
    expect((await status()).sealing).toEqual({ isAllowed: true, reason: null });
  });

  it('shows what of a peer was refused, by the code', async () => {
    await west.publish('no entry');
    const families = await until('the refusal to be counted', async () => {
      const now = parseOpenMetrics(await probe.metrics());
      return (now.get('kula_federation_refused_arrivals')?.samples.length ?? 0) > 0 && now;
    });
    expect(families.get('kula_federation_refused_arrivals')?.samples).toMatchObject([{ labels: { service: 'federation', peer: west.nodeId, code: expect.stringMatching(/^entry\.\w+$/) }, value: 1 }]);
  });

  it('is behind when a peer is lost, and says so to everybody without saying where the peer was', async () => {
    await west.stop();
    const said = await stateIs('behind');
    expect(said.sentence).toBe('west cannot be reached or followed now; everything else goes on.');
    expect(said.peers.find(({ name }) => name === 'west')).toMatchObject({ state: 'not reached; it is tried again and again' });
    await comesToBe('link_state', (value) => value === 0, { peer: west.nodeId, state: 'following' });
    await comesToBe('link_failed_attempts', (value) => value >= 2, { peer: west.nodeId });
    const { lastError } = await until('the reason', async () => { const link = (await status()).links.find(({ peer }) => peer === west.nodeId); return typeof link?.lastError === 'string' && { lastError: link.lastError }; });
    expect(lastError).toMatch(/^dial refused/);
    for (const text of [JSON.stringify(said), lastError]) expect(text).not.toMatch(/127\.0\.0\.1|nats:|:\d{4,5}/);
  });

  it('shows what a peer has and does not give, and what it does not hold of us, with their age', async () => {
    const { seq, hash } = (await ownHead())!;
    west.promised = 3;
    west.ofNorth = [seq - 1, 'B'.repeat(43)];
    await west.start();
    await comesToBe('behind_entries', (value) => value === 3, { peer: west.nodeId });
    await comesToBe('behind_seconds', (value) => value >= 1, { peer: west.nodeId });
    await comesToBe('undelivered_entries', (value) => value === 1, { peer: west.nodeId });
    await comesToBe('undelivered_seconds', (value) => value >= 1, { peer: west.nodeId });
    await comesToBe('link_reconnects_total', (value) => value >= 1, { peer: west.nodeId });
    expect(hash).toHaveLength(43);
    const { backlog, peers } = await health();
    expect(backlog).toMatchObject({ entries: 1, oldestSeconds: expect.any(Number) });
    expect(peers.find(({ name }) => name === 'west')).toMatchObject({ behindEntries: 3, undeliveredEntries: 1, oldestSeconds: expect.any(Number) });
    const link = (await status()).links.find(({ peer }) => peer === west.nodeId);
    expect(link).toMatchObject({ behind: { entries: 3 }, undelivered: { entries: 1 } });
  });

  it('is stopped where the log and its stream disagree', async () => {
    await probe.sql(`INSERT INTO federation.log_fault (reason) VALUES ('the database has lost entries (nats://node:hush@127.0.0.1:4222)')`);
    const said = await stateIs('stopped');
    expect(said.sentence).toBe('Nothing is signed or taken in until somebody helps: the database has lost entries.');
    await comesToBe('log_fault', (value) => value === 1);
    await probe.sql('DELETE FROM federation.log_fault');
    await comesToBe('log_fault', (value) => value === 0);
  });

  it('is shown again after a restart as it was: what comes from the state is not forgotten', async () => {
    const received = await valueOf('received_entries_total', { peer: west.nodeId });
    await probe.restart();
    expect(await valueOf('received_entries_total', { peer: west.nodeId })).toBe(received);
    expect(await valueOf('log_head', { issuer: west.nodeId })).toBe(1);
  });

  it('is measured in declared metrics alone, and no person is in them', async () => {
    const text = await probe.metrics();
    const families = [...parseOpenMetrics(text).keys()].filter((name) => name.startsWith('kula_federation_'));
    const declared = new Set(FEDERATION_METRICS.map(({ name }) => name.replace(/_total$/, '')));
    expect(families.filter((name) => !declared.has(name))).toEqual([]);
    expect(text).not.toContain('did:');
    expect(text).not.toContain(walletOf('operator').did.slice('did:key:'.length));
  });
});
