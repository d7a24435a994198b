import { Injectable } from '@nestjs/common';
import { PEER_API, rangeRequest, type RangeAnswer, type RangeRequest } from '@kula/contracts';
import { CheckpointRepository } from '../checkpoint/checkpoint.repository.js';
import { EntryLog, type StoredEntry } from '../log/entry-log.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest } from './request-refused.error.js';

const ENTRIES_MAX = 500;
/** With the largest entry on top still below what a server carries in one message. */
const BYTES_MAX = 512 * 1024;
/** Entries before a checkpoint from which on who asks for the first of them is shown the checkpoint too. */
const LONG_LOG = 5_000;

/** Gives entries of any issuer this node holds: they prove themselves, whoever carries them. */
@Injectable()
export class AnswerRange implements PeerAnswering {
  readonly verb = PEER_API.range;
  constructor(private readonly log: EntryLog, private readonly checkpoints: CheckpointRepository) {}

  async handle(request: unknown, caller: string): Promise<RangeAnswer> {
    const wanted = parseRequest(rangeRequest, request);
    const { issuer, from, to } = wanted;
    const held = await this.log.ofIssuer(issuer, from, { entriesMax: Math.min(ENTRIES_MAX, Math.max(0, to - from + 1)), bytesMax: BYTES_MAX });
    const entries = runFrom(held, wanted).map(({ jws }) => jws);
    const checkpoint = entries.length === 0 || from === 1 ? await this.checkpointFor(wanted, caller) : undefined;
    if (checkpoint === undefined || checkpoint.seq < from || (entries.length > 0 && checkpoint.seq <= LONG_LOG)) return { entries };
    return { entries, checkpoint: checkpoint.jws };
  }

  /**
   * To the issuer itself the oldest one: all that is held behind it comes back as well, dead entries too, by which the
   * issuer knows which of its drafts were sealed.
   */
  private checkpointFor({ issuer }: RangeRequest, caller: string) {
    return this.checkpoints.servable(issuer, caller === issuer ? 'oldest' : 'newest');
  }
}

/** The entries wanted up to the first that is not held. */
function runFrom(held: readonly StoredEntry[], { from, to }: RangeRequest): readonly StoredEntry[] {
  const end = held.findIndex(({ seq }, index) => seq !== from + index || seq > to);
  return end === -1 ? held : held.slice(0, end);
}
