import { DomainError } from '@kula/kernel-primitives';

/** This node is not waiting for the word of peers: there is nothing to confirm. */
export class LogNotWaitingError extends DomainError<'federation.log_not_waiting'> {
  override readonly name = 'LogNotWaitingError';
  readonly code = 'federation.log_not_waiting';

  constructor(state: string) {
    super('this node is not waiting for the word of its peers', { state });
  }
}

/** It is proven that this node's log was written twice: to confirm it would be to contradict peers. */
export class LogContradictedError extends DomainError<'federation.log_contradicted'> {
  override readonly name = 'LogContradictedError';
  readonly code = 'federation.log_contradicted';

  constructor(at: number) {
    super('this node has contradicted itself; release its own log to go on along the branch held here', { at });
  }
}
