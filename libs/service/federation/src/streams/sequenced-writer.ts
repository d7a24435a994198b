import type { JetStreamClient, PubAck } from '@nats-io/jetstream';

/** A message for a stream that has one writer. */
export interface SequencedMessage {
  readonly subject: string;
  readonly payload: string;
  /** The server keeps one message per id inside its duplicate window. */
  readonly id: string;
}

/** What became of a batch: how many messages from its beginning the stream now holds, and its last sequence number as far as known. */
export interface WriteOutcome {
  readonly written: number;
  readonly lastSeq: number;
  /** Why the first one after those was not written, or is not known to be. */
  readonly failure?: unknown;
}

const ANSWER_MS_MAX = 5_000;

/**
 * Writes messages one behind the other, all in flight at once.
 *
 * Each names the sequence number it must follow: a lost message keeps those behind it out of the stream, and a second
 * writer of the same messages puts none in twice. After a failure the caller reads where the stream ends before it goes on.
 */
export async function writeInSequence(jetstream: JetStreamClient, messages: readonly SequencedMessage[], lastSeq: number): Promise<WriteOutcome> {
  const answers = await Promise.allSettled(messages.map(({ subject, payload, id }, index) =>
    jetstream.publish(subject, payload, { msgID: id, timeout: ANSWER_MS_MAX, expect: { lastSequence: lastSeq + index } })));
  const failedAt = answers.findIndex(({ status }) => status === 'rejected');
  const written = failedAt === -1 ? answers.length : failedAt;
  const acks = answers.slice(0, written) as PromiseFulfilledResult<PubAck>[];
  const reached = Math.max(lastSeq, ...acks.map(({ value }) => value.seq));
  const failed = answers[written];
  return { written, lastSeq: reached, ...(failed?.status === 'rejected' && { failure: failed.reason }) };
}
