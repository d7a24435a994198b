/** The issuer has said two things about one place of its log. Nothing of it is taken until people decide. */
export class IssuerFrozenError extends Error {
  override readonly name = 'IssuerFrozenError';

  constructor(readonly issuer: string, agreedUpTo: number) {
    super(`the node has contradicted itself after entry ${agreedUpTo}: its log is frozen there until people decide`);
  }
}

/** Entries are missing and the peer does not give them. */
export class MissingEntriesError extends Error {
  override readonly name = 'MissingEntriesError';
}

/** The peer has answered with a refusal, or with something that is no answer. */
export class PeerAnswerError extends Error {
  override readonly name = 'PeerAnswerError';

  /** @param refused code of the peer's refusal; absent where its answer was none. */
  constructor(message: string, readonly refused?: string) {
    super(message);
  }
}
