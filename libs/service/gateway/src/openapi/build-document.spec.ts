import { describe, expect, it } from '@jest/globals';
import { defineOperation } from '@kula/contracts';
import { z } from 'zod';
import { problemOf } from '../problems/problem-table.js';
import { route } from '../routes/route.js';
import { ROUTES } from '../routes/route-table.js';
import { buildDocument } from './build-document.js';
import { codesOf } from './route-codes.js';

const subject = { nodeName: 'North', publicUrl: 'https://north.example' };
const document = JSON.parse(JSON.stringify(buildDocument(ROUTES, subject)));

type Node = Readonly<Record<string, unknown>>;

/** Every object of a document with the pointer to it. */
function* objectsOf(value: unknown, pointer = '#'): Generator<readonly [string, Node]> {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield [pointer, value as Node];
  for (const [name, item] of Object.entries(value)) yield* objectsOf(item, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

const at = (pointer: string): unknown => pointer.slice(2).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  .reduce<unknown>((found, name) => (found as Node | undefined)?.[name], document);

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Node[];
  readonly parameters: readonly (Node & { readonly name?: string; readonly in?: string; readonly $ref?: string })[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Node } } };
  readonly responses: Readonly<Record<string, { readonly headers: Node; readonly content: Readonly<Record<string, { readonly schema: Node; readonly examples?: Node }>> }>>;
}
const operations = ROUTES.map((each) => [`${each.method} ${each.path}`, each, document.paths[each.path][each.method.toLowerCase()] as Operation] as const);
const operationAt = (name: string): Operation => {
  const found = operations.find(([each]) => each === name)?.[2];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

describe('the OpenAPI document', () => {
  it('says what it is', () => {
    expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'Kula gateway of North', version: '1' }, servers: [{ url: '/' }, { url: 'https://north.example' }] });
    expect(buildDocument(ROUTES, { ...subject, publicUrl: undefined }).servers).toHaveLength(1);
  });

  it('has every route and nothing else', () => {
    const described = Object.entries<Node>(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
    expect(described.sort()).toEqual(operations.map(([name]) => name).sort());
  });

  it('resolves every reference', () => {
    const references = [...objectsOf(document)].flatMap(([pointer, object]) => (typeof object['$ref'] === 'string' ? [[pointer, object['$ref']] as const] : []));
    expect(references.length).toBeGreaterThan(200);
    expect(references.filter(([, target]) => at(target) === undefined)).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('$defs');
  });

  it('uses every component', () => {
    const text = JSON.stringify(document);
    const unused = ['schemas', 'parameters', 'headers', 'examples'].flatMap((kind) => Object.keys(document.components[kind])
      .filter((name) => !text.includes(`"#/components/${kind}/${name}"`)));
    expect(unused).toEqual([]);
  });

  it('gives every operation a name of its own, made of its subject', () => {
    const ids = operations.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['identity.registerCooperative', 'identity.listSessionKeys', 'federation.listEntries', 'exchange.giveConsent']));
    for (const id of ids) expect(id).toMatch(/^[a-z]+\.[a-z][A-Za-z]+$/);
  });

  it('declares every tag once', () => {
    const declared = document.tags.map(({ name }: { name: string }) => name);
    expect(new Set(declared).size).toBe(declared.length);
    expect(new Set(operations.flatMap(([, , { tags }]) => tags))).toEqual(new Set(declared));
    for (const { name, description } of document.tags) expect(description).not.toBe(name);
  });

  it.each(operations)('%s has a parameter for every brace of its path, and no other in the path', (_name, { path }, { parameters }) => {
    const inPath = parameters.filter((each) => each.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
  });

  it.each(operations)('%s sends every field of its input in one place', (_name, { method, operation, pathFields }, { parameters, requestBody }) => {
    const schema = requestBody?.content['application/json'].schema;
    const places = [...parameters.flatMap(({ name }) => name ?? []), ...Object.keys((schema?.['properties'] ?? {}) as Node)];
    expect(places.sort()).toEqual(Object.keys(operation.input.shape).sort());
    if (method === 'GET') expect(requestBody).toBeUndefined();
    expect((schema?.['required'] ?? []) as string[]).not.toEqual(expect.arrayContaining([...pathFields, 'nothing']));
  });

  it.each(operations)('%s asks for a session and a key exactly where the door does', (_name, { operation, isIdempotent }, { security, parameters }) => {
    expect(security).toEqual(operation.roles.includes('public') ? [] : [{ session: [] }]);
    expect(parameters.some(({ $ref }) => $ref === '#/components/parameters/IdempotencyKey')).toBe(isIdempotent);
  });

  it.each(operations)('%s names every code it may answer under its status', (_name, each, { responses }) => {
    for (const code of codesOf(each)) {
      const problem = responses[String(problemOf(code)?.status)]?.content['application/problem+json'];
      expect(problem?.examples).toHaveProperty([code]);
      expect((problem?.schema['properties'] as { code: { enum: string[] } }).code.enum).toContain(code);
    }
  });

  it('tells where a created resource is, how a list goes on, and when to come back', () => {
    expect(operationAt('POST /v1/listings').responses['201']?.headers).toMatchObject({ Location: {}, 'Idempotent-Replayed': {} });
    expect(operationAt('GET /v1/listings').responses['200']?.headers).toHaveProperty('Link');
    expect(operationAt('GET /v1/node').responses['503']?.headers).toHaveProperty('Retry-After');
  });

  it('leaves out what has a default when it is sent, and promises it when it is answered', () => {
    const sent = operationAt('POST /v1/listings').requestBody?.content['application/json'].schema;
    expect(sent?.['required']).not.toContain('visibility');
    expect(document.components.schemas.Listing.required).toContain('visibility');
  });

  it('carries the examples of the contracts', () => {
    expect(document.components.schemas.Unit.examples).toEqual(['HOUR']);
    expect([...objectsOf(document.components.schemas)].filter(([, object]) => typeof object['example'] === 'string')).toEqual([]);
  });

  it('has no body where everything stands in the path', () => {
    expect(operationAt('POST /v1/listings/{listingId}/withdrawal').requestBody).toBeUndefined();
  });

  it('shows a type twice only where it is sent in another form than it is answered', () => {
    const inner = z.strictObject({ text: z.string().default('') }).meta({ id: 'SpecInner' });
    const outer = z.strictObject({ inner }).meta({ id: 'SpecOuter' });
    const same = z.strictObject({ text: z.string() }).meta({ id: 'SpecSame' });
    const operation = defineOperation({
      subject: 'notes.v1.note.write', summary: 'Writes.', roles: ['participant'], errors: [],
      input: z.strictObject({ outer, same }), output: z.strictObject({ outer, same }),
    });
    const { components, paths } = JSON.parse(JSON.stringify(buildDocument([route({ method: 'POST', path: '/v1/notes', operation })], subject)));
    expect(Object.keys(components.schemas)).toEqual(['Problem', 'SpecInner', 'SpecInnerInput', 'SpecOuter', 'SpecOuterInput', 'SpecSame']);
    expect(components.schemas.SpecOuterInput.properties.inner).toEqual({ $ref: '#/components/schemas/SpecInnerInput' });
    expect(paths['/v1/notes'].post.requestBody.content['application/json'].schema.properties).toEqual({
      outer: { $ref: '#/components/schemas/SpecOuterInput' }, same: { $ref: '#/components/schemas/SpecSame' },
    });
    expect(components.schemas.SpecInner.required).toEqual(['text']);
    expect(components.schemas.SpecInnerInput.required).toBeUndefined();
  });
});
