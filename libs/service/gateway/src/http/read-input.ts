import { MalformedMessageError } from '@kula/platform-messaging';
import type { z } from 'zod';
import type { Route } from '../routes/route.js';

/** Deepest nesting of a body. No contract goes beyond five. */
const DEPTH_MAX = 32;
const FIELD_ERRORS_MAX = 20;

/** Where the fields of an operation's input come from. */
export interface SentFields {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Undefined where the request has no body. */
  readonly body: unknown;
}

interface FieldError { readonly pointer: string; readonly detail: string }

const step = (name: PropertyKey): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
const pointerOf = (path: readonly PropertyKey[]): string => path.map(step).join('');

function fieldErrorsOf(issue: z.core.$ZodIssue): FieldError[] {
  const pointer = pointerOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: `${pointer}${step(key)}`, detail: 'is not a field of this operation' }));
}

/** Text that neither a canonical document nor a database could carry, and nesting without an end, by JSON pointer. */
function unfit(value: unknown, pointer: string, depth: number): FieldError[] {
  if (depth > DEPTH_MAX) return [{ pointer, detail: `is nested deeper than ${DEPTH_MAX} levels` }];
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0') ? [] : [{ pointer, detail: 'must be well-formed text without null characters' }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => unfit(item, `${pointer}${step(name)}`, depth + 1));
}

const refuse = (errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw new MalformedMessageError(errors.slice(0, FIELD_ERRORS_MAX));
};

/** The object that carries what the path does not: the query of a GET, the body of a POST. A POST without a body sends no fields. */
function carrierOf({ method }: Route, { query, body }: SentFields): Readonly<Record<string, unknown>> {
  if (method === 'GET') return query;
  refuse(Object.keys(query).map((name) => ({ pointer: step(name), detail: 'is not a query parameter of this operation' })));
  if (body === undefined) return {};
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new MalformedMessageError([{ pointer: '', detail: 'must be a JSON object' }]);
  return body as Readonly<Record<string, unknown>>;
}

/**
 * The operation's input, put together from path and query or body and parsed by the contract.
 *
 * @throws MalformedMessageError naming up to 20 fields that are wrong, missing or not known.
 */
export function readInput(route: Route, sent: SentFields): Readonly<Record<string, unknown>> {
  const carrier = carrierOf(route, sent);
  refuse(route.pathFields.filter((name) => Object.hasOwn(carrier, name)).map((name) => ({ pointer: step(name), detail: 'stands in the path only' })));
  const fields = { ...carrier, ...sent.params };
  refuse(unfit(fields, '', 0));
  const parsed = route.operation.input.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new MalformedMessageError(parsed.error.issues.flatMap(fieldErrorsOf).slice(0, FIELD_ERRORS_MAX));
}
