import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toBase64url, verifyDocument } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';

const tool = fileURLToPath(new URL('main.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kula-peers-cli-'));
const [north, south] = [nodeIdOf('north'), nodeIdOf('south')];
const operator = walletOf('operator');

const peer = {
  nodeId: south, name: 'South', state: 'asking', gatewayUrl: 'https://south.example', natsUrl: 'tls://nats.south.example:4222', view: 'own', isEncrypted: true, reason: null,
  changedAt: '2026-11-20T09:00:00Z', addedAt: '2026-11-20T09:00:00Z', behind: { entries: 3, seconds: null }, delivered: { upTo: 7, missing: 1, seconds: 125 }, received: 12, refused: 0,
  link: { state: 'waiting', since: null, attempts: 2, lastError: 'dial refused: nothing listens', lastErrorAt: '2026-11-20T09:00:00Z', nextAttemptAt: null, reconnects: 1 },
};

interface Asked { readonly line: string; readonly body: Record<string, unknown> | undefined; readonly key: string | undefined; readonly token: string | undefined }
let asked: Asked[] = [];
let server: Server;
let gateway = '';
let answers: Record<string, { status?: number; body: unknown }> = {};

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? undefined : JSON.parse(text) as Record<string, unknown>;
}

/** The gateway of the node, played: it lets the operator in and gives prepared answers. */
async function answer(request: IncomingMessage): Promise<{ status?: number; body: unknown }> {
  const line = `${request.method} ${request.url}`;
  const body = await bodyOf(request);
  asked.push({ line, body, key: request.headers['idempotency-key'] as string | undefined, token: request.headers.authorization });
  if (line === 'GET /v1/node') return { body: { nodeId: north, name: 'North' } };
  if (line === 'POST /v1/challenges') return { status: 201, body: { challenge: 'c-1', expiresAt: '2026-11-20T09:00:00Z' } };
  if (line === 'POST /v1/sessions') {
    const isSigned = verifyDocument(nodeEd25519, { signer: operator.did, domain: 'sep/login/v1', document: { challenge: 'c-1', did: operator.did, node_id: north }, signature: String(body?.['signature']) });
    return isSigned ? { status: 201, body: { token: 'token-1' } } : { status: 403, body: { detail: 'bad signature' } };
  }
  return answers[line] ?? { status: 404, body: { code: 'federation.peer_unknown', title: 'Peer is not known', detail: 'this node has no such peer', correlationId: 'story-1' } };
}

beforeAll(async () => {
  server = createServer((request, response) => void answer(request).then(({ status = 200, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  gateway = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  writeFileSync(join(folder, 'wallet.json'), JSON.stringify({ did: operator.did, privateKey: toBase64url(operator.privateKey) }));
});
beforeEach(() => {
  asked = [];
  answers = { 'GET /v1/peers?limit=200': { body: { items: [peer], nextCursor: null } } };
});
afterAll(() => { server.close(); rmSync(folder, { recursive: true }); });

/** Runs the command beside the played gateway, which a synchronous run would keep from answering. */
function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tool, ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', KULA_GATEWAY_URL: gateway } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => { stdout += text.toString(); });
    child.stderr.on('data', (text: Buffer) => { stderr += text.toString(); });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
const withToken = (...args: string[]) => run(...args, '--token', 'token-0');

describe('the peers command', () => {
  it('signs in with the key file of the operator', async () => {
    const { code, stdout } = await run('list', '--key', 'wallet.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/NAME +STATE[^]*South +asking +waiting +3 +1 +12 +0 +z6Mk/);
    expect(stdout).toContain('South: dial refused: nothing listens (2 attempts)');
    expect(stdout).toContain('"approve South" or "decline South"');
    expect(asked.at(-1)?.token).toBe('Bearer token-1');
    expect(stdout).not.toContain(toBase64url(operator.privateKey));
  }, 180_000);

  it('shows one peer, by its name too, and as JSON where a program reads it', async () => {
    answers[`GET /v1/peers/${south}`] = { body: peer };
    expect((await withToken('show', 'South')).stdout).toMatch(/is asking\. It has asked[^]*TLS[^]*we lack +3 entries[^]*it lacks +1 entry, the oldest 2 min old/);
    expect(JSON.parse((await withToken('show', south, '--json')).stdout)).toEqual(peer);
  });

  it('acts with the reason it is given, under a key of its own', async () => {
    answers[`POST /v1/peers/${south}/actions`] = { body: { ...peer, state: 'blocked' } };
    const { code, stdout } = await withToken('block', 'South', '--reason', 'spam');
    expect([code, stdout]).toEqual([0, `South (${south}) is blocked. Nothing of it is heard.\n`]);
    expect(asked.at(-1)).toMatchObject({ body: { action: 'block', reason: 'spam' }, key: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown });
  });

  it('asks for a link', async () => {
    answers['POST /v1/peers'] = { status: 201, body: { ...peer, state: 'asked' } };
    expect((await withToken('add', 'https://south.example', '--relay', '--node', south)).stdout).toContain('Its operator decides now');
    expect(asked.at(-1)?.body).toEqual({ gatewayUrl: 'https://south.example', view: 'all', nodeId: south });
  });

  it('says what would be touched and who did not answer', async () => {
    const item = { what: 'open_chains', count: 2, sentence: '2 rings would stop.', examples: ['a', 'b'] };
    answers[`GET /v1/peers/${south}/impact`] = { body: { nodeId: south, name: 'South', action: 'block', isReversible: true, items: [item], unanswered: ['clearing'] } };
    expect((await withToken('impact', south)).stdout).toMatch(/If South is cut off:\n {2}2 rings would stop\.\n {4}such as a, b\n.*clearing.*\n.*undo.*Nothing was changed/);
  });

  it('carries the list out and brings it back, for a look first', async () => {
    answers['GET /v1/admissions/csv'] = { body: { csv: `node_id,name,verdict,reason\r\n${south},South,block,\r\n`, rows: 1 } };
    expect((await withToken('export', 'list.csv')).stdout).toBe('list.csv: 1 nodes\n');
    answers['POST /v1/admissions'] = { body: { dryRun: true, added: 1, changed: 0, unchanged: 0, changes: [{ nodeId: south, from: null, to: 'block' }] } };
    expect((await withToken('import', 'list.csv')).stdout).toMatch(/not listed -> block\n1 added.*Nothing was changed: repeat it with --apply/);
    expect(asked.at(-1)?.body).toEqual({ csv: readFileSync(join(folder, 'list.csv'), 'utf8'), dryRun: true });
    await withToken('import', 'list.csv', '--apply');
    expect(asked.at(-1)?.body).toMatchObject({ dryRun: false });
  });

  it.each<[string, string[], RegExp]>([
    ['that the node refuses', ['show', nodeIdOf('east')], /Peer is not known: this node has no such peer[^]*federation\.peer_unknown; .*story-1/],
    ['about a peer that nobody knows', ['pause', 'Nowhere'], /No peer is called Nowhere/],
    ['about a file that is not there', ['import', 'nothing.csv'], /nothing\.csv cannot be read/],
    ['to a gateway that is not there', ['list', '--gateway', 'http://127.0.0.1:65535'], /cannot be reached: .*ECONNREFUSED/],
  ])('ends with 1 for a request %s', async (_, args, reason) => {
    const { code, stdout, stderr } = await withToken(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('says who must sign in', async () => { expect(await run('list')).toMatchObject({ code: 1, stderr: expect.stringMatching(/--key/) as unknown }); });

  it.each([[[]], [['greet']], [['show']], [['list', 'South']], [['list', '--colour']], [['list', '--gateway', 'ftp://x']], [['list', '--key', 'a', '--token', 'b']]])('ends with 2 for %j and shows how it is used', async (args) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('usage: npm run -s peers') as unknown });
    expect(asked).toEqual([]);
  });

  it('shows how it is used where it is asked to', async () => { expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('usage:') as unknown }); });
});
