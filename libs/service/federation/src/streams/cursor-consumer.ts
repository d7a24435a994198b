import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { isConsumerAbsent } from './absence.js';

/** A place from which a consumer delivers. */
export interface ConsumerPlace {
  readonly stream: string;
  readonly consumer: string;
  readonly filter: string;
  /** First sequence number of the stream to deliver. */
  readonly from: number;
}

const IDLE_NS = 120e9;

/**
 * Makes a pull consumer that starts at a place, in place of one of the same name.
 *
 * No acknowledgements: what was in flight when a link died would be delivered again behind newer messages. The reader
 * keeps the cursor, and the server forgets the consumer when nobody has pulled for two minutes.
 */
export async function makeConsumerAt(manager: JetStreamManager, { stream, consumer, filter, from }: ConsumerPlace): Promise<void> {
  try {
    await manager.consumers.delete(stream, consumer);
  } catch (error) {
    if (!isConsumerAbsent(error)) throw error;
  }
  await manager.consumers.add(stream, {
    name: consumer, filter_subject: filter, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from,
    mem_storage: true, inactive_threshold: IDLE_NS, num_replicas: 1,
  });
}
