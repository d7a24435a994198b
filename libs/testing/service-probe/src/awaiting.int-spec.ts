import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { defineMessage, type AppliedEntry } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { AwaitsCause, FederationClientModule, FederationInbox, OnFederated, onMessage } from '@kula/platform-federation';
import type { ServiceDefinition } from '@kula/platform-host';
import { PersistenceModule, type Transaction } from '@kula/platform-persistence';
import { nodeIdOf } from '@kula/testing-fixtures';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { ServiceProbe, until } from './service-probe.js';

const step = z.looseObject({ step: z.string(), after: z.array(z.string()) });
/** A step that can be taken once others are. */
const stepTaken = defineMessage({ topic: 'graph', type: 'step.taken', body: step });
/** The same through another topic, and so through another consumer. */
const stepCalled = defineMessage({ topic: 'chains', type: 'step.called', body: step });
/** A step whose name is its subject. */
const stepNamed = defineMessage({ topic: 'graph', type: 'step.named', body: step });

class TakenError extends DomainError<'steps.taken'> {
  readonly code = 'steps.taken';
}

class CreateSteps1767258000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE step (position bigint GENERATED ALWAYS AS IDENTITY, name text PRIMARY KEY, entry_id text NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE step');
  }
}

@Controller()
class StepsController {
  private readonly graph = [
    onMessage(stepTaken, (entry, tx) => this.take(entry, tx), (body) => [body.step]),
    onMessage(stepNamed, (entry, tx) => this.take(entry, tx)),
  ];
  private readonly chains = [onMessage(stepCalled, (entry, tx) => this.take(entry, tx), (body) => [body.step])];

  constructor(private readonly inbox: FederationInbox) {}

  @OnFederated('graph')
  async taken(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('graph', entry, this.graph);
  }

  @OnFederated('chains')
  async called(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('chains', entry, this.chains);
    await this.inbox.resume('graph', step.parse(entry.body).step, this.graph);
  }

  private async take({ id, body }: { id: string; body: z.output<typeof step> }, tx: Transaction): Promise<void> {
    const known = async (name: string) => (await tx.query<unknown[]>('SELECT 1 FROM step WHERE name = $1', [name])).length > 0;
    for (const name of body.after) if (!(await known(name))) throw new AwaitsCause(name);
    if (await known(body.step)) throw new TakenError('a step is taken once');
    await tx.query('INSERT INTO step (name, entry_id) VALUES ($1, $2)', [body.step, id]);
  }
}

@Module({})
class StepsModule {
  static for(databaseUrl: string): DynamicModule {
    return {
      module: StepsModule, controllers: [StepsController],
      imports: [PersistenceModule.forService(databaseUrl, { schema: 'steps', entities: [], migrations: [CreateSteps1767258000000] }), FederationClientModule],
    };
  }
}

const stepsService: ServiceDefinition = { name: 'steps', module: (settings) => StepsModule.for(settings.KULA_DATABASE_URL) };

type Place = { issuer: string; seq: number };

describe('an entry that comes before its cause', () => {
  let probe: ServiceProbe;
  beforeAll(async () => { probe = await ServiceProbe.start(stepsService); });
  afterAll(async () => { await probe?.stop(); });

  const take = (issuer: string, name: string, ...after: string[]) => probe.deliver(stepTaken, { step: name, after }, { issuer: nodeIdOf(issuer) });
  const call = (issuer: string, name: string, ...after: string[]) => probe.deliver(stepCalled, { step: name, after }, { issuer: nodeIdOf(issuer) });
  const isTaken = async (name: string) => (await probe.sql('SELECT 1 FROM step WHERE name = $1', [name])).length > 0;
  const taken = (name: string) => until(`step ${name}`, () => isTaken(name));
  const order = async (prefix: string) => (await probe.sql<{ name: string }>('SELECT name FROM step WHERE name LIKE $1 ORDER BY position', [`${prefix}%`])).map(({ name }) => name);
  const causeOf = async ({ issuer, seq }: Place) =>
    (await probe.sql<{ cause: string }>(`SELECT cause FROM awaiting_entry WHERE consumer = 'graph' AND issuer = $1 AND seq = $2`, [issuer, seq]))[0]?.cause;
  const refusalOf = async ({ issuer, seq }: Place) => (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;
  /** Waits until what was delivered to the first consumer has been taken in: it takes one after the other. */
  async function settled(): Promise<void> {
    const { issuer, seq } = await take('marker', `marker ${Math.random()}`);
    await until('the marker', async () => (await probe.sql(`SELECT 1 FROM inbox_message WHERE consumer = 'graph' AND message_id = $1`, [`${issuer}:${seq}`])).length > 0);
  }

  it('is kept, and applied when its cause arrives', async () => {
    const early = await take('south', 'plain 2', 'plain 1');
    await settled();
    expect([await causeOf(early), await isTaken('plain 2')]).toEqual(['plain 1', false]);
    await take('east', 'plain 1');
    await taken('plain 2');
    expect([await causeOf(early), await order('plain')]).toEqual([undefined, ['plain 1', 'plain 2']]);
  });

  it('waits for the subject of its cause where the message names nothing else', async () => {
    await take('south', 'named 2', 'named 1');
    await probe.deliver(stepNamed, { step: 'named 1', after: [] }, { issuer: nodeIdOf('east'), subject: 'named 1' });
    await taken('named 2');
  });

  it('is applied after a whole chain of causes, whatever the order, each once', async () => {
    for (const [name, after] of [['chain 4', 'chain 3'], ['chain 2', 'chain 1'], ['chain 5', 'chain 4'], ['chain 3', 'chain 2']] as const) await take(`host of ${name}`, name, after);
    await settled();
    expect(await order('chain')).toEqual([]);
    await take('east', 'chain 1');
    await settled();
    expect(await order('chain')).toEqual(['chain 1', 'chain 2', 'chain 3', 'chain 4', 'chain 5']);
    expect(await probe.sql(`SELECT 1 FROM refused_entry WHERE code = 'steps.taken'`)).toEqual([]);
  });

  it('waits for one cause after the other', async () => {
    const early = await take('south', 'both', 'left', 'right');
    await take('east', 'left');
    await settled();
    expect(await causeOf(early)).toBe('right');
    await take('east', 'right');
    await taken('both');
  });

  it('is applied by a cause that comes through another consumer, with what waited for that', async () => {
    await take('south', 'far 3', 'far 2');
    await take('east', 'far 2', 'far 1');
    await settled();
    await call('west', 'far 1');
    await taken('far 3');
    expect(await order('far')).toEqual(['far 1', 'far 2', 'far 3']);
  });

  it('is applied where its cause comes through another consumer just before it is kept', async () => {
    const marker = nodeIdOf('racing marker');
    // Nothing can be kept until the cause, and the marker behind it in the same stream, have been taken in.
    const barrier = probe.sql(`DO $$ BEGIN
      LOCK TABLE awaiting_entry IN EXCLUSIVE MODE;
      FOR attempt IN 1..1000 LOOP
        EXIT WHEN EXISTS (SELECT 1 FROM inbox_message WHERE consumer = 'chains' AND message_id = '${marker}:1');
        PERFORM pg_sleep(0.01);
      END LOOP;
    END $$`);
    const locks = (isGranted: boolean) => until(`a lock that is ${isGranted ? '' : 'not '}granted`, async () => (await probe.sql(
      `SELECT 1 FROM pg_locks WHERE relation = 'awaiting_entry'::regclass AND mode IN ('ExclusiveLock', 'RowExclusiveLock') AND granted = $1`, [isGranted])).length > 0);
    await locks(true);
    await take('south', 'race 2', 'race 1');
    await locks(false);
    await call('west', 'race 1');
    await call('racing marker', 'race marker');
    await barrier;
    await taken('race 2');
  });

  it('is taken up again where the service fell between keeping it and looking once more', async () => {
    const early = await take('south', 'fallen 2', 'fallen 1');
    await settled();
    await probe.sql(`INSERT INTO step (name, entry_id) VALUES ('fallen 1', 'before the fall')`);
    await probe.deliver(stepTaken, { step: 'fallen 2', after: ['fallen 1'] }, early);
    await taken('fallen 2');
  });

  it('is applied where its cause had been applied when the service fell', async () => {
    const late = await take('south', 'torn 2', 'torn 1');
    await settled();
    await probe.sql(`INSERT INTO step (name, entry_id) VALUES ('torn 1', 'before the fall')`);
    const issuer = nodeIdOf('east of the fall');
    await probe.sql(`INSERT INTO inbox_message (consumer, message_id) VALUES ('graph', $1)`, [`${issuer}:1`]);
    await probe.deliver(stepTaken, { step: 'torn 1', after: [] }, { issuer, seq: 1 });
    await taken('torn 2');
    expect(await causeOf(late)).toBeUndefined();
  });

  it('is applied once however often it and its cause are delivered', async () => {
    const early = await take('south', 'twice 2', 'twice 1');
    await probe.deliver(stepTaken, { step: 'twice 2', after: ['twice 1'] }, early);
    const cause = await take('east', 'twice 1');
    await probe.deliver(stepTaken, { step: 'twice 1', after: [] }, cause);
    await probe.deliver(stepTaken, { step: 'twice 2', after: ['twice 1'] }, early);
    await settled();
    expect(await order('twice')).toEqual(['twice 1', 'twice 2']);
    expect([await refusalOf(early), await refusalOf(cause), await causeOf(early)]).toEqual([undefined, undefined, undefined]);
  });

  it('is refused after waiting as it would be at once, and what waits beside it goes on', async () => {
    await take('east', 'refused 0');
    const refused = await take('south', 'refused 0', 'refused 1');
    await take('south', 'refused 2', 'refused 1');
    await take('east', 'refused 1');
    await taken('refused 2');
    await settled();
    expect([await refusalOf(refused), await causeOf(refused)]).toEqual(['steps.taken', undefined]);
  });

  it('goes on waiting where what names its cause is refused', async () => {
    const early = await take('south', 'false 2', 'false 1');
    await take('east', 'false 3');
    const refused = await probe.deliver(stepNamed, { step: 'false 3', after: [] }, { issuer: nodeIdOf('east'), subject: 'false 1' });
    await settled();
    expect([await refusalOf(refused), await causeOf(early)]).toEqual(['steps.taken', 'false 1']);
  });

  it('is kept over a restart', async () => {
    const early = await take('south', 'restart 2', 'restart 1');
    await settled();
    await probe.restart();
    expect(await causeOf(early)).toBe('restart 1');
    await take('east', 'restart 1');
    await taken('restart 2');
  });

  it('is refused where 10,000 of its issuer wait, while others and those that wait go on', async () => {
    const issuer = nodeIdOf('flood');
    const first = await take('flood', 'flooded', 'flood 1', 'flood 2');
    await settled();
    await probe.sql(`INSERT INTO awaiting_entry (consumer, issuer, seq, cause, entry) SELECT 'graph', $1, 100 + n, 'never', '{}' FROM generate_series(1, 9999) AS n`, [issuer]);
    const beyond = await take('flood', 'beyond', 'never');
    const other = await take('south', 'beside', 'never');
    await settled();
    expect([await refusalOf(beyond), await causeOf(beyond)]).toEqual(['federation.too_many_waiting', undefined]);
    expect([await refusalOf(other), await causeOf(other)]).toEqual([undefined, 'never']);
    await take('east', 'flood 1');
    await settled();
    expect(await causeOf(first)).toBe('flood 2');
    await take('east', 'flood 2');
    await taken('flooded');
    const next = await take('flood', 'next', 'never');
    await settled();
    expect([await refusalOf(next), await causeOf(next)]).toEqual([undefined, 'never']);
  });
});
