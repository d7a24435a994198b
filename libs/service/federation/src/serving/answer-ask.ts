import { Injectable } from '@nestjs/common';
import { askRequest, defineOperation, federation, PEER_API, type AskAnswer } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { OperationClient } from '@kula/platform-messaging';
import { Chance } from '@kula/platform-runtime';
import { PeerDirectory } from '../peers/peer-directory.js';
import type { PeerAnswering } from './peer-answering.js';
import { parseRequest, RequestRefusedError } from './request-refused.error.js';

const ANSWER_BYTES_MAX = 256 * 1024;
const ANSWER_MS_MAX = 5_000;

/** Kinds of questions, each with the operation of this node that answers it. */
const ANSWERS = new Map(Object.entries(federation.PEER_QUESTIONS).map(([kind, subject]) => [kind, defineOperation({
  subject, summary: 'Answers a question of a peer.', roles: [], input: federation.peerQuestion, output: federation.peerQuestionAnswer, errors: [],
})]));

/** Hands questions of a peer to the service of this node that answers them. It is told who asks, by the connection the question came over. */
@Injectable()
export class AnswerAsk implements PeerAnswering {
  readonly verb = PEER_API.ask;
  constructor(private readonly directory: PeerDirectory, private readonly operations: OperationClient, private readonly chance: Chance) {}

  async handle(request: unknown, caller: string): Promise<AskAnswer> {
    const { kind, body } = parseRequest(askRequest, request);
    const state = this.directory.stateOf(caller);
    if (state !== 'linked' && state !== 'draining') throw new RequestRefusedError('federation.peer_unknown', 'there is no link with you now');
    const operation = ANSWERS.get(kind);
    if (operation === undefined) throw new RequestRefusedError('federation.question_unknown', 'this node does not know that kind of question');
    const answer = await this.answerOf(this.operations.request(operation, { asker: caller, body }, { caller: null, correlationId: this.chance.uuid() }));
    if (Buffer.byteLength(JSON.stringify(answer)) > ANSWER_BYTES_MAX) throw new RequestRefusedError('federation.answer_too_large', `an answer has at most ${ANSWER_BYTES_MAX} bytes`);
    return answer;
  }

  private async answerOf(answer: Promise<AskAnswer>): Promise<AskAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new RequestRefusedError('federation.unavailable', 'the service that answers does not, at present')), ANSWER_MS_MAX);
    });
    try {
      return await Promise.race([answer, patience]);
    } catch (error) {
      // What our service calls wrong is the question, which the peer may know; anything else stays inside and is logged.
      if (error instanceof DomainError) throw new RequestRefusedError('federation.question_refused', error.code);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
