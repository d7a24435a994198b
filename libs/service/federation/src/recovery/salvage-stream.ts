import { Injectable, Logger } from '@nestjs/common';
import type { JsMsg } from '@nats-io/jetstream';
import { AcceptArrivals } from '../link/accept-arrivals.js';
import { IssuerFrozenError } from '../link/link.errors.js';
import { EntryLog } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { makeConsumerAt } from '../streams/cursor-consumer.js';
import { follow } from '../streams/follow.js';
import { LOG_STREAM, LogConnection } from '../streams/log-connection.js';
import { beginEpoch } from './begin-epoch.js';
import { OwnLogConfirmation } from './own-log-confirmation.js';
import { OwnLogRepository } from './own-log.repository.js';

const CONSUMER = 'salvage';

/**
 * Puts right a database that is another than the stream it had filled.
 *
 * The database has been put back to an older state, or somebody else has written. What the stream holds beyond the common
 * beginning is judged like arrivals and stored where it holds; then the stream is made anew from the database. Nothing is
 * signed meanwhile, nor before peers have confirmed this node's log: they may hold more than the stream did.
 */
@Injectable()
export class SalvageStream {
  private readonly logger = new Logger(SalvageStream.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly connection: LogConnection,
    private readonly acceptArrivals: AcceptArrivals, private readonly ownLog: OwnLogConfirmation, private readonly standing: OwnLogRepository,
  ) {}

  /** @param fault what was found, in words. @param lastSeq last message of the stream. */
  async handle(fault: string, lastSeq: number): Promise<void> {
    await this.ownLog.during(fault, async () => {
      const from = await this.firstDifferent(lastSeq);
      this.logger.error(`${fault}; messages ${from} to ${lastSeq} of the stream are looked through`);
      const before = await this.log.tail();
      await this.standing.beginRecovery(((await this.log.issuerLog(this.own.nodeId)).head?.seq ?? 0) + 1);
      await this.gate.open();
      if (from <= lastSeq) await this.takeFrom(from, lastSeq);
      this.logger.warn(`${await this.log.tail() - before} entries were salvaged; the stream is made anew`);
      await beginEpoch(this.connection);
    });
  }

  /** First message that is not the entry at its position. They are a common beginning and what came of it, so halving finds it. */
  private async firstDifferent(lastSeq: number): Promise<number> {
    const edge = await this.log.edge();
    const { state } = await this.connection.logStream(edge);
    if (state.messages === 0) return lastSeq + 1;
    let [same, different] = [Math.max(0, state.first_seq - 1), Math.min(lastSeq, await this.log.tail()) + 1];
    while (different - same > 1) {
      const middle = same + Math.floor((different - same) / 2);
      const [message, entry] = await Promise.all([this.connection.manager.streams.getMessage(LOG_STREAM, { seq: middle }), this.log.at(middle)]);
      if (message === null || message.string() === entry?.jws || (entry === undefined && middle <= edge)) same = middle;
      else different = middle;
    }
    return different;
  }

  private async takeFrom(from: number, lastSeq: number): Promise<void> {
    const { manager, connection } = this.connection;
    await makeConsumerAt(manager, { stream: LOG_STREAM, consumer: CONSUMER, filter: 'federation.>', from });
    const ended = new AbortController();
    await follow({ connection, apiPrefix: '$JS.API', stream: LOG_STREAM, consumer: CONSUMER }, async (batch) => {
      for (const run of runsOf(batch)) await this.take(run);
      if ((batch.at(-1)?.seq ?? 0) >= lastSeq) ended.abort();
    }, ended.signal);
  }

  private async take({ issuer, messages }: Run): Promise<void> {
    const arrivals = messages.map((message) => ({ jws: message.string(), topic: message.subject.split('.')[1], streamSeq: message.seq }));
    try {
      for (let rest = arrivals; rest.length > 0;) {
        const { done, gap, lacksKey = false } = await this.acceptArrivals.handle({
          peer: this.own.nodeId, issuer, arrivals: rest, isCaughtUp: true, ...(issuer === this.own.nodeId && { isRecovery: true }),
        });
        // What the stream no longer has is had from peers.
        if (gap !== undefined || lacksKey) return;
        rest = rest.slice(done);
      }
    } catch (error) {
      // Frozen as it would be had a peer shown the same; the rest of the stream is none the worse for it.
      if (!(error instanceof IssuerFrozenError)) throw error;
      this.logger.error(`the stream: ${error.message}`);
    }
  }
}

/** Messages of one issuer, in order. */
interface Run {
  readonly issuer: string;
  readonly messages: JsMsg[];
}

function runsOf(batch: readonly JsMsg[]): Run[] {
  const runs: Run[] = [];
  for (const message of batch) {
    const issuer = message.subject.split('.')[2] ?? '';
    const last = runs.at(-1);
    if (last?.issuer === issuer) last.messages.push(message);
    else runs.push({ issuer, messages: [message] });
  }
  return runs;
}
