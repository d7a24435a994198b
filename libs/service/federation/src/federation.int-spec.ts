import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appliedEntry, federation, nodeAnnounced, type AppliedEntry, type EntryDraft } from '@kula/contracts';
import { toBase64url, verifyDocument, type Json } from '@kula/kernel-crypto';
import { firstKey, verifyChain } from '@kula/kernel-federation-log';
import { startService, type RunningService } from '@kula/platform-host';
import { natsOptions, OperationClient } from '@kula/platform-messaging';
import { provisionDatabase } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, type TestBackend } from '@kula/testing-servers';
import { until } from '@kula/testing-service-probe';
import { Client } from 'pg';
import { federationService } from './index.js';

const north = nodeIdOf('north');
let backend: TestBackend;
let env: Record<string, string>;
let service: RunningService;
let connection: NatsConnection;
let operations: OperationClient;

const meta = { caller: null, correlationId: 'spec' };
const status = () => operations.request(federation.getFederationStatus, {}, meta);
const entries = async (from = 1) => (await operations.request(federation.listEntries, { issuer: north, from, limit: 200 }, meta)).items;
const headSeq = async () => (await status()).heads.find(({ issuer }) => issuer === north)?.seq ?? 0;

const draftOf = (subject: string, changes: Partial<EntryDraft> = {}): EntryDraft =>
  ({ id: randomUUID(), topic: 'graph', type: 'listing.withdrawn', subject, body: { listing_id: subject, home_node: north }, ...changes });

/** Hands drafts to the sealer as the outbox of a service does. */
async function send(...drafts: EntryDraft[]): Promise<void> {
  await Promise.all(drafts.map((draft) => jetstream(connection).publish(`fedout.${draft.topic}`, JSON.stringify(draft), { msgID: draft.id })));
}

async function sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: env['KULA_DATABASE_URL'] });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Everything a stream holds, in order. */
async function streamed(stream: string): Promise<{ seq: number; subject: string; text: string; id: string | undefined }[]> {
  const { state } = await (await jetstreamManager(connection)).streams.info(stream);
  const consumer = await jetstream(connection).consumers.get(stream);
  const found = [];
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 })) {
    found.push({ seq: message.seq, subject: message.subject, text: message.string(), id: message.headers?.get('Nats-Msg-Id') });
    if (message.seq === state.last_seq) break;
  }
  return found;
}

const applied = async (): Promise<AppliedEntry[]> => (await streamed('FEDIN')).map(({ text }) => appliedEntry.parse(JSON.parse(text)));

beforeAll(async () => {
  backend = await startBackend();
  const superuser = await backend.databaseUrl('federation');
  await provisionDatabase(superuser, { federation: 'probe' });
  const database = new URL(superuser);
  [database.username, database.password] = ['federation', 'probe'];
  env = {
    KULA_NODE_ID: north, KULA_NATS_URL: backend.natsUrl, KULA_DATABASE_URL: database.href, KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'silent',
    KULA_NODE_KEY: toBase64url(keyOfName('node north')), KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'https://north.example',
    KULA_OPERATOR_ID: walletOf('operator').did,
  };
  connection = await connect(natsOptions(backend.natsUrl, 'spec'));
  operations = new OperationClient(backend.natsUrl, 'spec');
  service = await startService(federationService, env);
  await until('the announcement', async () => (await headSeq()) === 1);
});

afterAll(async () => {
  await service?.stop();
  await operations?.onApplicationShutdown();
  await connection?.close();
  await backend?.stop();
});

describe('the federation service', () => {
  it('begins its log with the announcement of the node', async () => {
    const [first] = await entries();
    expect(first).toMatchObject({ seq: 1, topic: 'announce', type: 'node.announced', subject: north });
    const handed = await until('the announcement to be handed over', async () => (await applied())[0]);
    expect(handed).toMatchObject({ issuer: north, seq: 1, isOwn: true });
    expect(nodeAnnounced.body.parse(handed.body)).toMatchObject({ node_id: north, name: 'North', domain: 'north.example', recovery_key_hash: null });
  });

  it('seals drafts in their order without a gap, and its stream and its services get each once', async () => {
    const before = await headSeq();
    const drafts = Array.from({ length: 700 }, (_, index) => draftOf(`listing-${index}`));
    await send(...drafts);
    await until('everything to be sealed, published and handed over', async () => {
      const { unsealed, unpublished } = await status();
      return (await headSeq()) === before + 700 && unsealed === 0 && unpublished === 0 && (await applied()).length === before + 700;
    });
    const log = [...await entries(before + 1), ...await entries(before + 201), ...await entries(before + 401), ...await entries(before + 601)];
    expect(log.map(({ subject }) => subject)).toEqual(drafts.map(({ subject }) => subject));
    const all = [...await entries(1), ...log.slice(200 - before)].slice(0, before + 700);
    expect(verifyChain(nodeEd25519, { net: 'kula-dev', iss: north, entries: all.map(({ jws }) => jws), keyOf: firstKey }))
      .toMatchObject({ isSound: true, head: { seq: before + 700 }, coveredOnly: [] });
    const published = await streamed('FEDLOG');
    expect(published.map(({ seq, id, text }) => [seq, id, text])).toEqual(all.map(({ seq, jws }) => [seq, `${north}:${seq}`, jws]));
    expect((await applied()).map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
  });

  it('fills in the signature of the node over the rest of the body', async () => {
    const before = await headSeq();
    await send(draftOf('chain-1', {
      topic: 'chains', type: 'chain.answered', nodeSignature: { field: 'respondent_signature', domain: 'sep/chain-response/v1' },
      body: { chain_id: 'chain-1', responding_node: north, status: 'validated' },
    }));
    const handed = await until('the answer', async () => (await applied()).find(({ subject }) => subject === 'chain-1'));
    expect(handed.seq).toBe(before + 1);
    const { respondent_signature: signature, ...document } = handed.body as Record<string, Json> & { respondent_signature: string };
    expect(verifyDocument(nodeEd25519, { signer: `did:key:${north}`, domain: 'sep/chain-response/v1', document, signature })).toBe(true);
  });

  it('seals a draft once however often it is delivered', async () => {
    const before = await headSeq();
    const draft = draftOf('twice');
    await send(draft);
    await until('the first', async () => (await headSeq()) === before + 1);
    await jetstream(connection).publish('fedout.graph', JSON.stringify(draft));
    await jetstream(connection).publish('fedout.graph', JSON.stringify(draft));
    await send(draftOf('after'));
    await until('the one after', async () => (await entries(before + 1)).some(({ subject }) => subject === 'after'));
    expect((await entries(before + 1)).map(({ subject }) => subject)).toEqual(['twice', 'after']);
  });

  it('sets aside what no peer would accept, with the reason, and goes on', async () => {
    const [before, setAsideBefore] = [await headSeq(), (await status()).setAside];
    const large = draftOf('large', { body: { text: 'x'.repeat(60_000) } });
    const wrong = draftOf('wrong', { re: 'not a hash' });
    const misplaced = draftOf('misplaced');
    const client = jetstream(connection);
    await client.publish('fedout.graph', 'no JSON');
    await client.publish('fedout.graph', '{"topic":"graph"}');
    await client.publish('fedout.chains', JSON.stringify(misplaced));
    await send(large, wrong, draftOf('zero', { body: { text: 'a\0b' } }), draftOf('right'));
    await until('the right one', async () => (await headSeq()) === before + 1);
    expect((await entries(before + 1)).map(({ subject }) => subject)).toEqual(['right']);
    const rows = await sql<{ code: string }>('SELECT code FROM federation.set_aside_draft ORDER BY set_aside_at, code');
    expect(rows.map(({ code }) => code).sort()).toEqual(['draft.malformed', 'draft.malformed', 'draft.malformed', 'entry.malformed', 'entry.malformed', 'entry.too_large']);
    expect((await status()).setAside).toBe(setAsideBefore + 6);
  });

  it('hands on topics it does not know', async () => {
    await send(draftOf('new', { topic: 'weather', type: 'storm.seen' }));
    const handed = await until('the entry', async () => (await streamed('FEDIN')).find(({ subject }) => subject === 'fedin.weather'));
    expect(JSON.parse(handed.text)).toMatchObject({ topic: 'weather', type: 'storm.seen' });
  });

  it('gives pages of a log, and refuses an issuer it has no entry of', async () => {
    const page = await operations.request(federation.listEntries, { issuer: north, from: 2, limit: 3 }, meta);
    expect([page.items.map(({ seq }) => seq), page.nextFrom]).toEqual([[2, 3, 4], 5]);
    const seq = await headSeq();
    expect(await operations.request(federation.listEntries, { issuer: north, from: seq, limit: 3 }, meta)).toMatchObject({ items: [{ seq }], nextFrom: null });
    await expect(operations.request(federation.listEntries, { issuer: nodeIdOf('west') }, meta)).rejects.toMatchObject({ code: 'federation.issuer_unknown' });
  });

  it('keeps a page of large entries below the largest message', async () => {
    const before = await headSeq();
    await send(...Array.from({ length: 30 }, (_, index) => draftOf(`large-${index}`, { body: { text: 'x'.repeat(45_000) } })));
    await until('all of them', async () => (await headSeq()) === before + 30);
    const page = await operations.request(federation.listEntries, { issuer: north, from: before + 1, limit: 200 }, meta);
    expect(page.items.length).toBeGreaterThan(1);
    expect(page.nextFrom).toBe(before + 1 + page.items.length);
  });

  it('goes on after a restart in the middle of a stream of drafts', async () => {
    const before = await headSeq();
    const drafts = Array.from({ length: 600 }, (_, index) => draftOf(`mid-${index}`));
    const sending = send(...drafts);
    await until('the first ones', async () => (await headSeq()) > before);
    await service.stop();
    await sending;
    service = await startService(federationService, env);
    await until('all of them', async () => (await headSeq()) === before + 600 && (await status()).unpublished === 0 && (await applied()).length >= before + 600);
    const subjects = await sql<{ subject: string }>('SELECT subject FROM federation.entry WHERE seq > $1 ORDER BY position', [before]);
    expect(subjects.map(({ subject }) => subject)).toEqual(drafts.map(({ subject }) => subject));
    expect((await streamed('FEDLOG')).map(({ id }) => id)).toEqual(Array.from({ length: before + 600 }, (_, index) => `${north}:${index + 1}`));
  });

  it('seals in one instance at a time, and another takes over', async () => {
    const before = await headSeq();
    const second = await startService(federationService, env);
    const drafts = Array.from({ length: 600 }, (_, index) => draftOf(`race-${index}`));
    const sending = send(...drafts);
    await until('the first ones', async () => (await headSeq()) > before);
    await service.stop();
    service = second;
    await sending;
    await until('all of them', async () => (await headSeq()) === before + 600);
    const subjects = await sql<{ subject: string }>('SELECT subject FROM federation.entry WHERE seq > $1 ORDER BY position', [before]);
    expect(subjects.map(({ subject }) => subject)).toEqual(drafts.map(({ subject }) => subject));
  });

  it('fills its stream again from the database where it was lost', async () => {
    const manager = await jetstreamManager(connection);
    await until('everything to be published', async () => (await status()).unpublished === 0);
    const before = await streamed('FEDLOG');
    await manager.streams.delete('FEDLOG');
    await send(draftOf('after the loss'));
    await until('the stream to be full again', async () => {
      try {
        return (await manager.streams.info('FEDLOG')).state.last_seq === before.length + 1;
      } catch {
        return false;
      }
    });
    expect((await streamed('FEDLOG')).slice(0, -1)).toEqual(before);
  });

  it('hands over nothing a second time where a crash has kept it from noting how far it was', async () => {
    await until('everything to be handed over', async () => (await applied()).length >= (await headSeq()));
    const before = (await applied()).length;
    await service.stop();
    await sql(`UPDATE federation.stream_cursor SET position = position - 40, stream_seq = stream_seq - 40 WHERE stream = 'FEDIN'`);
    service = await startService(federationService, env);
    await send(draftOf('after the crash'));
    await until('the next entry', async () => (await applied()).some(({ subject }) => subject === 'after the crash'));
    expect((await applied()).length).toBe(before + 1);
  });

  it('hands over again what its stream has lost', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.delete('FEDIN');
    await send(draftOf('after losing FEDIN'));
    const seqs = await until('everything to be handed over again', async () => {
      const now = await applied().catch(() => []);
      return now.at(-1)?.subject === 'after losing FEDIN' && now.map(({ seq }) => seq);
    });
    expect(seqs).toEqual(Array.from({ length: await headSeq() }, (_, index) => index + 1));
  });

  it.each<[string, () => Promise<void>]>([
    ['is ahead of the database with what is no entry', async () => {
      await service.stop();
      await jetstream(connection).publish(`federation.graph.${north}`, 'an entry the database has lost');
      service = await startService(federationService, env);
    }],
    ['was written to by somebody else while it ran', async () => { await jetstream(connection).publish(`federation.graph.${north}`, 'of a stranger'); }],
  ])('makes its stream anew where it %s, and goes on', async (_, meddle) => {
    const before = await headSeq();
    await until('everything to be published', async () => (await status()).unpublished === 0);
    const published = (await streamed('FEDLOG')).map(({ text }) => text);
    await meddle();
    await send(draftOf('behind the stranger'), draftOf('and one more'));
    await until('everything to be sealed and published', async () => (await headSeq()) === before + 2 && (await status()).unpublished === 0);
    const now = await until('the stream to be whole', async () => { const all = await streamed('FEDLOG').catch(() => []); return all.length === published.length + 2 && all; });
    expect(now.slice(0, -2).map(({ text }) => text)).toEqual(published);
    expect((await status()).fault).toBeNull();
  });
});
