/** Facts about a refusal that may be shown to the caller. Never secrets, never payloads. */
export type ErrorParams = Readonly<Record<string, string | number | boolean | null>>;

/**
 * A refusal the caller can act on.
 *
 * `code` is public and permanent (`<context>.<reason>`); the message is a plain sentence for the person.
 */
export abstract class DomainError<Code extends string = string> extends Error {
  abstract readonly code: Code;

  constructor(message: string, readonly params: ErrorParams = {}) {
    super(message);
  }
}
