import { Injectable } from '@nestjs/common';
import { headsAnswer, PEER_API, type HeadsStatement } from '@kula/contracts';
import { fromBase64url, signingBytes, type Json } from '@kula/kernel-crypto';
import type { HeadVector } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { PeerAnswerError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';
import { HEAD_VECTOR_DOMAIN, HEADS_MAX, STATEMENTS_MAX } from './head-vector.js';

/** Asks a peer what it holds, and checks that the answer is its own signed word. */
@Injectable()
export class AskHeads {
  constructor(private readonly log: EntryLog) {}

  /** The peer's whole vector, up to STATEMENTS_MAX statements. @throws PeerAnswerError where a statement is not its own, or does not go on. */
  async handle(session: PeerSession): Promise<HeadVector> {
    const heads: Record<string, readonly [number, string]> = {};
    let after: string | null = null;
    for (let count = 0; count < STATEMENTS_MAX; count += 1) {
      const statement: HeadsStatement = await this.statement(session, after);
      Object.assign(heads, statement.heads);
      if (statement.next === null) break;
      if (after !== null && statement.next <= after) throw new PeerAnswerError('the peer says its heads in no order');
      after = statement.next;
    }
    return heads;
  }

  private async statement(session: PeerSession, after: string | null): Promise<HeadsStatement> {
    const { statement, signature } = await session.ask(PEER_API.heads, { after }, headsAnswer);
    const { nodeId } = session.peer;
    if (statement.node_id !== nodeId) throw new PeerAnswerError('the peer gives what another node says');
    if (Object.keys(statement.heads).length > HEADS_MAX) throw new PeerAnswerError(`the peer says more than ${HEADS_MAX} heads at once`);
    // The newest key only: what a retired one signs may be anybody's.
    const key = (await this.log.scheduleOf(nodeId)).keys.at(-1)?.publicKey;
    const bytes = fromBase64url(signature);
    const isOwn = key !== undefined && bytes?.length === 64 && nodeEd25519.verify(key, signingBytes(HEAD_VECTOR_DOMAIN, statement as Json), bytes);
    if (!isOwn) throw new PeerAnswerError('the signature under the heads of the peer does not hold');
    return statement;
  }
}
