import { jetstream } from '@nats-io/jetstream';
import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

/** A message for a stream that has one writer. */
export interface SequencedMessage {
  readonly subject: string;
  readonly payload: string;
  /** The server keeps one message per id inside its duplicate window. */
  readonly id: string;
}

/** What became of a batch: how many messages from its beginning the stream is known to hold, and its last sequence number as far as known. */
export interface WriteOutcome {
  readonly written: number;
  readonly lastSeq: number;
  /** Why they were not written, or are not known to be. */
  readonly failure?: unknown;
}

const ANSWER_MS_MAX = 5_000;

/**
 * Writes messages one behind the other, all in flight at once, and waits for the answer to the last one.
 *
 * Each names the sequence number it must follow: a lost message keeps those behind it out of the stream, and a second
 * writer of the same messages puts none in twice. So the last one is there exactly when all are, and an answer to each
 * would only cost. After a failure the caller reads where the stream ends before it goes on.
 */
export async function writeInSequence(connection: NatsConnection, messages: readonly SequencedMessage[], lastSeq: number): Promise<WriteOutcome> {
  const last = messages.at(-1);
  if (last === undefined) return { written: 0, lastSeq };
  try {
    for (const [index, { subject, payload, id }] of messages.slice(0, -1).entries()) {
      connection.publish(subject, Buffer.from(payload), { headers: expecting(id, lastSeq + index) });
    }
    const expected = lastSeq + messages.length;
    const { seq } = await jetstream(connection).publish(last.subject, last.payload, { msgID: last.id, timeout: ANSWER_MS_MAX, expect: { lastSequence: expected - 1 } });
    if (seq !== expected) throw new Error(`the stream ends at ${seq}, not at ${expected}: somebody else has written`);
    return { written: messages.length, lastSeq: seq };
  } catch (failure) {
    return messages.length === 1 ? { written: 0, lastSeq, failure } : writeFirst(connection, messages[0]!, lastSeq);
  }
}

/** Nobody answers for what was refused before the last one: the first is sent once more by itself, to learn why. */
async function writeFirst(connection: NatsConnection, first: SequencedMessage, lastSeq: number): Promise<WriteOutcome> {
  const outcome = await writeInSequence(connection, [first], lastSeq);
  return outcome.failure === undefined ? { ...outcome, failure: new Error('a batch was not written whole: it is looked at again') } : outcome;
}

function expecting(id: string, lastSeq: number): MsgHdrs {
  const expected = headers();
  expected.set('Nats-Msg-Id', id);
  expected.set('Nats-Expected-Last-Sequence', String(lastSeq));
  return expected;
}
