import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, identity, nodeAnnounced, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { identityService } from '../identity-service.js';

const NORTH = nodeIdOf('north');
const MADE_AT = '2027-01-01T00:00:00Z';
const [dia, bakery, ana, southern] = [walletOf('dia'), walletOf('bakery'), walletOf('ana'), walletOf('southern')];
const operator: Caller = { did: dia.did, role: 'operator' };
const SETTINGS = { KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: dia.did };
const refusal = (code: string) => expect.objectContaining({ code });

let probe: ServiceProbe;

beforeAll(async () => {
  probe = await ServiceProbe.start(identityService, SETTINGS);
  const joining = { cooperative_id: bakery.did, node_id: NORTH, name: 'Bakery', place: null, made_at: MADE_AT };
  await probe.ask(identity.registerCooperative, { cooperativeId: bakery.did, name: 'Bakery', madeAt: MADE_AT, signature: bakery.sign('sep/cooperative/v1', joining) }, operator);
  const member = { participant_id: ana.did, node_id: NORTH, cooperative_id: bakery.did, handle: 'ana', display_name: 'Ana', made_at: MADE_AT };
  await probe.ask(identity.registerParticipant, {
    participantId: ana.did, cooperativeId: bakery.did, handle: 'ana', displayName: 'Ana', madeAt: MADE_AT, signature: ana.sign('sep/participant/v1', member),
  }, operator);
});
afterAll(() => probe.stop());

const challengeOf = async ({ did }: Wallet) => (await probe.ask(identity.openChallenge, { did })).challenge;
const answerBy = (wallet: Wallet, challenge: string, node = NORTH) =>
  ({ did: wallet.did, challenge, signature: wallet.sign('sep/login/v1', { challenge, did: wallet.did, node_id: node }) });
const signIn = async (wallet: Wallet) => probe.ask(identity.openSession, answerBy(wallet, await challengeOf(wallet)));
const keys = async () => (await probe.ask(identity.listSessionKeys, {})) as JSONWebKeySet;
const age = (challenge: string, by: string) => probe.sql(`UPDATE challenge SET expires_at = expires_at - $2::interval WHERE challenge = $1`, [challenge, by]);

describe('signing in', () => {
  it.each([
    ['a participant', ana, 'participant'], ['a cooperative', bakery, 'cooperative'], ['the operator', dia, 'operator'],
  ])('gives %s a token that the published keys verify', async (_who, wallet, role) => {
    const { token, expiresAt, caller } = await signIn(wallet);
    expect(caller).toEqual({ did: wallet.did, role });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await keys()), { issuer: NORTH, subject: wallet.did, algorithms: ['EdDSA'] });
    expect(payload).toEqual({ iss: NORTH, sub: wallet.did, role, iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) });
    expect(payload.exp! - payload.iat!).toBe(15 * 60);
    expect(new Date(expiresAt).getTime()).toBe(payload.exp! * 1000);
    expect(protectedHeader.kid).toBe((await keys()).keys[0]?.kid);
  });

  it('gives every session a token of its own', async () => {
    const [first, second] = [await signIn(ana), await signIn(ana)];
    expect(first.token).not.toBe(second.token);
  });

  it('gives a challenge of two minutes for this node, never the same twice', async () => {
    const asked = Date.now();
    const [first, second] = [await probe.ask(identity.openChallenge, { did: ana.did }), await probe.ask(identity.openChallenge, { did: ana.did })];
    expect(first.nodeId).toBe(NORTH);
    expect(first.challenge).not.toBe(second.challenge);
    expect(new Date(first.expiresAt).getTime()).toBeGreaterThanOrEqual(asked + 2 * 60_000);
    expect(new Date(first.expiresAt).getTime()).toBeLessThanOrEqual(Date.now() + 2 * 60_000);
  });

  it('gives no challenge to strangers, nor to parties of other nodes', async () => {
    await expect(probe.ask(identity.openChallenge, { did: walletOf('nobody').did })).rejects.toEqual(refusal('identity.party_unknown'));
    await probe.deliver(nodeAnnounced, {
      node_id: nodeIdOf('south'), name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: walletOf('operator south').did,
      recovery_key_hash: null, protocol: 1,
    }, { issuer: nodeIdOf('south') });
    const statement = { cooperative_id: southern.did, node_id: nodeIdOf('south'), name: 'Southern', place: null, made_at: MADE_AT };
    await probe.deliver(cooperativeAnnounced, { statement, signature: southern.sign('sep/cooperative/v1', statement) }, { issuer: nodeIdOf('south') });
    await until('the southern cooperative', async () => (await probe.ask(identity.listCooperatives, {})).items.some(({ cooperativeId }) => cooperativeId === southern.did));
    for (const did of [southern.did, walletOf('operator south').did]) {
      await expect(probe.ask(identity.openChallenge, { did })).rejects.toEqual(refusal('identity.party_unknown'));
    }
  });
});

describe('a challenge', () => {
  it('is good for one session', async () => {
    const answer = answerBy(ana, await challengeOf(ana));
    await probe.ask(identity.openSession, answer);
    await expect(probe.ask(identity.openSession, answer)).rejects.toEqual(refusal('identity.challenge_unknown'));
  });

  it('opens one session for those who answer it at the same time', async () => {
    const answer = answerBy(ana, await challengeOf(ana));
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => probe.ask(identity.openSession, answer)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of answers) if (each.status === 'rejected') expect(each.reason).toEqual(refusal('identity.challenge_unknown'));
  });

  it('is for the party that asked, and for no other', async () => {
    const challenge = await challengeOf(ana);
    await expect(probe.ask(identity.openSession, answerBy(bakery, challenge))).rejects.toEqual(refusal('identity.challenge_unknown'));
    expect((await probe.ask(identity.openSession, answerBy(ana, challenge))).caller.did).toBe(ana.did);
  });

  it('stays open after a wrong signature: by another key, for another node, for another purpose', async () => {
    const challenge = await challengeOf(ana);
    const document = { challenge, did: ana.did, node_id: NORTH };
    const wrong = [bakery.sign('sep/login/v1', document), answerBy(ana, challenge, nodeIdOf('south')).signature, ana.sign('sep/consent/v1', document)];
    for (const signature of wrong) {
      await expect(probe.ask(identity.openSession, { did: ana.did, challenge, signature })).rejects.toEqual(refusal('identity.bad_signature'));
    }
    expect((await probe.ask(identity.openSession, answerBy(ana, challenge))).caller.did).toBe(ana.did);
  });

  // Each row puts one more thing right: all that follow are still wrong, so the table walks the refusals in their order.
  it.each<[string, { known: boolean; aged: boolean; by: Wallet }]>([
    ['identity.challenge_unknown', { known: false, aged: true, by: ana }],
    ['identity.challenge_expired', { known: true, aged: true, by: ana }],
    ['identity.bad_signature', { known: true, aged: false, by: ana }],
    ['identity.party_unknown', { known: true, aged: false, by: walletOf('gone') }],
  ])('is refused with %s first', async (code, { known, aged, by }) => {
    const gone = walletOf('gone');
    const challenge = `walk-${code.replaceAll('.', '-')}`;
    if (known) await probe.sql(`INSERT INTO challenge VALUES ($1, $2, now() + interval '2 minutes')`, [challenge, gone.did]);
    if (aged) await age(challenge, '121 seconds');
    const signature = by.sign('sep/login/v1', { challenge, did: gone.did, node_id: NORTH });
    await expect(probe.ask(identity.openSession, { did: gone.did, challenge, signature })).rejects.toEqual(refusal(code));
  });

  it('is refused as malformed where it holds what no challenge holds', async () => {
    await expect(probe.ask(identity.openSession, answerBy(ana, 'a\0b'))).rejects.toEqual(refusal('message.malformed'));
  });

  it('is good until it expires, and is then refused though rightly signed', async () => {
    const [young, old] = [await challengeOf(ana), await challengeOf(ana)];
    await age(young, '90 seconds');
    await age(old, '121 seconds');
    expect((await probe.ask(identity.openSession, answerBy(ana, young))).caller.did).toBe(ana.did);
    await expect(probe.ask(identity.openSession, answerBy(ana, old))).rejects.toEqual(refusal('identity.challenge_expired'));
  });
});

describe('a restart', () => {
  it('keeps open challenges and the signing key, and sweeps challenges that expired long ago', async () => {
    const { token } = await signIn(ana);
    const [open, late, forgotten] = [await challengeOf(ana), await challengeOf(ana), await challengeOf(ana)];
    await age(late, '5 minutes');
    await age(forgotten, '1 hour');
    await probe.restart();
    await until('the sweep', async () => (await probe.sql('SELECT 1 FROM challenge WHERE challenge = $1', [forgotten])).length === 0);
    await expect(probe.ask(identity.openSession, answerBy(ana, forgotten))).rejects.toEqual(refusal('identity.challenge_unknown'));
    await expect(probe.ask(identity.openSession, answerBy(ana, late))).rejects.toEqual(refusal('identity.challenge_expired'));
    expect((await probe.ask(identity.openSession, answerBy(ana, open))).caller.did).toBe(ana.did);
    const { payload } = await jwtVerify(token, createLocalJWKSet(await keys()));
    expect(payload.sub).toBe(ana.did);
  });
});

describe('the published keys', () => {
  it('hold the public half only', async () => {
    const { keys: [key, ...others] } = await keys();
    expect(others).toEqual([]);
    expect(key).toEqual({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: expect.any(String), kid: expect.any(String) });
    expect(decodeProtectedHeader((await signIn(dia)).token).kid).toBe(key?.kid);
  });
});
