import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Client, type QueryResultRow } from 'pg';
import { federation, type EntryDraft } from '@kula/contracts';
import { COUNTED, type DevNode, type NodePart } from '@kula/testing-dev-network';

const IN_FLIGHT = 200;
const AGAIN_MS = 200;
const PUBLISH_MS_MAX = 5_000;

/** A draft as the test made it. */
interface Drafted {
  readonly id: string;
  readonly note: string;
  readonly holdMs: number;
}

/** Bytes of text in a draft beside its note, and how long a consumer stays in the transaction that applies it. */
export interface DraftOptions {
  readonly fillBytes?: number;
  readonly holdMs?: number;
}

/** A node under fault, as the test sees it: what was drafted there, and what its tables say. */
export class LogNode {
  /** Notes of all drafts that the node's server has acknowledged, in that order. */
  readonly drafted: string[] = [];
  private count = 0;

  private constructor(readonly node: DevNode, private readonly connection: NatsConnection) {}

  static async open(node: DevNode): Promise<LogNode> {
    return new LogNode(node, await connect({ ...node.bus(), maxReconnectAttempts: -1, reconnectTimeWait: AGAIN_MS, reconnectJitter: 0, timeout: 30_000 }));
  }

  get name(): string { return this.node.name; }
  get nodeId(): string { return this.node.nodeId; }

  /** Drafts entries, many in flight. Resolves when the node's server has acknowledged every one, however often it had to be sent. */
  async draft(count: number, { fillBytes = 100, holdMs = 0 }: DraftOptions = {}): Promise<void> {
    const text = 'x'.repeat(fillBytes);
    for (let left = count; left > 0; left -= IN_FLIGHT) {
      const batch = Array.from({ length: Math.min(IN_FLIGHT, left) }, () => ({ id: randomUUID(), note: `${this.name} ${this.count++}`, holdMs }));
      await Promise.all(batch.map((each) => this.send(each, text)));
      this.drafted.push(...batch.map(({ note }) => note));
    }
  }

  /** Rows of the federation service, or of the counting consumer. */
  async rows<Row extends QueryResultRow>(of: 'federation' | 'counting', sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.node.databaseUrl(of), connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The one number a query answers. */
  async number(of: 'federation' | 'counting', sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.rows<{ number: string | null }>(of, sql, values);
    return Number(row?.number ?? 0);
  }

  /** Counted entries held of an issuer. */
  async held(issuer: string): Promise<number> {
    return this.number('federation', 'SELECT count(*) AS number FROM entry WHERE issuer = $1 AND topic = $2', [issuer, COUNTED.topic]);
  }

  async applied(): Promise<number> {
    return this.number('counting', 'SELECT count(*) AS number FROM counted');
  }

  /** What the node says about its log, as its operator reads it. */
  async status() {
    const { subject, output } = federation.getFederationStatus;
    return output.parse(await this.asked(subject));
  }

  /** What the node says about itself to anybody. */
  async publicStatus() {
    const { subject, output } = federation.getPublicStatus;
    return output.parse(await this.asked(subject));
  }

  /** Kills a part as `kill -9` does and starts it again on what it left behind. */
  async crash(part: NodePart): Promise<void> {
    await this.node.kill(part);
    await this.node.startPart(part);
  }

  /** Kills every part, the services first. */
  async crashWhole(): Promise<void> {
    for (const part of [...this.node.partNames].reverse()) await this.node.kill(part);
  }

  async startWhole(): Promise<void> {
    for (const part of this.node.partNames) await this.node.startPart(part);
  }

  async close(): Promise<void> { await this.connection.close(); }

  private async asked(subject: string): Promise<unknown> {
    const request = { id: randomUUID(), pattern: subject, data: { input: {}, meta: { caller: null, correlationId: 'log faults' } } };
    const message = await this.connection.request(subject, JSON.stringify(request), { timeout: 10_000 });
    return message.json<{ response: unknown }>().response;
  }

  private async send({ id, note, holdMs }: Drafted, text: string): Promise<void> {
    const draft: EntryDraft = { id, topic: COUNTED.topic, type: COUNTED.type, subject: note, body: { note, holdMs, text } };
    const payload = JSON.stringify(draft);
    for (;;) {
      try {
        await jetstream(this.connection, { timeout: PUBLISH_MS_MAX }).publish(`fedout.${COUNTED.topic}`, payload, { msgID: id });
        return;
      } catch (error) {
        if (this.connection.isClosed()) throw error;
        await pause(AGAIN_MS);
      }
    }
  }
}
