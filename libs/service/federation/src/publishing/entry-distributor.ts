import { Injectable } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { ensureStreams, JetStreamConnection } from '@kula/platform-messaging';
import { EntryLog } from '../log/entry-log.js';
import { StreamCursor, type StreamPlace } from '../log/stream-cursor.js';
import { OwnNode } from '../own-node.js';
import { isStreamAbsent } from '../streams/absence.js';
import { writeInSequence } from '../streams/sequenced-writer.js';
import { presentApplied } from './applied-entry.presenter.js';
import { IssuerKeys } from './issuer-keys.js';
import { LogReader } from './log-reader.js';
import { StalledCopies } from './stalled-copies.js';

const STREAM = 'FEDIN';
/** Name under which the end of the batch in hand is kept: a stream that goes further was filled from a later state of the database. */
const MEANT = 'FEDIN.meant';
const ENTRIES_MAX = 500;
const BYTES_MAX = 4_000_000;

/**
 * Hands stored entries to the services of the node, own and received, in local order.
 *
 * Once as a rule; after a crash some may come twice, never one before an earlier one of its issuer. Where the stream has
 * lost its tail, or is another one, as many are handed over again. Where the database has been put back to an older state,
 * the tables of the services have been as well: what is in the stream is dropped, and everything is handed over once more.
 * Services know what they hold by their inbox.
 */
@Injectable()
export class EntryDistributor extends LogReader {
  private place: StreamPlace | undefined;

  constructor(
    log: EntryLog, private readonly jetstream: JetStreamConnection, private readonly cursor: StreamCursor, private readonly own: OwnNode,
    private readonly keys: IssuerKeys, stalled: StalledCopies,
  ) {
    super(log, 'handing over', { connection: jetstream.connection, stalled });
  }

  protected override forget(): void {
    this.place = undefined;
  }

  protected override async copyBatch(): Promise<boolean> {
    this.place ??= await this.placeReached();
    const { epoch, streamSeq, position } = this.place;
    const entries = await this.log.after(position, ENTRIES_MAX, BYTES_MAX);
    if (entries.length === 0) return false;
    this.place = undefined;
    const keys = await this.keys.of(entries);
    await this.cursor.move(MEANT, { epoch, streamSeq: streamSeq + entries.length, position: entries.at(-1)!.position });
    const messages = entries.map((entry, index) => presentApplied(entry, { issuerKey: keys[index]!, ownNodeId: this.own.nodeId, place: streamSeq + index + 1 }));
    const outcome = await writeInSequence(this.jetstream.connection, messages, streamSeq);
    const next = { epoch, streamSeq: outcome.lastSeq, position: entries[outcome.written - 1]?.position ?? position };
    if (outcome.written > 0) await this.cursor.move(STREAM, next);
    if (outcome.failure !== undefined) throw outcome.failure;
    this.place = next;
    return true;
  }

  private async placeReached(): Promise<StreamPlace> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const { created, state } = await this.streamInfo(manager);
    const [epoch, streamSeq] = [String(created), state.last_seq];
    const reached = await this.cursor.read(STREAM);
    if (reached?.epoch !== epoch) return { epoch, streamSeq, position: 0 };
    if (streamSeq <= reached.streamSeq) return { epoch, streamSeq, position: await this.log.positionBefore(reached.position, reached.streamSeq - streamSeq) };
    const meant = await this.cursor.read(MEANT);
    if (meant?.epoch !== epoch || streamSeq > meant.streamSeq) return this.beginAgain({ epoch, streamSeq, position: 0 }, manager);
    return { epoch, streamSeq, position: Math.max(reached.position, await this.positionAt(streamSeq, manager)) };
  }

  private async beginAgain(beginning: StreamPlace, manager: JetStreamManager): Promise<StreamPlace> {
    this.logger.warn('the stream goes further than this database knows of, which has been put back to an older state: every entry is handed over again');
    await manager.streams.purge(STREAM);
    return beginning;
  }

  /** Position of the entry in a message of the stream; 0 where it is none of ours. */
  private async positionAt(seq: number, manager: JetStreamManager): Promise<number> {
    const message = await manager.streams.getMessage(STREAM, { seq });
    const [issuer = '', number] = message?.header.get('Nats-Msg-Id').split(':') ?? [];
    return this.log.positionOf(issuer, Number(number ?? 0));
  }

  private async streamInfo(manager: JetStreamManager): Promise<StreamInfo> {
    try {
      return await manager.streams.info(STREAM);
    } catch (error) {
      if (!isStreamAbsent(error)) throw error;
    }
    await ensureStreams(this.jetstream.connection);
    return manager.streams.info(STREAM);
  }
}
