/** A fact that the program itself must keep was broken: a bug, never something a caller can act on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Continues only when the condition holds.
 *
 * @param message what must be true, stated positively.
 * @throws InvariantError when it does not hold.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${message}`);
}
