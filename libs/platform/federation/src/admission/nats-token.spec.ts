import { describe, expect, it } from '@jest/globals';
import { createAccount, createServer, createUser, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { privateKeyIn, publicKeyIn } from './nkey-bytes.js';
import { claimsIn, isSignatureOf, isSignedBy, signToken, tokenIssuer } from './nats-token.js';

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const account = createAccount();
const issuer = tokenIssuer(textOf(account.getSeed()));
const token = signToken(issuer, { sub: 'U', name: 'Süd' }, 1_700_000_000_999);
const changed = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

describe('the bytes of an NKey', () => {
  it.each<[string, () => KeyPair]>([['a user', createUser], ['an account', createAccount], ['a server', createServer]])('of %s sign and check as the library does', (_, create) => {
    for (let round = 0; round < 5; round += 1) {
      const pair = create();
      const { privateKey, publicNkey } = privateKeyIn(textOf(pair.getSeed()));
      expect(publicNkey).toBe(pair.getPublicKey());
      const ours = signToken({ publicNkey, privateKey }, {}, 0);
      const [header = '', body = '', signature = ''] = ours.split('.');
      expect(fromPublic(publicNkey).verify(bytesOf(`${header}.${body}`), Buffer.from(signature, 'base64url'))).toBe(true);
      expect(isSignatureOf(publicNkey, 'nonce', pair.sign(bytesOf('nonce')))).toBe(true);
      expect(isSignatureOf(publicNkey, 'nonce ', pair.sign(bytesOf('nonce')))).toBe(false);
    }
  });

  it.each(['', 'U', `U${'A'.repeat(55)}`, account.getPublicKey().toLowerCase(), changed(account.getPublicKey(), 20), `${account.getPublicKey()}A`, '0'.repeat(56), 'ü'])('are none in %j', (text) => {
    expect(publicKeyIn(text)).toBeUndefined();
    expect(isSignatureOf(text, 'nonce', new Uint8Array(64))).toBe(false);
  });
});

describe('a token', () => {
  it('says what it was given, who signed it and when', () => {
    expect(claimsIn(token)).toEqual({ iss: account.getPublicKey(), iat: 1_700_000_000, sub: 'U', name: 'Süd' });
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({ typ: 'JWT', alg: 'ed25519-nkey' });
  });

  it('counts as signed by its issuer alone, unchanged', () => {
    expect(isSignedBy(token, account.getPublicKey())).toBe(true);
    expect(isSignedBy(token, createAccount().getPublicKey())).toBe(false);
    for (const at of [3, token.indexOf('.') + 9, token.lastIndexOf('.') + 9]) expect(isSignedBy(changed(token, at), account.getPublicKey())).toBe(false);
    expect(isSignedBy(`${token}.x`, account.getPublicKey())).toBe(false);
    expect(isSignedBy(token.slice(0, token.lastIndexOf('.')), account.getPublicKey())).toBe(false);
  });

  it.each(['', 'x', '..', 'a.b.c', 'a.!!.c', `a.${Buffer.from('{').toString('base64url')}.c`, `a.${Buffer.from([0xff]).toString('base64url')}.c`])('has no claims in %j', (text) => {
    expect(claimsIn(text)).toBeUndefined();
    expect(isSignedBy(text, account.getPublicKey())).toBe(false);
  });

  it('is issued by accounts alone', () => {
    expect(() => tokenIssuer(textOf(createUser().getSeed()))).toThrow(/seed of an account/);
    expect(() => tokenIssuer('SA')).toThrow();
    expect(() => tokenIssuer(account.getPublicKey())).toThrow();
    expect(fromSeed(account.getSeed()).getPublicKey()).toBe(issuer.publicNkey);
  });
});
