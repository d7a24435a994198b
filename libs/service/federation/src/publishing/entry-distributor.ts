import { Injectable, Logger } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { ensureStreams, JetStreamConnection } from '@kula/platform-messaging';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { EntryLog } from '../log/entry-log.js';
import { StreamCursor, type StreamPlace } from '../log/stream-cursor.js';
import { OwnNode } from '../own-node.js';
import { isStreamAbsent } from '../streams/absence.js';
import { writeInSequence } from '../streams/sequenced-writer.js';
import { presentApplied } from './applied-entry.presenter.js';

const STREAM = 'FEDIN';
const ENTRIES_MAX = 500;
const BYTES_MAX = 4_000_000;
/** New entries are told of; this is for what another instance has stored. */
const POLL_MS = 500;

/**
 * Hands stored entries to the services of the node, own and received, in local order.
 *
 * Once as a rule; after a crash some may come twice, never one before an earlier one of its issuer. Where the stream has
 * lost its tail, or is another one, as many are handed over again.
 */
@Injectable()
export class EntryDistributor implements Duty {
  private readonly logger = new Logger(EntryDistributor.name);
  private place: StreamPlace | undefined;
  private task: RepeatingTask | undefined;
  private unwatch: (() => void) | undefined;
  private hasNews = false;

  constructor(
    private readonly log: EntryLog, private readonly jetstream: JetStreamConnection, private readonly cursor: StreamCursor, private readonly own: OwnNode,
  ) {}

  start(): void {
    this.place = undefined;
    const task = new RepeatingTask('handing over', () => this.work(), { pauseMs: POLL_MS, logger: this.logger });
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
  }

  /** Answers true where there may be more to do: entries stored while a batch was being written are not left for the next poll. */
  private async work(): Promise<boolean> {
    this.hasNews = false;
    const hasWorked = await this.handOverBatch();
    return hasWorked || this.hasNews;
  }

  /** Hands over the next entries. Answers whether there were any. */
  private async handOverBatch(): Promise<boolean> {
    this.place ??= await this.placeReached();
    const { epoch, streamSeq, position } = this.place;
    const entries = await this.log.after(position, ENTRIES_MAX, BYTES_MAX);
    if (entries.length === 0) return false;
    this.place = undefined;
    const outcome = await writeInSequence(this.jetstream.client, entries.map((entry) => presentApplied(entry, this.own.nodeId)), streamSeq);
    const next = { epoch, streamSeq: outcome.lastSeq, position: position + outcome.written };
    if (outcome.written > 0) await this.cursor.move(STREAM, next);
    if (outcome.failure !== undefined) throw outcome.failure;
    this.place = next;
    return true;
  }

  private async placeReached(): Promise<StreamPlace> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const { created, state } = await this.stream(manager);
    const [epoch, streamSeq] = [String(created), state.last_seq];
    const reached = await this.cursor.read(STREAM);
    if (reached?.epoch !== epoch) return { epoch, streamSeq, position: 0 };
    if (streamSeq <= reached.streamSeq) return { epoch, streamSeq, position: Math.max(0, reached.position - (reached.streamSeq - streamSeq)) };
    return { epoch, streamSeq, position: Math.max(reached.position, await this.positionAt(streamSeq, manager)) };
  }

  /** Position of the entry in a message of the stream; 0 where it is none of ours. */
  private async positionAt(seq: number, manager: JetStreamManager): Promise<number> {
    const message = await manager.streams.getMessage(STREAM, { seq });
    const [issuer = '', number] = message?.header.get('Nats-Msg-Id').split(':') ?? [];
    return this.log.positionOf(issuer, Number(number ?? 0));
  }

  private async stream(manager: JetStreamManager): Promise<StreamInfo> {
    try {
      return await manager.streams.info(STREAM);
    } catch (error) {
      if (!isStreamAbsent(error)) throw error;
    }
    await ensureStreams(this.jetstream.connection);
    return manager.streams.info(STREAM);
  }
}
