import { beforeAll, describe, expect, it } from '@jest/globals';
import { DependencyError } from '@kula/platform-messaging';
import { Clock } from '@kula/platform-runtime';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import { SessionAuthenticator } from './session-authenticator.js';
import { SessionKeys } from './session-keys.js';

const NOON = Date.parse('2026-12-01T12:00:00Z');
const MINUTE_MS = 60_000;
const ana = walletOf('ana').did;

class TurnedClock extends Clock {
  ms = NOON;
  override now(): Date { return new Date(this.ms); }
}

interface Signer { readonly key: CryptoKey; readonly jwk: JWK & { readonly kid: string } }

async function signer(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), alg: 'EdDSA', kid } };
}

describe('a session', () => {
  let first: Signer;
  let second: Signer;
  beforeAll(async () => { [first, second] = await Promise.all([signer('first'), signer('second')]); });

  function bench() {
    const clock = new TurnedClock();
    const served = { keys: [first.jwk] as JWK[], isAway: false, asked: 0 };
    const keys = new SessionKeys(async () => {
      served.asked += 1;
      if (served.isAway) throw new DependencyError('nobody answers');
      return { keys: served.keys };
    }, clock);
    const authenticator = new SessionAuthenticator(keys, nodeIdOf('north'), clock);
    return { clock, served, authenticate: (token: string) => authenticator.authenticate(`Bearer ${token}`), authenticator };
  }

  interface Claims { readonly issuer?: string; readonly role?: string; readonly subject?: string; readonly expiresMs?: number | null; readonly alg?: string }
  function token({ issuer = nodeIdOf('north'), role = 'participant', subject = ana, expiresMs = NOON + 15 * MINUTE_MS }: Claims = {}, by = first): Promise<string> {
    const jwt = new SignJWT({ role }).setProtectedHeader({ alg: 'EdDSA', kid: by.jwk.kid }).setIssuer(issuer).setSubject(subject);
    return (expiresMs === null ? jwt : jwt.setExpirationTime(new Date(expiresMs))).sign(by.key);
  }

  it('says who is signed in', async () => {
    expect(await bench().authenticate(await token())).toEqual({ did: ana, role: 'participant' });
  });

  it.each<[string, () => Promise<string>, string]>([
    ['of another issuer', () => token({ issuer: nodeIdOf('south') }), 'not valid at this node'],
    ['that has expired', () => token({ expiresMs: NOON - MINUTE_MS }), 'has expired'],
    ['that never expires', () => token({ expiresMs: null }), 'not valid at this node'],
    ['with a role that does not exist', () => token({ role: 'king' }), 'names no party'],
    ['whose subject is no party', () => token({ subject: 'ana' }), 'names no party'],
    ['signed by another key under the same id', () => token({}, { key: second.key, jwk: first.jwk }), 'not valid at this node'],
    ['signed by a key nobody knows', () => token({}, second), 'not valid at this node'],
    ['signed with a shared secret', () => new SignJWT({ role: 'operator' }).setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .setIssuer(nodeIdOf('north')).setSubject(ana).setExpirationTime('1h').sign(new TextEncoder().encode(first.jwk.x)), 'not valid at this node'],
    ['without a signature', async () => new UnsecuredJWT({ role: 'operator' }).setIssuer(nodeIdOf('north')).setSubject(ana).setExpirationTime('1h').encode(), 'carries no bearer token'],
    ['without a signature but with the form of one', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.AA`, 'not valid at this node'],
    ['that is no token', async () => 'hello', 'carries no bearer token'],
  ])('refuses a token %s', async (_what, made, reason) => {
    await expect(bench().authenticate(await made())).rejects.toMatchObject({ code: 'access.not_signed_in', message: expect.stringContaining(reason) });
  });

  it.each([undefined, 'Basic YTpi', 'Bearer'])('refuses the header %s', async (header) => {
    await expect(bench().authenticator.authenticate(header)).rejects.toMatchObject({ code: 'access.not_signed_in' });
  });

  it('asks for the keys once, however many come in at once', async () => {
    const { authenticate, served } = bench();
    const tokens = await Promise.all([token(), token(), token()]);
    await Promise.all(tokens.map(authenticate));
    expect(served.asked).toBe(1);
  });

  it('finds a new key at once, and does not ask again for every forged one', async () => {
    const { authenticate, served, clock } = bench();
    await authenticate(await token());
    served.keys = [first.jwk, second.jwk];
    expect(await authenticate(await token({}, second))).toMatchObject({ did: ana });
    const forged = await token({}, { key: second.key, jwk: { ...second.jwk, kid: 'third' } });
    for (let n = 0; n < 5; n += 1) await expect(authenticate(forged)).rejects.toThrow('not valid');
    expect(served.asked).toBe(2);
    clock.ms += 1_000;
    await expect(authenticate(forged)).rejects.toThrow('not valid');
    expect(served.asked).toBe(3);
  });

  it('forgets a withdrawn key after five minutes', async () => {
    const { authenticate, served, clock } = bench();
    await authenticate(await token());
    served.keys = [second.jwk];
    clock.ms += 6 * MINUTE_MS;
    await expect(authenticate(await token())).rejects.toThrow('not valid');
  });

  it('outlives a short absence of the identity service, but does not begin in one', async () => {
    const { authenticate, served, clock } = bench();
    await authenticate(await token());
    served.isAway = true;
    clock.ms += 6 * MINUTE_MS;
    expect(await authenticate(await token())).toMatchObject({ did: ana });
    const fresh = bench();
    fresh.served.isAway = true;
    await expect(fresh.authenticate(await token())).rejects.toBeInstanceOf(DependencyError);
  });
});
