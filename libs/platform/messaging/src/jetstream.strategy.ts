import { Logger } from '@nestjs/common';
import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { AckPolicy, DeliverPolicy, jetstreamManager, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { isObservable, lastValueFrom } from 'rxjs';
import type { JetStreamConnection } from './jetstream-connection.js';
import { streamOf } from './streams.js';

/** Names the transport in the decorators, so that a pattern is bound to this strategy only. */
export const JETSTREAM = Symbol('JETSTREAM');

/** Attempts before a message that makes its handler throw is set aside under `dead.<subject>`. Faults (a dependency away) do not count. */
const ATTEMPTS_MAX = 10;
const PAUSE_MS_MAX = 5_000;

/** How long the server waits for a word about a message before it gives it to another replica; a working handler says one in time. */
const ACK_WAIT_MS = 4_000;
const WORKING_MS = 1_000;

/** What a handler learns about the delivery. */
export class DeliveryContext extends BaseRpcContext<[string, string]> {
  /** The id under which the message was published: the key of the inbox. */
  get messageId(): string { return this.args[1]; }
  get subject(): string { return this.args[0]; }
}

/** Thrown by a handler whose dependency is away: the message is tried again for as long as it takes. */
export type IsFault = (error: unknown) => boolean;

/**
 * Nest strategy for facts that must not be lost: one durable pull consumer per pattern and service, one message at a time
 * and in order, acknowledged after the handler has finished, tried again when it failed.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  protected override readonly logger = new Logger(JetStreamStrategy.name);
  private readonly deliveries: ConsumerMessages[] = [];
  private readonly loops: Promise<void>[] = [];
  private isClosing = false;

  constructor(private readonly service: string, private readonly jetstream: JetStreamConnection, private readonly isFault: IsFault) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
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
    const working = setInterval(() => message.working(), WORKING_MS);
    try {
      const context = new DeliveryContext([message.subject, message.headers?.get('Nats-Msg-Id') ?? `${message.info.stream}:${message.seq}`]);
      const result: unknown = await handler(message.json(), context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: null });
      message.ack();
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
      message.nak(Math.min(PAUSE_MS_MAX, 50 * 2 ** Math.min(attempts, 10)));
      return;
    }
    this.logger.error(`${message.subject} is set aside after ${attempts} attempts: ${reason}`);
    this.jetstream.connection.publish(`dead.${message.subject}`, message.data);
    message.term();
  }
}
