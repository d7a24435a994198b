import { Injectable } from '@nestjs/common';
import { PEER_API, snapshotRequest, type SnapshotAnswer } from '@kula/contracts';
import { CheckpointRepository } from '../checkpoint/checkpoint.repository.js';
import { LiveEntries } from '../checkpoint/live-entries.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest, RequestRefusedError } from './request-refused.error.js';

/** Gives the live entries before a checkpoint, a page at a time, where this node uses the checkpoint itself. */
@Injectable()
export class AnswerSnapshot implements PeerAnswering {
  readonly verb = PEER_API.snapshot;

  constructor(private readonly checkpoints: CheckpointRepository, private readonly liveEntries: LiveEntries) {}

  async handle(request: unknown): Promise<SnapshotAnswer> {
    const { issuer, checkpoint, after } = parseRequest(snapshotRequest, request);
    const page = await this.liveEntries.page(issuer, checkpoint, after);
    // Asked afterwards: what is forgotten from then on is in the page.
    if (await this.checkpoints.isServable(issuer, checkpoint)) return page;
    throw new RequestRefusedError('federation.checkpoint_unknown', 'this node gives no snapshot of that checkpoint; ask for the range again');
  }
}
