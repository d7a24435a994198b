import { Injectable } from '@nestjs/common';
import { openRequest, PEER_API, type OpenAnswer, type OpenRequest } from '@kula/contracts';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { makeConsumerAt } from '../streams/cursor-consumer.js';
import { LOG_STREAM, LOG_SUBJECTS, LogConnection } from '../streams/log-connection.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest } from './request-refused.error.js';

/** Makes the one consumer from which a peer may pull, at the place it names. */
@Injectable()
export class AnswerOpen implements PeerAnswering {
  readonly verb = PEER_API.open;
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly own: OwnNode, private readonly log: EntryLog, private readonly connection: LogConnection) {}

  async handle(request: unknown, caller: string): Promise<OpenAnswer> {
    const wanted = parseRequest(openRequest, request);
    const before = this.turns.get(caller) ?? Promise.resolve();
    // One after the other for each peer: making a consumer is deleting the one before.
    const turn = before.catch(() => undefined).then(() => this.open(wanted, caller));
    this.turns.set(caller, turn);
    return turn;
  }

  private async open(wanted: OpenRequest, caller: string): Promise<OpenAnswer> {
    const { created } = await this.connection.logStream(await this.log.edge());
    const epoch = String(created);
    const from = wanted.epoch === epoch ? wanted.from : 1;
    const consumer = `p_${caller}`;
    await makeConsumerAt(this.connection.manager, { stream: LOG_STREAM, consumer, filter: wanted.view === 'all' ? LOG_SUBJECTS : `federation.*.${this.own.nodeId}`, from });
    const { head } = await this.log.issuerLog(this.own.nodeId);
    return { stream: LOG_STREAM, consumer, epoch, from, head: head === undefined ? null : { ...head } };
  }
}
