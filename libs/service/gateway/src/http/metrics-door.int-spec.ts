import { afterEach, describe, expect, it } from '@jest/globals';
import { nodeIdOf, parseOpenMetrics } from '@kula/testing-fixtures';
import { ServiceProbe } from '@kula/testing-service-probe';
import { connect } from '@nats-io/transport-node';
import { natsOptions } from '@kula/platform-messaging';
import type { ServiceDefinition } from '@kula/platform-host';
import { gatewayService } from '../gateway-service.js';
import { problemDocument } from '../problems/problem.js';

const TOKEN = 'a-token-of-twenty-eight-chars';
const STATUS = {
  nodeId: nodeIdOf('north'), name: 'North', state: 'working', sentence: 'Everything works.', at: '2027-01-01T00:00:00.000Z', backlog: { entries: 0, oldestSeconds: 0 }, peers: [],
};

let natsUrl = '';
const gatewayInView: ServiceDefinition = {
  ...gatewayService,
  module: (settings, env) => {
    natsUrl = settings.KULA_NATS_URL;
    return gatewayService.module(settings, env);
  },
};

let probe: ServiceProbe | undefined;
const start = async (settings: Record<string, string>) => { probe = await ServiceProbe.start(gatewayInView, { KULA_GATEWAY_PORT: '0', KULA_GATEWAY_HOST: '127.0.0.1', KULA_LOG_LEVEL: 'silent', ...settings }); };
const ask = (path: string, init: RequestInit = {}) => fetch(`${probe?.httpUrl}${path}`, init);
const scrape = (token: string) => ask('/metrics', { headers: { authorization: `Bearer ${token}` } });

afterEach(async () => {
  await probe?.stop();
  probe = undefined;
});

describe('what the gateway measures', () => {
  it('is not there where no token is set', async () => {
    await start({});
    expect((await scrape(TOKEN)).status).toBe(404);
  });

  it('is shown to who has the token: requests by route, method and class of the answer, whatever address was asked for', async () => {
    await start({ KULA_METRICS_TOKEN: TOKEN });
    for (const authorization of [undefined, `Bearer ${TOKEN.slice(1)}`, `Bearer ${TOKEN}x`, TOKEN]) {
      const refused = await ask('/metrics', authorization === undefined ? {} : { headers: { authorization } });
      expect(problemDocument.parse(await refused.json())).toMatchObject({ status: 401, code: 'access.not_signed_in' });
    }
    for (const path of ['/did:key:z6MkSomebody', '/another', '/v1/chains/did:key:z6MkSomebody', '/livez']) await ask(path);
    expect((await ask('/metrics', { method: 'POST' })).status).toBe(405);
    const answer = await scrape(TOKEN);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/openmetrics-text; version=1.0.0; charset=utf-8']);
    const text = await answer.text();
    const counts = parseOpenMetrics(text).get('kula_http_request_duration_seconds')?.samples.filter(({ name }) => name.endsWith('_count'))
      .map(({ labels: { route, method, status }, value }) => [method, route, status, value]);
    expect(counts).toEqual(expect.arrayContaining([
      ['GET', 'unknown', '4xx', 2], ['GET', '/v1/chains/{chainId}', '4xx', 1], ['GET', '/livez', '2xx', 1], ['GET', '/metrics', '4xx', 4], ['POST', '/metrics', '4xx', 1],
    ]));
    expect(text).not.toContain('did:');
  });
});

describe('GET /v1/status', () => {
  it('says to anybody what the federation service says, and that it is away where it is', async () => {
    await start({});
    const connection = await connect(natsOptions(natsUrl, 'spec'));
    const played = connection.subscribe('federation.v1.health.get', {
      callback: (_error, message) => { message.respond(JSON.stringify({ id: message.json<{ id: string }>().id, response: STATUS, isDisposed: true })); },
    });
    await connection.flush();
    const answer = await ask('/v1/status');
    expect([answer.status, await answer.json()]).toEqual([200, STATUS]);
    played.unsubscribe();
    await connection.flush();
    expect((await ask('/v1/status')).status).toBe(503);
    await connection.close();
  });
});
