import { DomainError } from '@kula/kernel-primitives';

/** No business is begun with the node that asks. */
export class AskerNotAdmittedError extends DomainError<'matching.asker_not_admitted'> {
  override readonly name = 'AskerNotAdmittedError';
  readonly code = 'matching.asker_not_admitted';

  constructor() {
    super('this node begins no business with yours');
  }
}

/** The node has asked as much as one may ask for now. */
export class AskedTooMuchError extends DomainError<'matching.asked_too_much'> {
  override readonly name = 'AskedTooMuchError';
  readonly code = 'matching.asked_too_much';

  constructor(kind: string, max: number, periodMs: number) {
    super(`a peer may ask for ${max} ${kind} in ${periodMs / 3_600_000} h`, { kind, max, periodMs });
  }
}
