import { Injectable, Logger } from '@nestjs/common';
import { entryId, subjectOf } from '@kula/kernel-federation-log';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { EntryLog, type StoredEntry } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { StreamCursor } from '../log/stream-cursor.js';
import { LOG_STREAM, LogConnection } from '../streams/log-connection.js';
import { writeInSequence } from '../streams/sequenced-writer.js';

const ENTRIES_MAX = 500;
const BYTES_MAX = 4_000_000;
/** New entries are told of; this is for what another instance has stored. */
const POLL_MS = 500;
/** Messages compared at most when the stream is seen again. */
const COMPARED_MAX = 1_000;

/** The stream as it was last seen. */
interface LogStream {
  readonly epoch: string;
  /** Sequence number of its last message, which is the position of the last published entry. */
  readonly lastSeq: number;
}

/**
 * Publishes stored entries, own and received, to the stream that peers read.
 *
 * @invariant the sequence number of a message in the stream is the position of its entry: a lost tail or a lost stream is
 * filled again from the database, with the same bytes in the same places.
 */
@Injectable()
export class LogPublisher implements Duty {
  private readonly logger = new Logger(LogPublisher.name);
  private stream: LogStream | undefined;
  private task: RepeatingTask | undefined;
  private unwatch: (() => void) | undefined;
  private hasNews = false;

  constructor(
    private readonly log: EntryLog, private readonly connection: LogConnection, private readonly gate: LogGate, private readonly cursor: StreamCursor,
  ) {}

  start(): void {
    this.stream = undefined;
    const task = new RepeatingTask('publishing', () => this.work(), { pauseMs: POLL_MS, logger: this.logger });
    this.unwatch = this.log.watch(() => {
      this.hasNews = true;
      task.nudge();
    });
    this.task = task;
    task.start();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    await this.task?.stop();
    this.gate.shut();
  }

  /** Answers true where there may be more to do: entries stored while a batch was being written are not left for the next poll. */
  private async work(): Promise<boolean> {
    this.hasNews = false;
    const hasWorked = await this.publishBatch();
    return hasWorked || this.hasNews;
  }

  /** Publishes the next entries. Answers whether there were any. */
  private async publishBatch(): Promise<boolean> {
    this.stream ??= await this.comparedStream();
    if (this.stream === undefined) return false;
    const { epoch, lastSeq } = this.stream;
    const entries = await this.log.after(lastSeq, ENTRIES_MAX, BYTES_MAX);
    if (entries.length === 0) return false;
    this.stream = undefined;
    const outcome = await writeInSequence(this.connection.jetstream, entries.map(messageOf), lastSeq);
    const published = lastSeq + outcome.written;
    if (outcome.written > 0) await this.cursor.move(LOG_STREAM, { epoch, streamSeq: published, position: published });
    if (outcome.failure !== undefined) throw outcome.failure;
    if (outcome.lastSeq === published) this.stream = { epoch, lastSeq: published };
    return true;
  }

  /** The stream, once it is known to be a copy of the log's beginning; undefined where it is anything else. */
  private async comparedStream(): Promise<LogStream | undefined> {
    const { created, state } = await this.connection.logStream();
    const stream = { epoch: String(created), lastSeq: state.last_seq };
    const fault = await this.faultOf(stream);
    if (fault !== undefined) {
      await this.gate.close(fault);
      return undefined;
    }
    await this.cursor.move(LOG_STREAM, { epoch: stream.epoch, streamSeq: stream.lastSeq, position: stream.lastSeq });
    await this.gate.open();
    return stream;
  }

  /** What is wrong with the stream, in words. Compares what it holds beyond the place that was recorded, and its last message. */
  private async faultOf({ epoch, lastSeq }: LogStream): Promise<string | undefined> {
    const [tail, recorded] = await Promise.all([this.log.tail(), this.cursor.read(LOG_STREAM)]);
    if (lastSeq > tail) return `the stream ends at ${lastSeq}, the database at ${tail}: the database has lost entries that peers may hold`;
    const unrecorded = recorded?.epoch === epoch ? Math.min(recorded.position + 1, lastSeq) : 1;
    for (let seq = Math.max(1, unrecorded, lastSeq - COMPARED_MAX + 1); seq <= lastSeq; seq += 1) {
      const [message, entry] = await Promise.all([this.connection.manager.streams.getMessage(LOG_STREAM, { seq }), this.log.at(seq)]);
      if (message !== null && message.string() !== entry?.jws) return `the stream and the database hold different entries at ${seq}: one of them is not this node's`;
    }
    return undefined;
  }
}

const messageOf = (entry: StoredEntry) =>
  ({ subject: subjectOf(entry.topic, entry.issuer), payload: entry.jws, id: entryId(entry.issuer, entry.seq) });
