import type { z } from 'zod';
import { MalformedMessageError } from './errors.js';

const pointerOf = (path: readonly PropertyKey[]) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The parsed value. @throws MalformedMessageError naming every field that is wrong (at most 20) by JSON pointer. */
export function parseMessage<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MalformedMessageError(parsed.error.issues.slice(0, 20).map((issue) => ({ pointer: pointerOf(issue.path), detail: issue.message })));
}
