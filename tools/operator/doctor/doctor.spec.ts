import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { linkCertificate } from '@kula/platform-federation';
import { nodeIdOf } from '@kula/testing-fixtures';
import { certificateFinding, diskFinding } from './checks.mjs';
import { linkRemedy } from './remedies.mjs';

const tool = fileURLToPath(new URL('../doctor.mjs', import.meta.url));
const south = nodeIdOf('south');

const HEALTHY = {
  '/readyz': { body: { status: 'ready', checks: [{ name: 'nats', isReady: true }] } },
  '/v1/status': { body: { name: 'North', state: 'working', sentence: 'Everything works.', backlog: { entries: 0, oldestSeconds: 0 }, peers: [] } },
  '/v1/federation': { body: { heads: [{ issuer: south, agreedUpTo: null }], setAside: 0, sealing: { isAllowed: true, reason: null } } },
  '/v1/peers?limit=200': { body: { items: [{
    name: 'South', state: 'linked', gatewayUrl: null, link: { state: 'following', attempts: 0, lastError: null, reconnects: 0 }, behind: { entries: 0, seconds: 0 }, delivered: { missing: 0, seconds: 0 },
  }], nextCursor: null } },
} as const;

type Played = Record<string, { status?: number; body: Record<string, unknown> }>;
let played: Played = {};
/** Seconds by which the clock of the node is ahead. */
let ahead = 0;
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status = 200, body } = played[request.url ?? ''] ?? { status: 404, body: { detail: 'unknown' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(request.url === '/v1/status' && status === 200 ? { ...body, at: new Date(Date.now() + ahead * 1_000).toISOString() } : body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  played = structuredClone(HEALTHY) as unknown as Played;
  ahead = 0;
});
afterAll(() => { server.close(); });

/** Runs the doctor as an operator does. */
async function examine(...args: string[]): Promise<{ code: number | null; lines: string }> {
  const child = spawn(process.execPath, [tool, ...args], { env: { PATH: process.env['PATH'] } });
  let lines = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { lines += part.toString(); });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, lines };
}
const ofNode = () => examine('--gateway', url, '--token', 'given');

describe('the doctor', () => {
  it('finds nothing wrong with a node that is well', async () => {
    const { code, lines } = await ofNode();
    expect(lines).not.toContain('✗');
    expect(lines).toMatch(/✓ The gateway answers.*✓ The clock of the gateway agrees.*✓ North works\. Nothing waits\..*✓ The node signs\..*✓ No issuer is frozen\..*✓ South: connected\..*All is well\.\n$/s);
    expect(code).toBe(0);
  });

  it.each<[string, () => void, RegExp]>([
    ['a clock that is wrong', () => { ahead = 600; }, /✗ The clock of the gateway is 10 min ahead of this one\.\n {4}Run a time service/],
    ['what the gateway lacks', () => { played['/readyz'] = { status: 503, body: { checks: [{ name: 'postgres', isReady: false, reason: 'refused' }] } }; }, /✗ The gateway lacks postgres \(refused\)/],
    ['a federation service that is silent', () => { played['/v1/status'] = { status: 503, body: { detail: 'nobody answers' } }; }, /✗ The federation service does not say how it does: status 503: nobody answers/],
    ['a node that is behind', () => { Object.assign(played['/v1/status']!.body, { state: 'behind', sentence: 'South is away.', backlog: { entries: 3, oldestSeconds: 300 } }); }, /✗ North is behind: South is away\. 3 entries wait, the oldest for 5 min\.\n {4}See the peers/],
    ['sealing that is held', () => { played['/v1/federation']!.body['sealing'] = { isAllowed: false, reason: 'peers have not said' }; }, /✗ Nothing is signed: peers have not said\./],
    ['an issuer that is frozen', () => { played['/v1/federation']!.body['heads'] = [{ issuer: south, agreedUpTo: 4 }]; }, /✗ Frozen, because they have contradicted themselves: z6Mk\w+\.\n {4}The peer has signed two/],
    ['drafts that were set aside', () => { played['/v1/federation']!.body['setAside'] = 2; }, /✗ 2 drafts cannot be sealed/],
    ['a peer that is not reached', () => { Object.assign((played['/v1/peers?limit=200']!.body['items'] as { link: object }[])[0]!.link, { state: 'waiting', attempts: 7, lastError: 'name not found: the address cannot be looked up' }); }, /✗ South: not connected after 7 attempts: name not found.*\n {4}Check the address/],
    ['a peer that lacks entries', () => { Object.assign((played['/v1/peers?limit=200']!.body['items'] as object[])[0]!, { delivered: { missing: 9, seconds: 7_300 } }); }, /✗ South: lacks 9 entries of this node, the oldest for 2 h\./],
    ['an operator who is not let in', () => { played['/v1/peers?limit=200'] = { status: 403, body: { code: 'access.forbidden', title: 'Not allowed', detail: 'no', correlationId: 'x' } }; }, /✗ Peers cannot be looked at: Not allowed: no/],
  ])('names %s and what to do', async (_, spoil, expected) => {
    spoil();
    const { code, lines } = await ofNode();
    expect(lines).toMatch(expected);
    expect(lines).toMatch(/thing needs attention\.\n$/);
    expect(code).toBe(1);
  });

  it('compares the clocks of peers', async () => {
    Object.assign((played['/v1/peers?limit=200']!.body['items'] as object[])[0]!, { gatewayUrl: url });
    expect((await ofNode()).lines).toContain('✓ The clock of South agrees');
  });

  it('says that a node cannot be reached, and nothing more', async () => {
    const { code, lines } = await examine('--gateway', 'http://127.0.0.1:9');
    expect(lines).toMatch(/^✗ The gateway at http:\/\/127\.0\.0\.1:9 cannot be reached: .+\n {4}Is the node running.*\n\n1 thing needs attention\.\n$/);
    expect(code).toBe(1);
  });

  it.each([['--nothing'], ['--gateway', 'ftp://x']])('does not understand %s', async (...args) => {
    expect(await examine(...args)).toMatchObject({ code: 2, lines: expect.stringContaining('usage:') });
  });
});

describe('a certificate', () => {
  const made = new Date('2027-01-01T00:00:00Z');
  const { certificate } = linkCertificate('tls://127.0.0.1:4222', made);
  const days = (count: number) => made.getTime() + count * 86_400_000;

  it.each([[0, true], [3_600, true], [3_640, false], [4_000, false]])('after %d days is well: %s', (count, isWell) => {
    expect(certificateFinding(certificate, days(count)).isWell).toBe(isWell);
  });
});

describe('a disk', () => {
  it.each([[100, true], [10, true], [9, false]])('of which %d %% are free is well: %s', (share, isWell) => {
    expect(diskFinding('streams', { bavail: share, blocks: 100, bsize: 4_096 }).isWell).toBe(isWell);
  });
});

describe('a remedy', () => {
  it.each(['name not found: x', 'dial refused: x', 'credentials refused: x', 'connection lost', '', null])('is there for %j', (reason) => {
    expect(linkRemedy(reason).length).toBeGreaterThan(20);
  });
});
