import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { defineEvent, defineMessage, defineOperation, type AppliedEntry } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { AwaitsCause, FederationClientModule, FederationInbox, OnFederated, onMessage } from '@kula/platform-federation';
import { startProcessDoor, startService, type ProcessDoor, type RunningService, type ServiceDefinition } from '@kula/platform-host';
import { MESSAGING_METRICS, OnEvent, Operation } from '@kula/platform-messaging';
import { Outbox, PERSISTENCE_METRICS, PersistenceModule, UnitOfWork } from '@kula/platform-persistence';
import { COLLECTIONS_FAILED, MetricsRegistry, type Metric } from '@kula/platform-runtime';
import { nodeIdOf, parseOpenMetrics, walletOf } from '@kula/testing-fixtures';
import { z } from 'zod';
import { ServiceProbe, until } from './service-probe.js';

const ask = defineOperation({
  subject: 'tasks.v1.task.ask', summary: 'Asks.', roles: ['public'], input: z.strictObject({ how: z.string() }), output: z.strictObject({ answer: z.string() }), errors: ['tasks.rude'],
});
const taskGiven = defineEvent({ subject: 'evt.tasks.v1.task.given', payload: z.strictObject({ task: z.string() }) });
const taskSaid = defineMessage({ topic: 'graph', type: 'task.said', body: z.looseObject({ task: z.string() }) });

class RudeError extends DomainError<'tasks.rude'> {
  readonly code = 'tasks.rude';
}

/** What the handlers of the service wait for before they go on; nothing while it is undefined. */
let gate: Promise<void> | undefined;
let failures = 0;

@Controller()
class TasksController {
  private readonly routes = [onMessage(taskSaid, async ({ body }) => {
    if (body.task === 'rude') throw new RudeError('be kind');
    if (body.task === 'early') throw new AwaitsCause('its cause');
  })];

  constructor(private readonly unitOfWork: UnitOfWork, private readonly outbox: Outbox, private readonly inbox: FederationInbox) {}

  @Operation(ask)
  async answer({ how }: { how: string }) {
    if (how === 'rudely') throw new RudeError('be kind');
    if (how === 'wrongly') throw new Error('a bug');
    await this.unitOfWork.run((tx) => this.outbox.add(taskGiven, { task: how }, tx));
    return { answer: how };
  }

  @OnEvent(taskGiven)
  async given({ task }: { task: string }): Promise<void> {
    await gate;
    if (task !== 'stubbornly' || failures === 2) return;
    failures += 1;
    throw new Error('not yet');
  }

  @OnFederated('graph')
  async said(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('tasks', entry, this.routes);
  }
}

@Module({})
class TasksModule {
  static for(databaseUrl: string): DynamicModule {
    return {
      module: TasksModule, controllers: [TasksController],
      imports: [PersistenceModule.forService(databaseUrl, { schema: 'tasks', entities: [], migrations: [] }), FederationClientModule],
    };
  }
}

let surroundings: Record<string, string> = {};
const tasksService: ServiceDefinition = {
  name: 'tasks',
  module: ({ KULA_NODE_ID, KULA_NATS_URL, KULA_DATABASE_URL }) => {
    surroundings = { KULA_NODE_ID, KULA_NATS_URL, KULA_DATABASE_URL, KULA_LOG_LEVEL: 'silent' };
    return TasksModule.for(KULA_DATABASE_URL);
  },
};

let probe: ServiceProbe;
beforeAll(async () => { probe = await ServiceProbe.start(tasksService, { KULA_LOG_LEVEL: 'silent' }); });
afterAll(async () => { await probe?.stop(); });

async function valueOf({ name }: { readonly name: string }, labels: Record<string, string> = {}): Promise<number | undefined> {
  const samples = parseOpenMetrics(await probe.metrics()).get(name.replace(/_total$/, ''))?.samples ?? [];
  return samples.find((sample) => !sample.name.endsWith('_sum') && !sample.name.endsWith('_bucket') && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value;
}
const named = (name: string): Metric => {
  const found = [...MESSAGING_METRICS, ...PERSISTENCE_METRICS].find((metric) => metric.name === name);
  if (found === undefined) throw new Error(`there is no metric ${name}`);
  return found;
};
const comesToBe = (name: string, labels: Record<string, string>, value: number) =>
  until(`${name} ${JSON.stringify(labels)} to be ${value}`, async () => (await valueOf(named(name), labels)) === value);

describe('what a service measures', () => {
  it('is how each operation ended, and how long it took', async () => {
    await probe.ask(ask, { how: 'kindly' });
    await expect(probe.ask(ask, { how: 'rudely' })).rejects.toMatchObject({ code: 'tasks.rude' });
    await expect(probe.ask(ask, { how: 'wrongly' })).rejects.toThrow('failed');
    await expect(probe.ask(ask, { how: 5 as never })).rejects.toMatchObject({ code: 'message.malformed' });
    for (const [outcome, count] of [['answered', 1], ['refused', 2], ['failed', 1]] as const) {
      await comesToBe('kula_operation_duration_seconds', { subject: ask.subject, outcome }, count);
    }
  });

  it('is how each delivery ended', async () => {
    await comesToBe('kula_deliveries_total', { subject: taskGiven.subject, outcome: 'handled' }, 1);
    await probe.ask(ask, { how: 'stubbornly' });
    await comesToBe('kula_deliveries_total', { subject: taskGiven.subject, outcome: 'handled' }, 2);
    expect(await valueOf(named('kula_deliveries_total'), { subject: taskGiven.subject, outcome: 'retried' })).toBe(2);
  });

  it('is what waits where a handler stands still, until it goes on', async () => {
    let open = () => {};
    gate = new Promise((resolve) => { open = resolve; });
    for (let count = 0; count < 4; count += 1) await probe.ask(ask, { how: 'kindly' });
    const waiting = async () => (await valueOf(named('kula_consumer_pending_messages'), { subject: taskGiven.subject }) ?? 0) + (await valueOf(named('kula_consumer_unsettled_messages'), { subject: taskGiven.subject }) ?? 0);
    await until('four messages to wait', async () => (await waiting()) === 4);
    open();
    gate = undefined;
    await until('nothing to wait', async () => (await waiting()) === 0);
  });

  it('is what waits in its tables: what is not published, what has no cause yet, what was refused', async () => {
    await comesToBe('kula_outbox_waiting_messages', {}, 0);
    const issuer = nodeIdOf('south');
    for (const task of ['rude', 'early', 'early', 'kind']) await probe.deliver(taskSaid, { task }, { issuer });
    await comesToBe('kula_refused_entries', { code: 'tasks.rude' }, 1);
    await comesToBe('kula_awaiting_entries', {}, 2);
    await probe.sql(`INSERT INTO outbox_message (id, subject, payload, written_at, published_at) SELECT gen_random_uuid(), 'nowhere', '{}', now() - interval '1 hour', NULL`);
    await until('the message that nobody takes', async () => (await valueOf(named('kula_outbox_oldest_seconds')) ?? 0) >= 3_600);
    await probe.sql(`DELETE FROM outbox_message WHERE subject = 'nowhere'`);
    await comesToBe('kula_outbox_oldest_seconds', {}, 0);
  });

  it('is told in declared metrics alone, with no person in them', async () => {
    await probe.ask(ask, { how: walletOf('ana').did });
    const text = await probe.metrics();
    const declared = new Set([...MESSAGING_METRICS, ...PERSISTENCE_METRICS, COLLECTIONS_FAILED].map(({ name }) => name.replace(/_total$/, '')));
    expect([...parseOpenMetrics(text).keys()].filter((name) => !declared.has(name))).toEqual([]);
    expect(text).not.toContain('did:');
  });
});

describe('the door of a process', () => {
  const running: RunningService[] = [];
  const registry = new MetricsRegistry();
  let door: ProcessDoor;
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`${door.url}${path}`, { method });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };

  beforeAll(async () => {
    door = (await startProcessDoor({ KULA_METRICS_PORT: 0, KULA_METRICS_HOST: '127.0.0.1' }, { registry, running, total: 2 }))!;
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await door.stop();
  });

  it('is there before its services, which are not ready then', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, text: '{"status":"alive"}' });
    expect(await get('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('"starting":2') });
  });

  it('shows what all of its services measure, each under its name, and that they are ready', async () => {
    for (const name of ['tasks', 'other']) running.push(await startService({ ...tasksService, name }, surroundings, registry));
    expect(await get('/readyz')).toMatchObject({ status: 200, text: expect.stringMatching(/"name":"tasks".*"name":"other"/) });
    const { type, text } = await get('/metrics');
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(parseOpenMetrics(text).get('kula_outbox_waiting_messages')?.samples.map(({ labels }) => labels['service']).sort()).toEqual(['other', 'tasks']);
  });

  it('shows nothing of a service that has ended', async () => {
    await running.pop()?.stop();
    expect(await get('/readyz')).toMatchObject({ status: 503 });
    expect((await get('/metrics')).status).toBe(200);
  });

  it('has nothing else', async () => {
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('/metrics', 'POST')).toMatchObject({ status: 405 });
  });

  it('is not there where no port is set', async () => {
    expect(await startProcessDoor({ KULA_METRICS_HOST: '127.0.0.1' }, { registry, running, total: 0 })).toBeUndefined();
  });
});
