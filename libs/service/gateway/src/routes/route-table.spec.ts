import { describe, expect, it } from '@jest/globals';
import { defineOperation, federation, identity, OPERATIONS } from '@kula/contracts';
import { z } from 'zod';
import { fillPath, route } from './route.js';
import { INTERNAL_OPERATIONS, ROUTES } from './route-table.js';

const named = ROUTES.map((each) => [`${each.method} ${each.path}`, each] as const);

describe('the route tables', () => {
  it('have exactly one route for every operation that is not internal', () => {
    const routed = ROUTES.map(({ operation }) => operation.subject).sort();
    const internal = new Set(INTERNAL_OPERATIONS.map(({ subject }) => subject));
    expect(routed).toEqual(OPERATIONS.map(({ subject }) => subject).filter((subject) => !internal.has(subject)).sort());
  });

  it('have no route for an operation that no role may call', () => {
    expect(INTERNAL_OPERATIONS.map(({ subject }) => subject)).toEqual(expect.arrayContaining([
      'federation.v1.question.ask', ...['agreement', 'clearing', 'exchange', 'identity', 'matching'].map((context) => `${context}.v1.impact.measure`),
    ]));
    expect(() => route({ method: 'POST', path: '/v1/questions', operation: federation.askPeer })).toThrow('through the door');
  });

  it('have every address once', () => {
    const addresses = named.map(([name]) => name.replace(/\{\w+\}/g, '{}'));
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it.each(named)('%s creates only where it answers 201', (_name, { method, status, location }) => {
    if (method === 'GET') expect({ status, location }).toEqual({ status: 200, location: null });
    else expect(location === null || status === 201).toBe(true);
  });

  it.each(named)('%s points to a created resource that can be read', (_name, { location }) => {
    if (location !== null) expect(named.map(([name]) => name)).toContain(`GET ${location}`);
  });

  it.each(named.filter(([, { method }]) => method === 'GET'))('%s takes from the query only what text can say', (_name, { operation, pathFields }) => {
    const { properties = {}, $defs = {} } = z.toJSONSchema(operation.input, { io: 'input' });
    for (const [field, schema] of Object.entries(properties)) {
      if (pathFields.includes(field) || typeof schema === 'boolean') continue;
      const { type } = schema.$ref === undefined ? schema : $defs[schema.$ref.replace('#/$defs/', '')] ?? {};
      // A number in a query is text: only a type that reads text as a number can stand there.
      const isReadable = type === 'string' || (operation.input.shape[field] as z.ZodType).safeParse('7').success;
      expect([field, isReadable]).toEqual([field, true]);
    }
  });

  it('ask for an Idempotency-Key on every POST but those that keep nothing or come from nobody who is known', () => {
    const free = ROUTES.filter(({ method, isIdempotent }) => method === 'POST' && !isIdempotent).map(({ path }) => path);
    expect(free.sort()).toEqual(['/v1/attestation-checks', '/v1/challenges', '/v1/link-statements', '/v1/searches', '/v1/sessions']);
    expect(ROUTES.filter(({ method, isIdempotent }) => method === 'GET' && isIdempotent)).toEqual([]);
  });

  it('say how a list goes on', () => {
    const lists = ROUTES.filter(({ nextPage }) => nextPage !== null).map(({ path, nextPage }) => `${path} ${nextPage?.query}`);
    expect(lists).toEqual([
      '/v1/nodes cursor', '/v1/cooperatives cursor', '/v1/participants cursor', '/v1/registry cursor', '/v1/claims cursor', '/v1/listings cursor', '/v1/rings cursor', '/v1/chains cursor',
      '/v1/participants/{participantId}/attestations cursor', '/v1/node-credibility cursor', '/v1/agreements cursor', '/v1/obligations cursor',
      '/v1/clearing-runs cursor', '/v1/federation/entries from', '/v1/peers cursor', '/v1/admissions cursor', '/v1/equivocations cursor',
    ]);
    for (const { operation, nextPage } of ROUTES) if (nextPage !== null) expect(Object.keys(operation.input.shape)).toContain(nextPage.query);
  });
});

describe('a route', () => {
  const note = defineOperation({
    subject: 'notes.v1.note.write', summary: 'Writes.', roles: ['participant'], errors: [],
    input: z.strictObject({ noteId: z.string() }), output: z.strictObject({ noteId: z.string() }),
  });

  it('refuses a path field that the input lacks', () => {
    expect(() => route({ method: 'GET', path: '/v1/notes/{pageId}', operation: note })).toThrow('pageId in /v1/notes/{pageId} is a field of the input');
  });

  it('refuses a location field that the answer lacks', () => {
    expect(() => route({ method: 'POST', path: '/v1/notes', operation: note, status: 201, location: '/v1/notes/{id}' })).toThrow('id in /v1/notes/{id}');
  });

  it('refuses an Idempotency-Key of nobody', () => {
    expect(() => route({ method: 'POST', path: '/v1/challenges', operation: identity.openChallenge })).toThrow('caller is known');
  });

  it('fills its path with encoded values and leaves the colons of a did', () => {
    expect(fillPath('/v1/a/{x}/b/{y}', { x: 'did:key:z6Mk', y: 'a/b c' })).toBe('/v1/a/did:key:z6Mk/b/a%2Fb%20c');
  });
});
