import type { z } from 'zod';

/** A request of a peer that is not answered, and why. */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';

  constructor(readonly code: `federation.${string}`, message: string) {
    super(message);
  }
}

/** The request, parsed. @throws RequestRefusedError naming the first member that is wrong. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new RequestRefusedError('federation.request_malformed', `the request is wrong at /${parsed.error.issues[0]?.path.join('/') ?? ''}`);
}
