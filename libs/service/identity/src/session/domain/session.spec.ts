import { describe, expect, it } from '@jest/globals';
import { checkUnexpired, roleOf, sessionSpan } from './session.js';

const own = { nodeId: 'north', operatorId: 'did:dia' };

describe('roleOf', () => {
  it.each([
    ['a participant of this node', 'did:ana', { kind: 'participant', homeNode: 'north' } as const, 'participant'],
    ['a cooperative of this node', 'did:bakery', { kind: 'cooperative', homeNode: 'north' } as const, 'cooperative'],
    ['the operator', 'did:dia', undefined, 'operator'],
    ['the operator, also where the same key is registered', 'did:dia', { kind: 'participant', homeNode: 'south' } as const, 'operator'],
  ])('knows %s', (_who, did, party, role) => { expect(roleOf(did, own, party)).toBe(role); });
  it.each([
    ['strangers', undefined],
    ['participants of other nodes', { kind: 'participant', homeNode: 'south' } as const],
    ['cooperatives of other nodes', { kind: 'cooperative', homeNode: 'south' } as const],
  ])('refuses %s', (_who, party) => {
    expect(() => roleOf('did:ben', own, party)).toThrow(expect.objectContaining({ code: 'identity.party_unknown' }));
  });
});

describe('checkUnexpired', () => {
  const challenge = { did: 'did:ana', expiresAtMs: 1000 };
  it('lets an answer in time pass', () => { expect(() => checkUnexpired(challenge, 999)).not.toThrow(); });
  it('refuses an answer at the very moment of expiry', () => {
    expect(() => checkUnexpired(challenge, 1000)).toThrow(expect.objectContaining({ code: 'identity.challenge_expired' }));
  });
});

describe('sessionSpan', () => {
  it('lasts a quarter of an hour in whole seconds', () => { expect(sessionSpan(1_999)).toEqual({ issuedAt: 1, expiresAt: 901 }); });
});
