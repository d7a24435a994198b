import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startNats, type NatsServer } from '@kula/testing-servers';
import { makeConsumerAt } from './cursor-consumer.js';
import { BrokenDeliveryError, follow } from './follow.js';
import { writeInSequence } from './sequenced-writer.js';

let folder: string;
let server: NatsServer;
let writer: NatsConnection;
let reader: NatsConnection;
let manager: JetStreamManager;
const never = new AbortController().signal;
const texts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const messages = (from: number, to: number) => texts(from, to).map((text) => ({ subject: 'fedout.graph', payload: text, id: `id ${text}` }));
const write = (from: number, to: number) => writeInSequence(writer, messages(from, to), from - 1);
const source = () => ({ connection: reader, apiPrefix: '$JS.API', stream: 'FEDOUT', consumer: 'reader' });
const openAt = (from: number) => makeConsumerAt(manager, { stream: 'FEDOUT', consumer: 'reader', filter: 'fedout.>', from });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kula-streams-'));
  server = await startNats({ storeDir: folder, config: 'jetstream {}\n' });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  writer = await connect({ servers: server.url });
  reader = await connect({ servers: server.url, reconnect: false });
  manager = await jetstreamManager(writer);
  await manager.streams.add({ name: 'FEDOUT', subjects: ['fedout.>'] });
});
afterEach(async () => {
  await manager.streams.delete('FEDOUT');
  await reader.close();
  await writer.close();
});

/** Follows until so many messages are taken. Answers the batches, each as the texts it had. */
async function taken(count: number): Promise<string[][]> {
  const stopping = new AbortController();
  const batches: string[][] = [];
  await follow(source(), async (batch) => {
    batches.push(batch.map((message) => message.string()));
    if (batches.flat().length >= count) stopping.abort();
  }, stopping.signal);
  return batches;
}

describe('follow', () => {
  it('takes everything from the cursor on, in order, in batches of at most 500, one at a time', async () => {
    await write(1, 1_300);
    await openAt(101);
    const stopping = new AbortController();
    const seen: string[] = [];
    let [inHand, most, largest] = [0, 0, 0];
    await follow(source(), async (batch) => {
      inHand += 1;
      most = Math.max(most, inHand);
      largest = Math.max(largest, batch.length);
      await reader.flush();
      seen.push(...batch.map((message) => message.string()));
      inHand -= 1;
      if (seen.length === 1_200) stopping.abort();
    }, stopping.signal);
    expect(seen).toEqual(texts(101, 1_300));
    expect([most, largest <= 500]).toEqual([1, true]);
  });

  it('takes large messages in smaller batches', async () => {
    const large = messages(1, 60).map((message) => ({ ...message, payload: `${message.payload} ${'x'.repeat(200_000)}` }));
    await writeInSequence(writer, large, 0);
    await openAt(1);
    const stopping = new AbortController();
    const seen: string[] = [];
    let mostBytes = 0;
    await follow({ ...source(), messagesMax: 50 }, async (batch) => {
      mostBytes = Math.max(mostBytes, batch.reduce((sum, { data }) => sum + data.length, 0));
      seen.push(...batch.map((message) => message.string().split(' ')[0]!));
      if (seen.length === 60) stopping.abort();
    }, stopping.signal);
    expect(seen).toEqual(texts(1, 60));
    expect(mostBytes).toBeLessThan(4_500_000);
  });

  it('waits for what comes later', async () => {
    await openAt(1);
    const following = taken(3);
    await write(1, 3);
    expect((await following).flat()).toEqual(texts(1, 3));
  });

  it('breaks at a hole in the delivery, with nothing taken behind it', async () => {
    await write(1, 3);
    await openAt(1);
    await (await jetstream(writer).consumers.get('FEDOUT', 'reader')).next({ expires: 5_000 });
    let hasTaken = false;
    await expect(follow(source(), async () => { hasTaken = true; }, never)).rejects.toThrow(/hole: 1 is missing/);
    expect(hasTaken).toBe(false);
  });

  it('breaks when its consumer is replaced', async () => {
    await openAt(1);
    const following = follow(source(), async () => undefined, never);
    following.catch(() => undefined);
    while ((await manager.consumers.info('FEDOUT', 'reader')).num_waiting === 0) await writer.flush();
    await openAt(1);
    await expect(following).rejects.toThrow(/consumer deleted/i);
  });

  it('breaks when its connection closes', async () => {
    await openAt(1);
    const following = follow(source(), async () => undefined, never);
    following.catch(() => undefined);
    while ((await manager.consumers.info('FEDOUT', 'reader')).num_waiting === 0) await writer.flush();
    await reader.close();
    await expect(following).rejects.toBeInstanceOf(BrokenDeliveryError);
  });

  it('ends with what taking throws', async () => {
    await write(1, 5);
    await openAt(1);
    await expect(follow(source(), async () => { throw new Error('the database is away'); }, never)).rejects.toThrow('the database is away');
  });

  it('refuses a consumer that is not there', async () => {
    await expect(follow(source(), async () => undefined, never)).rejects.toThrow(/consumer not found/);
  });
});

describe('writeInSequence', () => {
  it('writes in order and says where the stream ends', async () => {
    expect(await write(1, 600)).toEqual({ written: 600, lastSeq: 600 });
    await openAt(1);
    expect((await taken(600)).flat()).toEqual(texts(1, 600));
  });

  it('writes nothing where the stream does not end as expected', async () => {
    await write(1, 3);
    for (const lastSeq of [2, 7]) {
      expect(await writeInSequence(writer, messages(4, 4), lastSeq))
        .toMatchObject({ written: 0, lastSeq, failure: expect.objectContaining({ message: expect.stringMatching(/wrong last sequence: 3/) }) });
    }
    expect(await writeInSequence(writer, messages(5, 9), 4)).toMatchObject({ written: 0 });
    expect((await manager.streams.info('FEDOUT')).state.last_seq).toBe(3);
  });

  it('takes nothing for written where a message in the middle is kept out', async () => {
    await write(1, 3);
    const large = 'x'.repeat(2 * 1024 * 1024);
    const batch = messages(4, 8).map((message) => (message.payload === '6' ? { ...message, payload: large } : message));
    const outcome = await writeInSequence(writer, batch, 3);
    expect(outcome).toMatchObject({ written: 0, failure: expect.anything() });
    expect((await manager.streams.info('FEDOUT')).state.last_seq).toBeLessThanOrEqual(5);
  });

  it('says that nothing is known to be written when the connection is lost', async () => {
    await reader.close();
    expect(await writeInSequence(reader, messages(1, 3), 0)).toMatchObject({ written: 0, lastSeq: 0, failure: expect.anything() });
  });
});
