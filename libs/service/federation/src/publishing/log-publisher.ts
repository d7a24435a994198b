import { Injectable } from '@nestjs/common';
import { entryId, subjectOf } from '@kula/kernel-federation-log';
import { EntryLog, type StoredEntry } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { StreamCursor } from '../log/stream-cursor.js';
import { beginEpoch } from '../recovery/begin-epoch.js';
import { SalvageStream } from '../recovery/salvage-stream.js';
import { LOG_STREAM, LogConnection } from '../streams/log-connection.js';
import { writeInSequence } from '../streams/sequenced-writer.js';
import { LogReader } from './log-reader.js';
import { StalledCopies } from './stalled-copies.js';

const ENTRIES_MAX = 500;
const BYTES_MAX = 4_000_000;
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
 * filled again from the database, with the same bytes in the same places. A stream that ends where entries have been
 * forgotten since cannot go on: it is made anew, and begins behind them.
 */
@Injectable()
export class LogPublisher extends LogReader {
  private seen: LogStream | undefined;

  constructor(
    log: EntryLog, private readonly connection: LogConnection, private readonly gate: LogGate, private readonly cursor: StreamCursor,
    private readonly salvageStream: SalvageStream, stalled: StalledCopies,
  ) {
    super(log, 'publishing', { connection: connection.connection, stalled });
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.gate.shut();
  }

  protected override forget(): void {
    this.seen = undefined;
  }

  protected override async copyBatch(): Promise<boolean> {
    this.seen ??= await this.comparedStream();
    if (this.seen === undefined) return false;
    const { epoch, lastSeq } = this.seen;
    const entries = await this.log.after(lastSeq, ENTRIES_MAX, BYTES_MAX);
    if (entries.length === 0) return false;
    this.seen = undefined;
    if (entries.some(({ position }, index) => position !== lastSeq + index + 1)) return this.beginBehindEdge(lastSeq);
    const outcome = await writeInSequence(this.connection.connection, entries.map(messageOf), lastSeq);
    const published = lastSeq + outcome.written;
    if (outcome.written > 0) await this.cursor.move(LOG_STREAM, { epoch, streamSeq: published, position: published });
    if (outcome.failure !== undefined) throw outcome.failure;
    if (outcome.lastSeq === published) this.seen = { epoch, lastSeq: published };
    return true;
  }

  private async beginBehindEdge(lastSeq: number): Promise<true> {
    this.logger.warn(`the stream ends at ${lastSeq}, and entries behind that have been forgotten: it is made anew behind them`);
    await beginEpoch(this.connection);
    return true;
  }

  /** The stream, once it is known to be a copy of the log's beginning; undefined where it is anything else. */
  private async comparedStream(): Promise<LogStream | undefined> {
    const edge = await this.log.edge();
    const { created, state } = await this.connection.logStream(edge);
    const stream = { epoch: String(created), firstSeq: state.first_seq, lastSeq: state.last_seq };
    const fault = await this.faultOf(stream, edge);
    if (fault !== undefined) {
      await this.salvageStream.handle(fault, stream.lastSeq);
      return undefined;
    }
    await this.cursor.move(LOG_STREAM, { epoch: stream.epoch, streamSeq: stream.lastSeq, position: stream.lastSeq });
    await this.gate.open();
    return stream;
  }

  /** What is wrong with the stream, in words. Compares what it holds beyond the place that was recorded, and its last message; up to the edge only what is held. */
  private async faultOf({ epoch, firstSeq, lastSeq }: LogStream & { readonly firstSeq: number }, edge: number): Promise<string | undefined> {
    const [tail, recorded] = await Promise.all([this.log.tail(), this.cursor.read(LOG_STREAM)]);
    if (lastSeq > tail) return `the stream ends at ${lastSeq}, the database at ${tail}: the database has lost entries that peers may hold`;
    const unrecorded = recorded?.epoch === epoch ? Math.min(recorded.position + 1, lastSeq) : 1;
    for (let seq = Math.max(1, firstSeq, unrecorded, lastSeq - COMPARED_MAX + 1); seq <= lastSeq; seq += 1) {
      const [message, entry] = await Promise.all([this.connection.manager.streams.getMessage(LOG_STREAM, { seq }), this.log.at(seq)]);
      if (entry === undefined && seq <= edge) continue;
      if (message !== null && message.string() !== entry?.jws) return `the stream and the database hold different entries at ${seq}: one of them is not this node's`;
    }
    return undefined;
  }
}

const messageOf = (entry: StoredEntry) =>
  ({ subject: subjectOf(entry.topic, entry.issuer), payload: entry.jws, id: entryId(entry.issuer, entry.seq) });
