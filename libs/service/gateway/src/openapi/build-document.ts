import { KEY_LENGTH_MAX } from '../idempotency/idempotency-key.js';
import { problemDocument } from '../problems/problem.js';
import { problemOf } from '../problems/problem-table.js';
import type { Route } from '../routes/route.js';
import { ComponentSchemas, type JsonSchema } from './component-schemas.js';
import { operationIdOf } from './operation-id.js';
import { codesOf, type ProblemCode } from './route-codes.js';

/** Whose document it is. */
export interface DocumentSubject {
  readonly nodeName: string;
  readonly publicUrl: string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  readonly components: Readonly<Record<string, JsonObject>>;
}

const TAGS: Readonly<Record<string, string>> = {
  identity: 'The node, its cooperatives and participants, and signing in.',
  matching: 'What members give and seek, and the rings found among it.',
  exchange: 'Chains: consent, legs and signals.',
  trust: 'Standing of participants, attestations, credibility of nodes.',
  agreement: 'Agreements between cooperatives and their signatures.',
  clearing: 'Obligations, positions and clearing runs.',
  federation: 'The signed log and the links to other nodes.',
};

const HEADERS = {
  'X-Correlation-Id': { description: 'The id under which the operator finds the request. Taken from the request where it is sane.', schema: { type: 'string' } },
  Location: { description: 'Path of the created resource.', schema: { type: 'string' } },
  Link: { description: 'The next page, as rel="next". Absent on the last one.', schema: { type: 'string' } },
  'Idempotent-Replayed': { description: '"true" where the answer was given before under the same Idempotency-Key.', schema: { type: 'string', enum: ['true'] } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
} as const;

const headerRefs = (...names: readonly (keyof typeof HEADERS)[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', minLength: 1, maxLength: KEY_LENGTH_MAX },
  description: 'A new random value for every new request and the same value for its repetitions. The answer is kept for 72 hours.',
};

const tagOf = ({ operation }: Route): string => operation.subject.split('.', 1)[0] ?? '';

/** Input fields that stand in path or query, with what the contract says about each. */
function parametersOf(route: Route, input: JsonSchema): readonly JsonObject[] {
  const properties = input['properties'] as Readonly<Record<string, JsonSchema>>;
  const required = new Set((input['required'] ?? []) as readonly string[]);
  const inPath = route.pathFields.map((name) => ({ name, in: 'path', required: true, schema: properties[name] }));
  const rest = route.method === 'POST' ? [] : Object.keys(properties).filter((name) => !route.pathFields.includes(name));
  const inQuery = rest.map((name) => ({ name, in: 'query', required: required.has(name), schema: properties[name] }));
  return [...inPath, ...inQuery, ...(route.isIdempotent ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : [])];
}

/** The body of a POST: what the path does not carry. Absent where nothing is left. */
function requestBodyOf(route: Route, input: JsonSchema): JsonObject {
  const properties = Object.entries(input['properties'] as JsonObject).filter(([name]) => !route.pathFields.includes(name));
  if (route.method === 'GET' || properties.length === 0) return {};
  const required = ((input['required'] ?? []) as readonly string[]).filter((name) => !route.pathFields.includes(name));
  const schema = { ...input, properties: Object.fromEntries(properties), required };
  return { requestBody: { required: required.length > 0, content: { 'application/json': { schema } } } };
}

function successOf(route: Route, output: JsonSchema): JsonObject {
  const headers = headerRefs(
    'X-Correlation-Id', ...(route.location === null ? [] : ['Location'] as const), ...(route.nextPage === null ? [] : ['Link'] as const),
    ...(route.isIdempotent ? ['Idempotent-Replayed'] as const : []),
  );
  return { description: route.operation.summary, headers, content: { 'application/json': { schema: output } } };
}

const RETRIED: readonly number[] = [409, 429, 503];

/** One answer per status, with an example per code. */
function problemsOf(route: Route): Readonly<Record<string, JsonObject>> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codesOf(route)) {
    const status = problemOf(code)?.status ?? 500;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: headerRefs('X-Correlation-Id', ...(RETRIED.includes(status) ? ['Retry-After'] as const : [])),
    content: {
      'application/problem+json': {
        schema: { allOf: [{ $ref: '#/components/schemas/Problem' }], properties: { code: { enum: codes } } },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }]));
}

function exampleOf(code: ProblemCode): JsonObject {
  const { status = 500, title = code, meaning = '' } = problemOf(code) ?? {};
  const place = code === 'gateway.internal' ? {} : { detail: meaning };
  return { summary: title, value: { type: `/problems/${code}`, title, status, ...place, code, correlationId: '8e03978e-40d5-43dd-bc93-6894a57f9324' } };
}

function operationOf(route: Route, schemas: ComponentSchemas, output: JsonSchema): JsonObject {
  const { operation, status } = route;
  // A copy has no id: fields are told apart by where they are sent, so an input never is a reference as a whole.
  const input = schemas.describe(operation.input.safeExtend({}), 'input');
  const isPublic = operation.roles.includes('public');
  return {
    operationId: operationIdOf(operation), tags: [tagOf(route)], summary: operation.summary,
    description: isPublic ? 'Needs no session.' : `Roles: ${operation.roles.join(', ')}.`,
    security: isPublic ? [] : [{ session: [] }],
    parameters: parametersOf(route, input), ...requestBodyOf(route, input),
    responses: { [String(status)]: successOf(route, output), ...problemsOf(route) },
  };
}

/** The OpenAPI 3.1 document of a route table. Pure: the same table and subject give the same document. */
export function buildDocument(routes: readonly Route[], { nodeName, publicUrl }: DocumentSubject): OpenApiDocument {
  const schemas = new ComponentSchemas();
  const outputs = routes.map((route) => schemas.describe(route.operation.output, 'output'));
  schemas.describe(problemDocument, 'output');
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const [index, route] of routes.entries()) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operationOf(route, schemas, outputs[index] ?? {});
  }
  const codes = [...new Set(routes.flatMap(codesOf))].sort();
  return {
    openapi: '3.1.1',
    info: {
      title: `Kula gateway of ${nodeName}`, version: '1', license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
      description: 'Cooperatives exchange surplus in rings without money and net what they owe each other. Every refusal is a problem document (RFC 9457).',
    },
    servers: [{ url: '/', description: 'The gateway that serves this document' }, ...(publicUrl === undefined ? [] : [{ url: publicUrl, description: 'Public address' }])],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      schemas: schemas.all, parameters: { IdempotencyKey: IDEMPOTENCY_KEY }, headers: HEADERS,
      examples: Object.fromEntries(codes.map((code) => [code, exampleOf(code)])),
      securitySchemes: { session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Token of POST /v1/sessions.' } },
    },
  };
}
