import { jetstream, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** The delivery cannot be trusted to be complete: it has to be opened again at the cursor. */
export class BrokenDeliveryError extends Error {
  override readonly name = 'BrokenDeliveryError';
}

/** A pull consumer without acknowledgements that was made for one cursor. */
export interface CursorConsumer {
  readonly connection: NatsConnection;
  readonly apiPrefix: string;
  readonly stream: string;
  readonly consumer: string;
  /** Messages on their way at once; BATCH_MAX where absent. Bounds the memory of one that follows many. */
  readonly messagesMax?: number;
}

/** Takes messages in order, at most BATCH_MAX at a time. */
type Take = (batch: readonly JsMsg[]) => Promise<void>;

const BATCH_MAX = 500;
/** Bytes that wait to be taken before no more are accepted. */
const WAITING_BYTES_MAX = 4_000_000;
const HEARTBEAT_MS = 2_000;
/** Longer than any pause between pulls, and above twice the heartbeat. */
const PULL_MS = 30_000;
const TROUBLE: ReadonlySet<string> = new Set([
  'heartbeats_missed', 'consumer_not_found', 'consumer_deleted', 'stream_not_found', 'no_responders', 'exceeded_limits',
]);

/**
 * Takes what a consumer delivers, in batches of what has arrived meanwhile, until the signal is given.
 *
 * @throws BrokenDeliveryError at a hole in the delivery, missed heartbeats, a lost consumer or a closed connection; and
 * whatever `take` throws. In each case messages after the last batch taken have not been taken.
 */
export async function follow(source: CursorConsumer, take: Take, signal: AbortSignal): Promise<void> {
  const consumer = await jetstream(source.connection, { apiPrefix: source.apiPrefix }).consumers.get(source.stream, source.consumer);
  const { messagesMax = BATCH_MAX } = source;
  const messages = await consumer.consume({ max_messages: messagesMax, expires: PULL_MS, idle_heartbeat: HEARTBEAT_MS, abort_on_missing_resource: true });
  const stop = () => { messages.stop(); };
  const batches = new Batches(take, (error) => { messages.stop(error); });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  void stopAtTrouble(messages);
  try {
    await takeInOrder(messages, batches, messagesMax);
    if (!signal.aborted) throw new BrokenDeliveryError('the connection is closed');
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await batches.settled();
  }
}

async function takeInOrder(messages: ConsumerMessages, batches: Batches, messagesMax: number): Promise<void> {
  let delivered = 0;
  for await (const message of messages) {
    delivered += 1;
    if (messages.getPending() > 2 * messagesMax) throw new BrokenDeliveryError('more is delivered than was asked for');
    if (message.info.deliverySequence !== delivered) throw new BrokenDeliveryError(`the delivery has a hole: ${delivered} is missing`);
    await batches.add(message);
  }
  await batches.drained();
}

async function stopAtTrouble(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (TROUBLE.has(status.type)) messages.stop(new BrokenDeliveryError(`the delivery broke: ${status.type.replaceAll('_', ' ')}`));
  }
}

/** Hands over what has gathered while the batch before was being taken. */
class Batches {
  private waiting: JsMsg[] = [];
  private waitingBytes = 0;
  private taking: Promise<void> | undefined;
  private failure: unknown;

  constructor(private readonly take: Take, private readonly fail: (error: Error) => void) {}

  /** Adds a message; waits while a full batch is waiting, or as many bytes. */
  async add(message: JsMsg): Promise<void> {
    this.waiting.push(message);
    this.waitingBytes += message.data.length;
    this.taking ??= this.takeAll();
    if (this.waiting.length >= BATCH_MAX || this.waitingBytes >= WAITING_BYTES_MAX) await this.drained();
  }

  /** Resolves when everything added has been taken; throws what taking threw. */
  async drained(): Promise<void> {
    await this.taking;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Resolves when the batch in hand has ended, well or not. What is waiting is dropped. */
  async settled(): Promise<void> {
    this.waiting = [];
    await this.taking;
  }

  private async takeAll(): Promise<void> {
    // One turn later, so that what arrived in the same read of the socket is one batch.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.waiting.length > 0 && this.failure === undefined) {
        const batch = this.waiting;
        this.waiting = [];
        this.waitingBytes = 0;
        await this.take(batch);
      }
    } catch (error) {
      this.failure = error;
      this.fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.taking = undefined;
    }
  }
}
