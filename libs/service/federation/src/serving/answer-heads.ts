import { Injectable } from '@nestjs/common';
import { headsRequest, PEER_API, type HeadsAnswer, type HeadsStatement } from '@kula/contracts';
import { signDocument, type Json } from '@kula/kernel-crypto';
import { Clock, nodeEd25519 } from '@kula/platform-runtime';
import { HEAD_VECTOR_DOMAIN, HEADS_MAX } from '../heads/head-vector.js';
import { HeadVectorRepository } from '../heads/head-vector.repository.js';
import { OwnNode } from '../own-node.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest } from './request-refused.error.js';

/** Says, signed, what this node holds of every log. */
@Injectable()
export class AnswerHeads implements PeerAnswering {
  readonly verb = PEER_API.heads;

  constructor(private readonly own: OwnNode, private readonly heads: HeadVectorRepository, private readonly clock: Clock) {}

  async handle(request: unknown): Promise<HeadsAnswer> {
    const { after } = parseRequest(headsRequest, request);
    const { heads, last, isLast } = await this.heads.page(after, HEADS_MAX);
    const statement = {
      node_id: this.own.nodeId, made_at: this.clock.now().toISOString(), heads: heads as HeadsStatement['heads'], next: isLast ? null : last,
    };
    return { statement, signature: signDocument(nodeEd25519, this.own.sealer.privateKey, HEAD_VECTOR_DOMAIN, statement as unknown as Json) };
  }
}
