import { Injectable, Logger } from '@nestjs/common';
import { askAnswer, federation, PEER_API, type AskAnswer } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { JetStreamConnection } from '@kula/platform-messaging';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { Duty } from '../activity/duty.js';
import { PeerAnswerError } from '../link/link.errors.js';
import { PeerSessions } from '../link/peer-sessions.js';
import { PeerUnknownError, PeerUnreachableError } from '../peers/domain/peer.errors.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { plainReason } from '../peers/plain-reason.js';
import { QuestionRefusedError } from './question-refused.error.js';

type Question = z.output<typeof federation.askPeer.input>;

/** With the rest of the request below what a peer reads of one. */
const QUESTION_BYTES_MAX = 3_072;
const ANSWER_BYTES_MAX = 256 * 1024;
const ANSWER_MS_MAX = 5_000;
/** Subject on which the instance that keeps the links is asked by the others. Inside the node only. */
const ACTIVE_INSTANCE = 'federation.active.ask';

/** What crosses between instances: the answer, or the refusal by its code. */
type Relayed = { readonly answer: AskAnswer } | { readonly code: string; readonly message: string };

const utf8 = new TextEncoder();

/**
 * Asks a service of a peer, over the link that is up.
 *
 * Only the active instance keeps links: it answers for the others.
 */
@Injectable()
export class AskPeer implements Duty {
  private readonly logger = new Logger(AskPeer.name);
  private subscription: Subscription | undefined;

  constructor(private readonly directory: PeerDirectory, private readonly sessions: PeerSessions, private readonly jetstream: JetStreamConnection) {}

  start(): void {
    this.subscription = this.jetstream.connection.subscribe(ACTIVE_INSTANCE, { callback: (_error, message) => void this.relay(message) });
  }

  async stop(): Promise<void> {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  /** @throws PeerUnknownError, PeerUnreachableError, QuestionRefusedError. */
  async handle(question: Question): Promise<AskAnswer> {
    if (utf8.encode(JSON.stringify({ kind: question.kind, body: question.body })).length > QUESTION_BYTES_MAX) throw new QuestionRefusedError(`a question has at most ${QUESTION_BYTES_MAX} bytes`);
    if (this.directory.find(question.nodeId) === undefined) throw new PeerUnknownError(question.nodeId);
    return this.subscription === undefined ? this.askActive(question) : this.ask(question);
  }

  private async ask({ nodeId, kind, body }: Question): Promise<AskAnswer> {
    const session = this.sessions.of(nodeId);
    if (session === undefined) throw new PeerUnreachableError('there is no connection to the peer now');
    const answer = await inTime(session.ask(PEER_API.ask, { kind, body }, askAnswer)).catch((error: unknown) => {
      throw error instanceof PeerAnswerError ? new QuestionRefusedError(plainReason(error)) : new PeerUnreachableError(plainReason(error));
    });
    if (utf8.encode(JSON.stringify(answer)).length > ANSWER_BYTES_MAX) throw new QuestionRefusedError(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
    return answer;
  }

  private async askActive(question: Question): Promise<AskAnswer> {
    const relayed = await this.jetstream.connection.request(ACTIVE_INSTANCE, JSON.stringify(question), { timeout: ANSWER_MS_MAX + 1_000 })
      .then((message) => message.json<Relayed>(), (error: unknown): Relayed => ({ code: 'federation.peer_unreachable', message: plainReason(error) }));
    if ('answer' in relayed) return relayed.answer;
    if (relayed.code === 'federation.peer_unknown') throw new PeerUnknownError(question.nodeId);
    throw relayed.code === 'federation.question_refused' ? new QuestionRefusedError(relayed.message) : new PeerUnreachableError(relayed.message);
  }

  private async relay(message: Msg): Promise<void> {
    const relayed = await this.relayed(message);
    message.respond(JSON.stringify(relayed));
  }

  private async relayed(message: Msg): Promise<Relayed> {
    try {
      return { answer: await this.ask(federation.askPeer.input.parse(message.json())) };
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.error(`a question of another instance is not asked: ${String(error)}`);
      return { code: error instanceof DomainError ? error.code : 'federation.peer_unreachable', message: plainReason(error) };
    }
  }
}

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new PeerUnreachableError(`no answer in ${ANSWER_MS_MAX / 1_000} s`)), ANSWER_MS_MAX); });
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}
