import { DomainError } from '@kula/kernel-primitives';

/** The question is none that can be asked, or the peer does not answer it. */
export class QuestionRefusedError extends DomainError<'federation.question_refused'> {
  override readonly name = 'QuestionRefusedError';
  readonly code = 'federation.question_refused';
}
