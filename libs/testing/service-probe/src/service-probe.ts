import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { AppliedEntry, Caller, EntryDraft, EventContract, FederationMessage, Operation } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { hashBytes } from '@kula/kernel-crypto';
import { startService, type RunningService, type ServiceDefinition } from '@kula/platform-host';
import { ensureStreams, natsOptions, OperationClient } from '@kula/platform-messaging';
import { provisionDatabase } from '@kula/platform-persistence';
import { startBackend, type TestBackend } from '@kula/testing-servers';
import { Client } from 'pg';
import type { z } from 'zod';

const PASSWORD = 'probe';
const utf8 = new TextEncoder();

/** Waits until the answer is neither undefined nor false. Fails after 20 s, naming what was awaited. */
export async function until<Answer>(what: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One service on a real Postgres and a real nats-server, with the rest of the node played by the test. */
export class ServiceProbe {
  /** The node the service belongs to. */
  readonly nodeId = nodeIdOf('north');
  private readonly seqs = new Map<string, number>();

  private constructor(
    private readonly definition: ServiceDefinition, private readonly env: Record<string, string>, private readonly backend: TestBackend,
    private service: RunningService, private readonly connection: NatsConnection, private readonly operations: OperationClient,
  ) {}

  /** Starts the service with a fresh database. Further settings of the service go in `settings`. */
  static async start(definition: ServiceDefinition, settings: Record<string, string> = {}): Promise<ServiceProbe> {
    const backend = await startBackend();
    try {
      const superuser = await backend.databaseUrl(`probe_${definition.name.replaceAll('-', '_')}`);
      await provisionDatabase(superuser, { [definition.name]: PASSWORD });
      const database = new URL(superuser);
      database.username = definition.name.replaceAll('-', '_');
      database.password = PASSWORD;
      const env = {
        KULA_NODE_ID: nodeIdOf('north'), KULA_NATS_URL: backend.natsUrl, KULA_DATABASE_URL: database.href, KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'error', ...settings,
      };
      const connection = await connect(natsOptions(backend.natsUrl, 'probe'));
      await ensureStreams(connection);
      const operations = new OperationClient(backend.natsUrl, 'probe');
      const service = await startService(definition, env);
      return new ServiceProbe(definition, env, backend, service, connection, operations);
    } catch (error) {
      await backend.stop();
      throw error;
    }
  }

  /** Where the service's own HTTP server listens, or null. */
  get httpUrl(): string | null { return this.service.httpUrl; }

  /** What the service measures, as OpenMetrics text. */
  metrics(): Promise<string> { return this.service.metrics.text(); }

  /** Asks an operation as a caller. @throws RemoteRefusal with the service's code. */
  ask<Input extends z.ZodType, Output extends z.ZodType>(
    operation: Operation<Input, Output>, input: z.input<Input>, caller: Caller | null = null,
  ): Promise<z.output<Output>> {
    return this.operations.request(operation, input, { caller, correlationId: randomUUID() });
  }

  /** Hands the service a verified entry of a node, as the federation service would. Answers its id, so that it can be repeated. */
  async deliver<Body extends z.ZodType>(
    message: FederationMessage<Body>, body: z.input<Body>, from: { readonly issuer: string; readonly seq?: number; readonly subject?: string; readonly issuerKey?: string },
  ): Promise<{ readonly issuer: string; readonly seq: number }> {
    const seq = from.seq ?? (this.seqs.get(from.issuer) ?? 0) + 1;
    this.seqs.set(from.issuer, Math.max(seq, this.seqs.get(from.issuer) ?? 0));
    const entry: AppliedEntry = {
      issuer: from.issuer, seq, hash: hashBytes(utf8.encode(`${from.issuer}:${seq}`)), topic: message.topic, type: message.type,
      subject: from.subject ?? 'probe', ts: Date.now(), isOwn: from.issuer === this.nodeId, body,
      ...(from.issuerKey !== undefined && { issuerKey: from.issuerKey }),
    };
    // No message id of the stream: its duplicate window must not hide a repetition from the inbox under test.
    await jetstream(this.connection).publish(`fedin.${message.topic}`, JSON.stringify(entry));
    return { issuer: from.issuer, seq };
  }

  /** Publishes an event of another service. */
  async emit<Payload extends z.ZodType>(event: EventContract<Payload>, payload: z.input<Payload>, messageId: string = randomUUID()): Promise<void> {
    await jetstream(this.connection).publish(event.subject, JSON.stringify(payload), { msgID: messageId });
  }

  /** Hands the service a draft as the outbox of another service does. */
  async send(draft: EntryDraft): Promise<void> {
    await jetstream(this.connection).publish(`fedout.${draft.topic}`, JSON.stringify(draft), { msgID: draft.id });
  }

  /** Drafts of one federation message that the service has sent to the sealer, in order. */
  async sent(message: FederationMessage): Promise<EntryDraft[]> {
    const drafts = (await this.read('FEDOUT', `fedout.${message.topic}`)) as EntryDraft[];
    return drafts.filter((draft) => draft.type === message.type);
  }

  /** Payloads of one event that the service has published, in order. */
  async published<Payload extends z.ZodType>(event: EventContract<Payload>): Promise<z.output<Payload>[]> {
    const payloads = await this.read('EVT', event.subject);
    return payloads.map((payload) => event.payload.parse(payload));
  }

  /** Rows of the service's own schema. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.env['KULA_DATABASE_URL'] });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops the service and starts it again on the same state. */
  async restart(): Promise<void> {
    await this.service.stop();
    this.service = await startService(this.definition, this.env);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.operations.onApplicationShutdown();
    await this.connection.close();
    await this.backend.stop();
  }

  private async read(stream: string, subject: string): Promise<unknown[]> {
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info(stream);
    const found: unknown[] = [];
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message !== null && message.subject === subject) found.push(message.json());
    }
    return found;
  }
}
