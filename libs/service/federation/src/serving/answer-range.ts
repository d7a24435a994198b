import { Injectable } from '@nestjs/common';
import { PEER_API, rangeRequest, type RangeAnswer } from '@kula/contracts';
import { EntryLog } from '../log/entry-log.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest } from './request-refused.error.js';

const ENTRIES_MAX = 500;
/** With the largest entry on top still below what a server carries in one message. */
const BYTES_MAX = 512 * 1024;

/** Gives entries of any issuer this node holds: they prove themselves, whoever carries them. */
@Injectable()
export class AnswerRange implements PeerAnswering {
  readonly verb = PEER_API.range;
  constructor(private readonly log: EntryLog) {}

  async handle(request: unknown): Promise<RangeAnswer> {
    const { issuer, from, to } = parseRequest(rangeRequest, request);
    const entries = await this.log.ofIssuer(issuer, from, { entriesMax: Math.min(ENTRIES_MAX, Math.max(0, to - from + 1)), bytesMax: BYTES_MAX });
    return { entries: entries.map(({ jws }) => jws) };
  }
}
