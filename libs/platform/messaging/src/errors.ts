import { DomainError, type ErrorParams } from '@kula/kernel-primitives';

/** A fault: something the service needs is not there. Trying later may help. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError';
  readonly code = 'dependency.unavailable';
}

/** A message that does not have the declared form. `fields` says where and why. */
export class MalformedMessageError extends DomainError<'message.malformed'> {
  override readonly name = 'MalformedMessageError';
  readonly code = 'message.malformed';

  constructor(readonly fields: readonly { readonly pointer: string; readonly detail: string }[]) {
    super(fields.map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`).join('; '), { fields: JSON.stringify(fields) });
  }
}

/** A refusal given by another service of the node, as it was given there. */
export class RemoteRefusal extends DomainError {
  override readonly name = 'RemoteRefusal';

  constructor(readonly code: string, message: string, params: ErrorParams) {
    super(message, params);
  }
}

/** A service of the node failed in a way nobody can act on; its log says more under the correlation id. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';
}
