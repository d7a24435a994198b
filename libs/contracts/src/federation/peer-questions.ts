import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { nodeId } from '../core/values.js';

/**
 * Asks the same service of another node, over the link: answered now or not at all, kept nowhere.
 *
 * For what must not stand in a log that every peer reads. `kind` names the question and thereby the operation of the asked
 * node that answers it, `<context>.v1.<noun>.answer`; it is told who asks. Hints and details only: whatever binds anybody
 * goes through the log.
 */
export const askPeer = defineOperation({
  subject: 'federation.v1.question.ask', summary: 'Asks a service of a peer over the link.', roles: [],
  input: z.strictObject({ nodeId, kind: z.string().max(64), body: z.looseObject({}) }),
  output: z.strictObject({ body: z.looseObject({}) }),
  errors: ['federation.peer_unknown', 'federation.peer_unreachable', 'federation.question_refused'],
});

/** What an operation that answers a peer's question is given and answers. */
export const peerQuestion = z.strictObject({ asker: nodeId, body: z.looseObject({}) });
export const peerQuestionAnswer = z.strictObject({ body: z.looseObject({}) });

/** Kinds of questions and the subjects of the operations that answer them. */
export const PEER_QUESTIONS = {
  'matching.candidates': 'matching.v1.candidates.answer',
  'matching.details': 'matching.v1.details.answer',
} as const;
