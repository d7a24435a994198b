import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { exchange, federation, identity, matching, type Caller, type Operation } from '@kula/contracts';
import type { ServiceDefinition } from '@kula/platform-host';
import { natsOptions } from '@kula/platform-messaging';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { connect, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import type { z } from 'zod';
import { gatewayService } from './gateway-service.js';
import { problemDocument } from './problems/problem.js';

const ana = walletOf('ana').did;
const ben = walletOf('ben').did;
const NORTH = nodeIdOf('north');

interface Ask { readonly input: Record<string, unknown>; readonly meta: { readonly caller: Caller | null; readonly correlationId: string } }
type Play = (ask: Ask) => Promise<unknown> | unknown;

/** What a service says instead of an answer. */
class Refused extends Error {
  constructor(readonly code: string, message = code, readonly params: Record<string, unknown> = {}) {
    super(message);
  }
}

/** The other services of the node, played on the bus by the test. */
class Services {
  private readonly playing = new Map<string, Subscription>();
  readonly asked: (Ask & { readonly subject: string })[] = [];

  constructor(private readonly connection: NatsConnection) {}

  async answer<Output extends z.ZodType>({ subject }: Operation<z.ZodType, Output>, play: Play): Promise<void> {
    this.playing.get(subject)?.unsubscribe();
    const subscription = this.connection.subscribe(subject, { callback: (_error, message) => void this.reply(subject, message, play) });
    this.playing.set(subject, subscription);
    await this.connection.flush();
  }

  private async reply(subject: string, message: Msg, play: Play): Promise<void> {
    const { id, data: ask } = message.json<{ id: string; data: Ask }>();
    this.asked.push({ ...ask, subject });
    try {
      message.respond(JSON.stringify({ id, response: await play(ask), isDisposed: true }));
    } catch (error) {
      const { code, message: text, params } = error as Refused;
      message.respond(JSON.stringify({ id, err: { code, message: text, params }, isDisposed: true }));
    }
  }

  asks({ subject }: Operation): readonly Ask[] {
    return this.asked.filter((ask) => ask.subject === subject);
  }

  async leave(): Promise<void> {
    for (const subscription of this.playing.values()) subscription.unsubscribe();
    this.playing.clear();
    this.asked.length = 0;
    await this.connection.flush();
  }
}

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it stands. */
  readonly text?: string;
  readonly key?: string | null;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

interface Got { readonly status: number; readonly headers: Headers; readonly body: unknown; readonly text: string }

const wanted = { kind: 'need', title: 'Lunch for a meeting', capability: 'food.catering', quantity: { amount: '12', unit: 'PIECE' }, availableFrom: '2026-12-01T09:00:00Z', availableUntil: '2026-12-31T09:00:00Z' };
const listing = (listingId: string) => ({
  ...wanted, listingId, participantId: ana, homeNode: NORTH, free: '12', place: null, delivery: 'onsite', visibility: 'network', state: 'open', publishedAt: '2026-11-20T09:00:00Z',
});

describe('the gateway', () => {
  let probe: ServiceProbe;
  let services: Services;
  let connection: NatsConnection;
  let signing: CryptoKey;
  let foreign: CryptoKey;
  let publicKey: JWK;
  let keyNumber = 0;

  beforeAll(async () => {
    let natsUrl = '';
    const watched: ServiceDefinition = { ...gatewayService, module: (settings, env) => { natsUrl = settings.KULA_NATS_URL; return gatewayService.module(settings, env); } };
    probe = await ServiceProbe.start(watched, {
      KULA_GATEWAY_PORT: '0', KULA_GATEWAY_HOST: '127.0.0.1', KULA_GATEWAY_URL: 'https://north.example', KULA_NODE_NAME: 'North <1>', KULA_GATEWAY_RATE_PER_MINUTE: '400',
      KULA_LOG_LEVEL: process.env['KULA_LOG_LEVEL'] ?? 'fatal',
    });
    connection = await connect(natsOptions(natsUrl, 'played services'));
    services = new Services(connection);
    const [own, other] = await Promise.all([1, 2].map(() => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })));
    if (own === undefined || other === undefined) throw new Error('two keys are made');
    [signing, foreign] = [own.privateKey, other.privateKey];
    publicKey = { ...(await exportJWK(own.publicKey)), alg: 'EdDSA', kid: 'k1' };
  });
  afterEach(async () => { await services.leave(); });
  afterAll(async () => { await connection?.close(); await probe?.stop(); });

  const servesKeys = () => services.answer(identity.listSessionKeys, () => ({ keys: [publicKey] }));

  const tokenOf = (did: string, role: string, { issuer = NORTH as string, expires = '15m', key = signing } = {}): Promise<string> =>
    new SignJWT({ role }).setProtectedHeader({ alg: 'EdDSA', kid: 'k1' }).setIssuer(issuer).setSubject(did).setIssuedAt().setExpirationTime(expires).sign(key);

  /** Asks over HTTP: as ana, a participant, and with a new key for a POST, where nothing else is said. */
  async function ask(path: string, { method, body, text, key, token, headers = {} }: Sent = {}): Promise<Got> {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const verb = method ?? (content === undefined ? 'GET' : 'POST');
    const bearer = token === undefined ? await tokenOf(ana, 'participant') : token;
    const response = await fetch(`${probe.httpUrl}${path}`, {
      method: verb, redirect: 'manual', ...(content !== undefined && { body: content }),
      headers: {
        ...(content !== undefined && { 'content-type': 'application/json' }), ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(verb === 'POST' && key !== null && { 'idempotency-key': key ?? `key ${(keyNumber += 1)}`.replace(' ', '-') }), ...headers,
      },
    });
    const answered = await response.text();
    const isJson = answered !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text: answered, body: isJson ? JSON.parse(answered) : answered };
  }

  /** The problem an answer carries, checked to be whole. */
  function problemOf({ status, headers, body }: Got) {
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const problem = problemDocument.parse(body);
    expect(problem).toMatchObject({ status, type: `https://north.example/problems/${problem.code}`, correlationId: headers.get('x-correlation-id') });
    return problem;
  }

  describe('as a door to operations', () => {
    it('answers a public question without a session', async () => {
      const node = { nodeId: NORTH, name: 'North', domain: 'north.example', gatewayUrl: 'https://north.example', operatorId: ana, isSelf: true };
      await services.answer(identity.getNode, () => node);
      const answer = await ask('/v1/node', { token: 'not looked at', headers: { 'x-correlation-id': 'story-7' } });
      expect(answer).toMatchObject({ status: 200, body: node });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.headers.get('x-correlation-id')).toBe('story-7');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(services.asks(identity.getNode)).toMatchObject([{ input: {}, meta: { caller: null, correlationId: 'story-7' } }]);
    });

    it('gives a request without a sane correlation id a new one', async () => {
      await services.answer(identity.listSessionKeys, () => ({ keys: [] }));
      for (const id of ['a b', '-', 'x'.repeat(129)]) {
        const { headers } = await ask('/.well-known/jwks.json', { token: null, headers: { 'x-correlation-id': id } });
        expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
      }
    });

    it('creates with the caller\'s name, the parsed body, 201 and the address', async () => {
      await servesKeys();
      await services.answer(matching.publishListing, () => listing('l-1'));
      const answer = await ask('/v1/listings', { body: wanted });
      expect(answer).toMatchObject({ status: 201, body: { listingId: 'l-1' } });
      expect(answer.headers.get('location')).toBe('/v1/listings/l-1');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(services.asks(matching.publishListing)).toMatchObject([{ input: { ...wanted, delivery: 'onsite' }, meta: { caller: { did: ana, role: 'participant' } } }]);
    });

    it('keeps the colons of a did in an address', async () => {
      await servesKeys();
      const cooperative = { cooperativeId: ben, name: 'Ben', place: null, homeNode: NORTH, isLocal: true, joinedAt: '2026-11-20T09:00:00Z' };
      await services.answer(identity.registerCooperative, () => cooperative);
      await services.answer(identity.getCooperative, ({ input }) => ({ ...cooperative, cooperativeId: input['cooperativeId'] }));
      const body = { cooperativeId: ben, name: 'Ben', madeAt: '2026-11-20T09:00:00Z', signature: 'A'.repeat(86) };
      const { status, headers } = await ask('/v1/cooperatives', { body, token: await tokenOf(ana, 'operator') });
      expect([status, headers.get('location')]).toEqual([201, `/v1/cooperatives/${ben}`]);
      expect(await ask(headers.get('location') ?? '')).toMatchObject({ status: 200, body: { cooperativeId: ben } });
      expect(await ask(`/v1/cooperatives/${encodeURIComponent(ben)}`)).toMatchObject({ status: 200, body: { cooperativeId: ben } });
    });

    it('commands without a body, by the path', async () => {
      await servesKeys();
      await services.answer(matching.withdrawListing, () => listing('l-1'));
      expect(await ask('/v1/listings/l-1/withdrawal', { method: 'POST' })).toMatchObject({ status: 200 });
      expect(await ask('/v1/listings/l-1/withdrawal', { text: '' , method: 'POST' })).toMatchObject({ status: 200 });
      expect(await ask('/v1/listings/l-1/withdrawal', { body: {} })).toMatchObject({ status: 200 });
      expect(services.asks(matching.withdrawListing).map(({ input }) => input)).toEqual(Array(3).fill({ listingId: 'l-1' }));
    });

    it('links a page to the next and keeps what was asked', async () => {
      await servesKeys();
      await services.answer(matching.listListings, ({ input }) => ({ items: [listing('l-1')], nextCursor: input['cursor'] === undefined ? 'a+b/c' : null }));
      const first = await ask('/v1/listings?kind=need&limit=1');
      const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1];
      expect(next).toBe('/v1/listings?kind=need&limit=1&cursor=a%2Bb%2Fc');
      const last = await ask(next ?? '');
      expect(last.headers.get('link')).toBeNull();
      expect(services.asks(matching.listListings).map(({ input }) => input)).toEqual([{ kind: 'need', limit: 1 }, { kind: 'need', limit: 1, cursor: 'a+b/c' }]);
    });

    it('links entries by their sequence', async () => {
      await services.answer(federation.listEntries, () => ({ items: [], nextFrom: 51 }));
      const { headers } = await ask(`/v1/federation/entries?issuer=${NORTH}&from=1`, { token: null });
      expect(headers.get('link')).toBe(`</v1/federation/entries?issuer=${NORTH}&from=51>; rel="next"`);
    });

    it('searches without a key', async () => {
      await servesKeys();
      await services.answer(matching.runSearch, () => ({ ringsFound: 0, ringsSelected: 0, proven: true, objective: '0', bound: '0', complete: true, peersAsked: 0, peersSilent: [] }));
      expect(await ask('/v1/searches', { method: 'POST', key: null, token: await tokenOf(ana, 'operator') })).toMatchObject({ status: 200 });
    });

    it('answers HEAD as GET without a body, and OPTIONS with what is allowed', async () => {
      await services.answer(identity.listSessionKeys, () => ({ keys: [] }));
      expect(await ask('/.well-known/jwks.json', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
      const options = await ask('/v1/listings', { method: 'OPTIONS', token: null });
      expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    });
  });

  describe('refuses', () => {
    it('what nobody serves, with 404', async () => {
      for (const path of ['/v2/node', '/v1/listings/', '/v1/chains//timeline', '/v1/Listings', '/problems/no.such', '/docs/files/package.json', '/docs/files/..%2fpackage.json', '/docs/files/toString']) {
        expect([path, problemOf(await ask(path))]).toMatchObject([path, { status: 404, code: 'gateway.not_found', instance: path }]);
      }
      for (const type of ['application/json', 'text/plain']) {
        expect(problemOf(await ask('/v1/nothing', { text: '{', headers: { 'content-type': type } }))).toMatchObject({ code: 'gateway.not_found' });
      }
    });

    it('other methods, with 405 and the ones that are allowed', async () => {
      for (const [method, path, allow] of [['PUT', '/v1/listings', 'GET, HEAD, OPTIONS, POST'], ['POST', '/v1/node', 'GET, HEAD, OPTIONS'], ['GET', '/v1/sessions', 'OPTIONS, POST'], ['DELETE', '/docs', 'GET, HEAD, OPTIONS'], ['POST', '/livez', 'GET, HEAD, OPTIONS']] as const) {
        const answer = await ask(path, { method, token: null, ...(method === 'PUT' && { text: 'x', headers: { 'content-type': 'text/plain' } }) });
        expect(problemOf(answer)).toMatchObject({ status: 405, code: 'gateway.method_not_allowed' });
        expect(answer.headers.get('allow')).toBe(allow);
      }
    });

    it('addresses it cannot read', async () => {
      expect((await ask('/v1/listings/%zz')).status).toBe(400);
      expect((await ask(`/v1/listings/${'x'.repeat(400)}`)).status).toBe(414);
    });

    it('malformed JSON, with 400', async () => {
      await servesKeys();
      for (const text of ['{', '{"a":1,}', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}', 'nothing']) {
        expect([text, problemOf(await ask('/v1/listings', { text }))]).toMatchObject([text, { status: 400, code: 'message.malformed', errors: [{ pointer: '' }] }]);
      }
    });

    it('fields that are wrong, missing or unknown, by their pointers', async () => {
      await servesKeys();
      const problem = problemOf(await ask('/v1/listings', { body: { ...wanted, quantity: { amount: '012', unit: 'PIECE' }, colour: 'red', title: undefined } }));
      expect(problem).toMatchObject({ status: 400, code: 'message.malformed', instance: '/v1/listings' });
      expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/colour', '/quantity/amount', '/title']);
      expect(problemOf(await ask('/v1/listings?limit=0')).errors).toMatchObject([{ pointer: '/limit' }]);
      expect(problemOf(await ask('/v1/chains/a%00b')).errors).toMatchObject([{ pointer: '/chainId' }]);
    });

    it('bodies above 256 KiB, with 413, whether they announce their length or not', async () => {
      await servesKeys();
      const text = JSON.stringify({ ...wanted, title: 'x'.repeat(256 * 1024) });
      expect(problemOf(await ask('/v1/listings', { text }))).toMatchObject({ status: 413, code: 'gateway.body_too_large' });
      const token = await tokenOf(ana, 'participant');
      const status = await new Promise((resolve, reject) => {
        const request = httpRequest(`${probe.httpUrl}/v1/listings`, {
          method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked', authorization: `Bearer ${token}`, 'idempotency-key': 'chunked' },
        }, (response) => { resolve(response.statusCode); response.resume(); });
        request.on('error', reject);
        request.end(text);
      });
      expect(status).toBe(413);
    });

    it('other media types, with 415', async () => {
      await servesKeys();
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
        expect(problemOf(await ask('/v1/listings', { text: 'a=1', headers: { 'content-type': type } }))).toMatchObject({ status: 415, code: 'gateway.media_type_unknown' });
      }
    });

    it('who is not signed in, with 401, before it reads anything', async () => {
      await servesKeys();
      const bare = await ask('/v1/listings', { text: '{', token: null, key: null });
      expect(problemOf(bare)).toMatchObject({ status: 401, code: 'access.not_signed_in' });
      expect(bare.headers.get('www-authenticate')).toBe('Bearer realm="kula"');
    });

    it.each<[string, () => Promise<string>]>([
      ['of another node', () => tokenOf(ana, 'operator', { issuer: nodeIdOf('south') })],
      ['that has expired', () => tokenOf(ana, 'operator', { expires: '-1m' })],
      ['signed by somebody else', () => tokenOf(ana, 'operator', { key: foreign })],
      ['with a role that does not exist', () => tokenOf(ana, 'queen')],
      ['without a signature', async () => `${new UnsecuredJWT({ role: 'operator' }).setIssuer(NORTH).setSubject(ana).setExpirationTime('1h').encode()}AA`],
    ])('a token %s, with 401', async (_what, token) => {
      await servesKeys();
      const answer = await ask('/v1/chains', { token: await token() });
      expect(problemOf(answer)).toMatchObject({ status: 401, code: 'access.not_signed_in' });
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    });

    it('other roles, with 403 and the roles that may', async () => {
      await servesKeys();
      expect(problemOf(await ask('/v1/participants', { body: {} }))).toMatchObject({ status: 403, code: 'access.forbidden', params: { role: 'participant', roles: 'cooperative operator' } });
    });

    it('what the service refuses, with its code and facts', async () => {
      await servesKeys();
      await services.answer(exchange.getChain, ({ input }) => { throw new Refused('exchange.chain_unknown', 'no such chain', { chainId: input['chainId'] }); });
      expect(problemOf(await ask('/v1/chains/c-9'))).toMatchObject({ status: 404, code: 'exchange.chain_unknown', detail: 'no such chain', params: { chainId: 'c-9' }, instance: '/v1/chains/c-9' });
    });

    it('a cursor the service cannot read, by its pointer', async () => {
      await servesKeys();
      await services.answer(exchange.listChains, () => { throw new Refused('message.malformed', 'x', { fields: JSON.stringify([{ pointer: '/cursor', detail: 'is not a cursor' }]) }); });
      expect(problemOf(await ask('/v1/chains?cursor=zzz')).errors).toEqual([{ pointer: '/cursor', detail: 'is not a cursor' }]);
    });
  });

  describe('when something fails', () => {
    it('says 503 and when to come back, where nobody answers', async () => {
      await servesKeys();
      const answer = await ask('/v1/chains');
      expect(problemOf(answer)).toMatchObject({ status: 503, code: 'dependency.unavailable' });
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.text).not.toContain('exchange.v1');
    });

    it('says 500 and nothing but the correlation id, where a service has a bug or breaks its contract', async () => {
      await servesKeys();
      await services.answer(exchange.listChains, () => { throw new Refused('internal', 'the password is x'); });
      await services.answer(matching.listRings, () => ({ rings: [] }));
      for (const path of ['/v1/chains', '/v1/rings']) {
        const problem = problemOf(await ask(path));
        expect(Object.keys(problem).sort()).toEqual(['code', 'correlationId', 'status', 'title', 'type']);
        expect(problem).toMatchObject({ status: 500, code: 'gateway.internal' });
      }
    });
  });

  describe('asked twice', () => {
    beforeAll(async () => { await servesKeys(); });

    it('wants a name for every write, quoted or bare, before it looks at the body', async () => {
      expect(problemOf(await ask('/v1/listings', { body: {}, key: null }))).toMatchObject({ status: 400, code: 'gateway.idempotency_key_missing' });
      expect(problemOf(await ask('/v1/listings', { body: {}, key: 'a b' }))).toMatchObject({ status: 400, code: 'gateway.idempotency_key_malformed' });
    });

    it('repeats the answer it gave, byte by byte, without asking again', async () => {
      let published = 0;
      await services.answer(matching.publishListing, () => listing(`l-${(published += 1)}`));
      const first = await ask('/v1/listings', { body: wanted, key: '"once"' });
      const reordered = Object.fromEntries(Object.entries({ ...wanted, place: null }).reverse());
      const second = await ask('/v1/listings', { body: reordered, key: 'once' });
      expect([second.status, second.text, second.headers.get('location')]).toEqual([201, first.text, first.headers.get('location')]);
      expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([null, 'true']);
      expect(published).toBe(1);
    });

    it('repeats a refusal too', async () => {
      await services.answer(matching.publishListing, () => { throw new Refused('matching.window_past'); });
      const first = await ask('/v1/listings', { body: wanted, key: 'too-late' });
      await services.answer(matching.publishListing, () => listing('l-2'));
      const second = await ask('/v1/listings', { body: wanted, key: 'too-late' });
      expect([second.status, second.text, second.headers.get('content-type')]).toEqual([422, first.text, 'application/problem+json; charset=utf-8']);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });

    it('refuses the name of another request, with 422', async () => {
      await services.answer(matching.publishListing, () => listing('l-3'));
      await ask('/v1/listings', { body: wanted, key: 'mine' });
      expect(problemOf(await ask('/v1/listings', { body: { ...wanted, title: 'Dinner' }, key: 'mine' }))).toMatchObject({ status: 422, code: 'gateway.idempotency_key_reused' });
    });

    it('keeps the names of two callers, and of two addresses, apart', async () => {
      await services.answer(matching.withdrawListing, ({ input, meta }) => ({ ...listing(String(input['listingId'])), participantId: meta.caller?.did }));
      await ask('/v1/listings/a/withdrawal', { method: 'POST', key: 'shared' });
      const otherCaller = await ask('/v1/listings/a/withdrawal', { method: 'POST', key: 'shared', token: await tokenOf(ben, 'participant') });
      const otherPath = await ask('/v1/listings/b/withdrawal', { method: 'POST', key: 'shared' });
      expect(otherCaller).toMatchObject({ status: 200, body: { participantId: ben } });
      expect(otherPath).toMatchObject({ status: 200, body: { listingId: 'b' } });
    });

    it('asks once, however many come at the same moment', async () => {
      let release: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => { release = resolve; });
      await services.answer(matching.publishListing, async () => { await gate; return listing('l-4'); });
      const first = ask('/v1/listings', { body: wanted, key: 'race' });
      await until('the first to be asked', async () => services.asks(matching.publishListing).length === 1);
      const crowd = await Promise.all(Array.from({ length: 8 }, () => ask('/v1/listings', { body: wanted, key: 'race' })));
      for (const each of crowd) expect([problemOf(each).code, each.status, each.headers.get('retry-after')]).toEqual(['gateway.idempotency_in_flight', 409, '1']);
      expect(problemOf(await ask('/v1/listings', { body: { ...wanted, title: 'Dinner' }, key: 'race' })).status).toBe(422);
      release();
      expect(await first).toMatchObject({ status: 201 });
      expect(await ask('/v1/listings', { body: wanted, key: 'race' })).toMatchObject({ status: 201, text: (await first).text });
      expect(services.asks(matching.publishListing)).toHaveLength(1);
    });

    it('lets exactly one of a crowd through that nobody preceded', async () => {
      await services.answer(matching.publishListing, () => listing('l-5'));
      const crowd = await Promise.all(Array.from({ length: 12 }, () => ask('/v1/listings', { body: wanted, key: 'crowd' })));
      expect(services.asks(matching.publishListing)).toHaveLength(1);
      for (const { status } of crowd) expect([201, 409]).toContain(status);
      expect(crowd.filter(({ status, headers }) => status === 201 && headers.get('idempotent-replayed') === null)).toHaveLength(1);
    });

    it('does not keep a fault: the same request is tried again', async () => {
      expect(await ask('/v1/listings', { body: wanted, key: 'fault' })).toMatchObject({ status: 503 });
      await services.answer(matching.publishListing, () => { throw new Refused('internal'); });
      expect(await ask('/v1/listings', { body: wanted, key: 'fault' })).toMatchObject({ status: 500 });
      await services.answer(matching.publishListing, () => listing('l-6'));
      const third = await ask('/v1/listings', { body: wanted, key: 'fault' });
      expect([third.status, third.headers.get('idempotent-replayed')]).toEqual([201, null]);
    });

    it('does not keep what is refused at the door', async () => {
      await services.answer(matching.publishListing, () => listing('l-7'));
      expect(await ask('/v1/listings', { body: { ...wanted, title: '' }, key: 'typo' })).toMatchObject({ status: 400 });
      expect(await ask('/v1/listings', { body: wanted, key: 'typo' })).toMatchObject({ status: 201 });
    });

    it('takes over what a crash left behind after 30 seconds, and not before, and not with other content', async () => {
      await services.answer(matching.publishListing, () => listing('l-8'));
      await ask('/v1/listings', { body: wanted, key: 'crash' });
      const left = (seconds: number) => probe.sql(
        `UPDATE gateway.idempotency_record SET status = NULL, headers = NULL, body = NULL, started_at = now() - make_interval(secs => $1) WHERE key = 'crash'`, [seconds],
      );
      await left(25);
      expect(await ask('/v1/listings', { body: wanted, key: 'crash' })).toMatchObject({ status: 409 });
      await left(31);
      expect(await ask('/v1/listings', { body: { ...wanted, title: 'Dinner' }, key: 'crash' })).toMatchObject({ status: 422 });
      const again = await ask('/v1/listings', { body: wanted, key: 'crash' });
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, null]);
      expect(services.asks(matching.publishListing)).toHaveLength(2);
    });

    it('forgets a name after 72 hours', async () => {
      await services.answer(matching.publishListing, () => listing('l-9'));
      await ask('/v1/listings', { body: wanted, key: 'old' });
      await probe.sql(`UPDATE gateway.idempotency_record SET started_at = now() - interval '73 hours' WHERE key = 'old'`);
      expect(await ask('/v1/listings', { body: { ...wanted, title: 'Dinner' }, key: 'old' })).toMatchObject({ status: 201 });
    });

    it('repeats an answer after a restart, and sweeps what is older than 72 hours', async () => {
      await services.answer(matching.publishListing, () => listing('l-10'));
      const first = await ask('/v1/listings', { body: wanted, key: 'restart' });
      await ask('/v1/listings', { body: wanted, key: 'swept' });
      await probe.sql(`UPDATE gateway.idempotency_record SET started_at = now() - interval '73 hours' WHERE key = 'swept'`);
      await probe.restart();
      expect(problemOf(await ask('/v1/listings', { body: wanted, key: 'restart' }))).toMatchObject({ status: 503, code: 'dependency.unavailable' });
      await servesKeys();
      const second = await ask('/v1/listings', { body: wanted, key: 'restart' });
      expect([second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([201, first.text, 'true']);
      await until('the old record to be swept', async () => (await probe.sql(`SELECT 1 FROM gateway.idempotency_record WHERE key = 'swept'`)).length === 0);
      expect(await probe.sql(`SELECT 1 FROM gateway.idempotency_record WHERE key = 'restart'`)).toHaveLength(1);
    });
  });

  describe('looked at', () => {
    it('leads to its reference, with files of its own', async () => {
      expect((await ask('/', { token: null })).headers.get('location')).toBe('/docs');
      const page = await ask('/docs', { token: null });
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(page.text).toContain('Reference of North &lt;1&gt;');
      const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/files\/[^"]+)"/g)].map(([, file = '']) => file);
      expect(files).toHaveLength(5);
      for (const file of files) expect([file, (await ask(file, { token: null })).status]).toEqual([file, 200]);
      expect(page.text).not.toMatch(/(?:src|href)="(?!\/)/);
    });

    it('lists its operations without a script', async () => {
      const { text, headers } = await ask('/docs/operations', { token: null });
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(text).not.toContain('<script');
      expect(text).toContain('POST /v1/chains/{chainId}/consents');
    });

    it('serves its OpenAPI document', async () => {
      expect(await ask('/v1/openapi.json', { token: null })).toMatchObject({ status: 200, body: { openapi: '3.1.1', info: { title: 'Kula gateway of North <1>' } } });
    });

    it('explains a code as JSON or as a page, as asked', async () => {
      const json = await ask('/problems/exchange.other_terms', { token: null });
      expect(json.body).toEqual({
        type: 'https://north.example/problems/exchange.other_terms', code: 'exchange.other_terms', status: 409, title: 'Other terms',
        meaning: expect.any(String), remedy: expect.any(String),
      });
      const page = await ask('/problems/exchange.other_terms', { token: null, headers: { accept: 'text/html,application/xhtml+xml' } });
      expect(page.headers.get('vary')).toBe('Accept');
      expect(page.text).toContain('<h1>Other terms</h1>');
    });

    it('is alive and ready', async () => {
      expect(await ask('/livez', { token: null })).toMatchObject({ status: 200, body: { status: 'alive' } });
      expect(await ask('/readyz', { token: null })).toMatchObject({ status: 200, body: { status: 'ready', checks: [{ name: 'nats' }, { name: 'postgres' }] } });
    });
  });

  it('says how many writes are left, and stops who has none', async () => {
    await servesKeys();
    const token = await tokenOf(walletOf('cal').did, 'participant');
    const write = () => ask('/v1/listings', { body: {}, token });
    const { headers } = await write();
    expect(headers.get('ratelimit-policy')).toBe('"writes";q=400;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"writes";r=\d+;t=\d+$/);
    const stopped = await until('the bucket to be empty', async () => (await Promise.all(Array.from({ length: 50 }, write))).find(({ status }) => status === 429));
    expect(problemOf(stopped)).toMatchObject({ code: 'gateway.too_many_requests' });
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('/v1/listings', { body: {} })).status).toBe(400);
  });
});
