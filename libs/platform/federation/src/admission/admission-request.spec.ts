import { describe, expect, it } from '@jest/globals';
import { createAccount, createServer, createUser } from '@nats-io/nkeys';
import { isFromServer, isProven, requestIn } from './admission-request.js';
import { privateKeyIn } from './nkey-bytes.js';
import { signToken } from './nats-token.js';

const server = createServer();
const client = createUser();
const connectionNkey = createUser().getPublicKey();
const keyOf = (pair: { getSeed(): Uint8Array }) => privateKeyIn(new TextDecoder().decode(pair.getSeed()));
const serverKey = keyOf(server);
const signature = Buffer.from(client.sign(new TextEncoder().encode('nonce-1')));

const question = {
  type: 'authorization_request', version: 2, server_id: { name: 'north', host: '127.0.0.1', id: server.getPublicKey(), version: '2.15.1' }, user_nkey: connectionNkey,
  client_info: { host: '192.0.2.7', id: 11, user: client.getPublicKey(), kind: 'Client', type: 'nats', nonce: 'nonce-1' },
  connect_opts: { nkey: client.getPublicKey(), sig: signature.toString('base64'), protocol: 1 }, client_tls: { version: '1.3' },
};
const tokenOf = (nats: object, by = serverKey) => signToken(by, { aud: 'nats-authorization-request', nats }, 0);
const proofIn = (opts: object, info: object = {}) =>
  requestIn(tokenOf({ ...question, connect_opts: { protocol: 1, ...opts }, client_info: { ...question.client_info, ...info } }))?.proof;

describe('an admission request', () => {
  it('says who knocks where, and with which proof', () => {
    const token = tokenOf(question);
    const request = requestIn(token);
    expect(request).toEqual({
      server: server.getPublicKey(), connectionNkey, connectionId: 11, host: '192.0.2.7', isTls: true, isPlainClient: true,
      proof: { publicNkey: client.getPublicKey(), nonce: 'nonce-1', signature },
    });
    expect(isFromServer(token, request!)).toBe(true);
    expect(isProven(request!.proof!)).toBe(true);
  });

  it.each(['base64', 'base64url'] as const)('takes a signature in %s', (alphabet) => {
    const proof = proofIn({ nkey: client.getPublicKey(), sig: signature.toString(alphabet) });
    expect(isProven(proof!)).toBe(true);
  });

  it.each<[string, object, object]>([
    ['of another nonce', { nkey: client.getPublicKey(), sig: signature.toString('base64') }, { nonce: 'nonce-2' }],
    ['of another key', { nkey: createUser().getPublicKey(), sig: signature.toString('base64') }, {}],
    ['that is cut', { nkey: client.getPublicKey(), sig: signature.subarray(0, 63).toString('base64') }, {}],
    ['that is none', { nkey: client.getPublicKey(), sig: '' }, {}],
  ])('is not proven by a signature %s', (_, opts, info) => {
    expect(isProven(proofIn(opts, info)!)).toBe(false);
  });

  it.each<[string, object, object]>([
    ['no signature', { nkey: client.getPublicKey() }, {}], ['no key', { sig: signature.toString('base64') }, {}], ['the key of an account', { nkey: createAccount().getPublicKey(), sig: 'A' }, {}],
    ['a password', { user: 'node', pass: 'guessed' }, {}], ['no nonce', { nkey: client.getPublicKey(), sig: 'A' }, { nonce: undefined }],
  ])('has no proof where the client shows %s', (_, opts, info) => { expect(proofIn(opts, info)).toBeUndefined(); });

  it('tells ordinary clients from leaf nodes, websockets and MQTT, and TLS from none', () => {
    const seen = [{ kind: 'Leafnode' }, { type: 'websocket' }, { type: 'mqtt' }, {}].map((info) => requestIn(tokenOf({ ...question, client_info: { ...question.client_info, ...info } }))?.isPlainClient);
    expect(seen).toEqual([false, false, false, true]);
    expect(requestIn(tokenOf({ ...question, client_tls: undefined }))?.isTls).toBe(false);
  });

  it.each<[string, string]>([
    ['no token', 'hello'], ['empty', ''], ['of another kind', tokenOf({ ...question, type: 'user' })], ['without a connection', tokenOf({ ...question, user_nkey: undefined })],
    ['of a connection of no number', tokenOf({ ...question, client_info: { ...question.client_info, id: 'x' } })], ['signed by another than the server it names', tokenOf(question, keyOf(createServer()))],
    ['longer than a server writes', tokenOf({ ...question, padding: 'x'.repeat(16_384) })],
  ])('is none where it is %s', (_, token) => { expect(requestIn(token)).toBeUndefined(); });

  it('is not from the server where somebody else signed in its name', () => {
    const forged = signToken({ ...keyOf(createServer()), publicNkey: server.getPublicKey() }, { nats: question }, 0);
    expect(isFromServer(forged, requestIn(forged)!)).toBe(false);
  });
});
