/** A server could not be found, started or stopped; the message says what to do about it. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}
