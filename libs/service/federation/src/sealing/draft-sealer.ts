import { Injectable, Logger } from '@nestjs/common';
import { jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { JetStreamConnection } from '@kula/platform-messaging';
import { Metrics, RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { LogGate } from '../log/log-gate.js';
import { StreamCursor } from '../log/stream-cursor.js';
import { SEAL_DURATION } from '../metrics/federation.metrics.js';
import { makeConsumerAt } from '../streams/cursor-consumer.js';
import { follow } from '../streams/follow.js';
import { AnnounceNode } from './announce-node.js';
import { ConfirmKey } from './confirm-key.js';
import { DRAFTS_STREAM, SealDrafts } from './seal-drafts.js';

const PAUSE_MS = 100;
/** Drafts read again on opening: a server that lost its tail gives their places to new drafts, and ids tell them apart. */
const OVERLAP = 1_000;

/**
 * Takes drafts from the services of the node to the log, in the order of their stream, each once.
 *
 * Reads with a cursor that commits with the entries instead of acknowledging: after a crash, drafts in flight would be
 * delivered again behind newer ones, and their order is part of their meaning.
 */
@Injectable()
export class DraftSealer implements Duty {
  private readonly logger = new Logger(DraftSealer.name);
  private stopping = new AbortController();
  private task: RepeatingTask | undefined;

  constructor(
    private readonly jetstream: JetStreamConnection, private readonly cursor: StreamCursor, private readonly gate: LogGate,
    private readonly announceNode: AnnounceNode, private readonly confirmKey: ConfirmKey, private readonly sealDrafts: SealDrafts,
    private readonly metrics: Metrics,
  ) {}

  start(): void {
    this.stopping = new AbortController();
    this.task = new RepeatingTask('sealing', () => this.sealWhileOpen(), { pauseMs: PAUSE_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.task?.stop();
    this.gate.forgetSealing('key');
  }

  /** Seals until the delivery breaks or the log closes. Answers whether it had come to sealing at all. */
  private async sealWhileOpen(): Promise<boolean> {
    if (!this.gate.isOpen || !this.gate.isMet('log')) return false;
    await this.announceNode.handle();
    if (!await this.confirmKey.handle()) return false;
    const epoch = await this.openConsumer();
    let hasSealed = false;
    try {
      await follow({ connection: this.jetstream.connection, apiPrefix: '$JS.API', stream: DRAFTS_STREAM, consumer: 'sealer' }, async (batch) => {
        await this.seal(batch, epoch);
        hasSealed = true;
      }, this.stopping.signal);
    } catch (error) {
      if (!hasSealed) throw error;
      this.logger.warn(`reading drafts begins again at the cursor: ${error instanceof Error ? error.message : String(error)}`);
    }
    return hasSealed;
  }

  /** Makes the consumer at the cursor. Answers the epoch of the stream. */
  private async openConsumer(): Promise<string> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const { created } = await manager.streams.info(DRAFTS_STREAM);
    const epoch = String(created);
    const reached = await this.cursor.read(DRAFTS_STREAM);
    const from = reached?.epoch === epoch ? Math.max(1, reached.streamSeq + 1 - OVERLAP) : 1;
    await makeConsumerAt(manager, { stream: DRAFTS_STREAM, consumer: 'sealer', filter: 'fedout.>', from });
    return epoch;
  }

  private async seal(batch: readonly JsMsg[], epoch: string): Promise<void> {
    const messages = batch.map(({ subject, seq, data }) => ({ subject, streamSeq: seq, payload: data }));
    const place = { epoch, streamSeq: messages.at(-1)?.streamSeq ?? 0, position: 0 };
    await this.metrics.timed(SEAL_DURATION, {}, () => this.sealDrafts.handle(messages, place));
  }
}
