import type { ErrorCode, Operation } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import { z } from 'zod';

/** An operation as the door sees it: its input is an object, so that its fields can come from path, query and body. */
export type DoorOperation = Operation<z.ZodObject, z.ZodType, ErrorCode>;

/** Where a list says that it goes on: the field of the answer, and the query parameter that takes its value. */
export interface NextPage {
  readonly field: string;
  readonly query: string;
}

/**
 * One address of the gateway and the operation behind it.
 *
 * Names in braces are fields of the operation's input. All other fields come from the query of a GET and from the body of a POST.
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  readonly operation: DoorOperation;
  readonly status: 200 | 201;
  /** Path of the created resource with fields of the answer in braces; null where nothing with an address of its own is created. */
  readonly location: `/${string}` | null;
  /** True where the caller must send an Idempotency-Key. */
  readonly isIdempotent: boolean;
  readonly nextPage: NextPage | null;
  /** Fields of the input that come from the path, in its order. */
  readonly pathFields: readonly string[];
}

/** What a row of a table says. Left out: nothing is created, and a POST takes an Idempotency-Key. */
export interface RouteRow {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  readonly operation: DoorOperation;
  readonly status?: 200 | 201;
  readonly location?: `/${string}`;
  readonly isIdempotent?: boolean;
}

const fieldsOf = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

const hasField = (type: z.ZodType, field: string): boolean => type instanceof z.ZodObject && Object.hasOwn(type.shape, field);

function nextPageOf(output: z.ZodType): NextPage | null {
  if (hasField(output, 'nextCursor')) return { field: 'nextCursor', query: 'cursor' };
  if (hasField(output, 'nextFrom')) return { field: 'nextFrom', query: 'from' };
  return null;
}

/** A row of a route table. @throws InvariantError where path or location name a field that the operation does not have, or no role may call it. */
export function route({ method, path, operation, status = 200, location, isIdempotent = method === 'POST' }: RouteRow): Route {
  invariant(operation.roles.length > 0, `${operation.subject} may be called by somebody who comes through the door`);
  const pathFields = fieldsOf(path);
  for (const field of pathFields) invariant(hasField(operation.input, field), `${field} in ${path} is a field of the input of ${operation.subject}`);
  for (const field of fieldsOf(location ?? '')) invariant(hasField(operation.output, field), `${field} in ${location} is a field of the answer of ${operation.subject}`);
  invariant(!(isIdempotent && operation.roles.includes('public')), `${path} asks for an Idempotency-Key only where the caller is known`);
  return { method, path, operation, status, location: location ?? null, isIdempotent, nextPage: nextPageOf(operation.output), pathFields };
}

/** A template with its braces filled, percent-encoded. A did keeps its colons, which a path may carry. */
export function fillPath(template: string, fields: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(fields[name])).replaceAll('%3A', ':'));
}
