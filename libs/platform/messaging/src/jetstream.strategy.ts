import { Logger } from '@nestjs/common';
import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { AckPolicy, DeliverPolicy, jetstreamManager, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { Metrics, Show } from '@kula/platform-runtime';
import { isObservable, lastValueFrom } from 'rxjs';
import type { JetStreamConnection } from './jetstream-connection.js';
import { CONSUMER_PENDING, CONSUMER_REDELIVERED, CONSUMER_UNSETTLED, DELIVERIES, DELIVERY_DURATION } from './messaging.metrics.js';
import { streamOf, type StreamName } from './streams.js';

/** Names the transport in the decorators, so that a pattern is bound to this strategy only. */
export const JETSTREAM = Symbol('JETSTREAM');

/** Attempts before a message that makes its handler throw is set aside under `dead.<subject>`. Faults (a dependency away) do not count. */
const ATTEMPTS_MAX = 10;
const PAUSE_MS_MAX = 5_000;

/** How long the server waits for a word about a message before it gives it to another replica; a working handler says one in time. */
const ACK_WAIT_MS = 4_000;
const WORKING_MS = 1_000;

/** How old the lengths of the queues may be when somebody asks. */
const FRESH_MS = 5_000;

/** What a handler learns about the delivery. */
export class DeliveryContext extends BaseRpcContext<[string, string]> {
  /** The id under which the message was published: the key of the inbox. */
  get messageId(): string { return this.args[1]; }
  get subject(): string { return this.args[0]; }
}

/** Thrown by a handler whose dependency is away: the message is tried again for as long as it takes. */
export type IsFault = (error: unknown) => boolean;

/** Where one subject of the service is read from. */
interface Consumed {
  readonly subject: string;
  readonly stream: StreamName;
  readonly durable: string;
}

/** What a strategy needs of the service it works for. */
export interface JetStreamSurroundings {
  readonly jetstream: JetStreamConnection;
  readonly isFault: IsFault;
  readonly metrics: Metrics;
}

/**
 * Nest strategy for facts that must not be lost: one durable pull consumer per pattern and service, one message at a time
 * and in order, acknowledged after the handler has finished, tried again when it failed.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  protected override readonly logger = new Logger(JetStreamStrategy.name);
  private readonly deliveries: ConsumerMessages[] = [];
  private readonly loops: Promise<void>[] = [];
  private readonly consumed: Consumed[] = [];
  private readonly jetstream: JetStreamConnection;
  private readonly isFault: IsFault;
  private readonly metrics: Metrics;
  private isClosing = false;

  constructor(private readonly service: string, { jetstream, isFault, metrics }: JetStreamSurroundings) {
    super();
    this.jetstream = jetstream;
    this.isFault = isFault;
    this.metrics = metrics;
  }

  listen(callback: (error?: unknown) => void): void {
    this.metrics.collect({ name: 'consumers', of: [CONSUMER_PENDING, CONSUMER_UNSETTLED, CONSUMER_REDELIVERED], freshMs: FRESH_MS, read: (show) => this.measure(show) });
    Promise.all([...this.messageHandlers].map(([subject, handler]) => this.follow(subject, handler))).then(() => callback(), callback);
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all(this.deliveries.map((delivery) => delivery.close()));
    await Promise.all(this.loops);
  }

  override on(): void { /* No lifecycle events of its own. */ }

  override unwrap<T>(): T { return this.jetstream as T; }

  private async follow(subject: string, handler: MessageHandler): Promise<void> {
    const stream = streamOf(subject);
    const durable = `${this.service}-${subject.replaceAll('.', '_')}`;
    const manager = await jetstreamManager(this.jetstream.connection);
    await manager.consumers.add(stream, {
      durable_name: durable, filter_subject: subject, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All,
      max_ack_pending: 1, ack_wait: ACK_WAIT_MS * 1e6,
    });
    this.consumed.push({ subject, stream, durable });
    const consumer = await this.jetstream.client.consumers.get(stream, durable);
    const delivery = await consumer.consume({ max_messages: 100, idle_heartbeat: 5_000 });
    this.deliveries.push(delivery);
    this.loops.push(this.drain(delivery, handler));
  }

  private async drain(delivery: ConsumerMessages, handler: MessageHandler): Promise<void> {
    for await (const message of delivery) {
      if (this.isClosing) return;
      await this.deliver(message, handler);
    }
  }

  private async deliver(message: JsMsg, handler: MessageHandler): Promise<void> {
    await this.metrics.timed(DELIVERY_DURATION, { subject: message.subject }, () => this.attempt(message, handler));
  }

  private async attempt(message: JsMsg, handler: MessageHandler): Promise<void> {
    const working = setInterval(() => message.working(), WORKING_MS);
    try {
      const context = new DeliveryContext([message.subject, message.headers?.get('Nats-Msg-Id') ?? `${message.info.stream}:${message.seq}`]);
      const result: unknown = await handler(message.json(), context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: null });
      message.ack();
      this.count(message, 'handled');
    } catch (error) {
      await this.settleFailure(message, error);
    } finally {
      clearInterval(working);
    }
  }

  private async settleFailure(message: JsMsg, error: unknown): Promise<void> {
    const attempts = message.info.deliveryCount;
    const reason = error instanceof Error ? error.message : JSON.stringify(error);
    if (attempts < ATTEMPTS_MAX || this.isFault(error)) {
      if (!this.isClosing) this.logger.warn(`${message.subject} will be tried again (attempt ${attempts}): ${reason}`);
      this.count(message, this.isFault(error) ? 'unavailable' : 'retried');
      message.nak(Math.min(PAUSE_MS_MAX, 50 * 2 ** Math.min(attempts, 10)));
      return;
    }
    this.logger.error(`${message.subject} is set aside after ${attempts} attempts: ${reason}`);
    this.jetstream.connection.publish(`dead.${message.subject}`, message.data);
    this.count(message, 'set_aside');
    message.term();
  }

  private count({ subject }: JsMsg, outcome: 'handled' | 'retried' | 'unavailable' | 'set_aside'): void {
    this.metrics.add(DELIVERIES, { subject, outcome });
  }

  private async measure(show: Show): Promise<void> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    await Promise.all(this.consumed.map(async ({ subject, stream, durable }) => {
      const { num_pending: pending, num_ack_pending: unsettled, num_redelivered: redelivered } = await manager.consumers.info(stream, durable);
      show(CONSUMER_PENDING, { subject }, pending);
      show(CONSUMER_UNSETTLED, { subject }, unsettled);
      show(CONSUMER_REDELIVERED, { subject }, redelivered);
    }));
  }
}
