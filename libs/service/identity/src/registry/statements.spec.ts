import { describe, expect, it } from '@jest/globals';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { cooperativeClaim, participantClaim } from './statements.js';

const bakery = walletOf('bakery');
const ana = walletOf('ana');
const cooperative = { cooperative_id: bakery.did, node_id: nodeIdOf('north'), name: 'Bakery', place: 'Riverside', made_at: '2027-01-01T00:00:00Z' };
const participant = {
  participant_id: ana.did, node_id: nodeIdOf('north'), cooperative_id: bakery.did, handle: 'ana', display_name: 'Ana', made_at: '2027-01-01T00:00:00.000Z',
};
const badSignature = expect.objectContaining({ code: 'identity.bad_signature' });

describe('cooperativeClaim', () => {
  const signature = bakery.sign('sep/cooperative/v1', cooperative);

  it('says what the cooperative signed', () => {
    expect(cooperativeClaim(cooperative, signature)).toMatchObject({ did: bakery.did, homeNode: nodeIdOf('north'), name: 'Bakery', place: 'Riverside' });
  });
  it.each<[string, object]>([
    ['node_id', { node_id: nodeIdOf('south') }], ['name', { name: 'bakery' }], ['place', { place: null }],
    ['made_at', { made_at: '2027-01-01T00:00:00.000Z' }], ['cooperative_id', { cooperative_id: ana.did }],
  ])('refuses another %s than the signed one', (_field, change) => {
    expect(() => cooperativeClaim({ ...cooperative, ...change }, signature)).toThrow(badSignature);
  });
  it('refuses the signature of another key, and one for another purpose', () => {
    expect(() => cooperativeClaim(cooperative, ana.sign('sep/cooperative/v1', cooperative))).toThrow(badSignature);
    expect(() => cooperativeClaim(cooperative, bakery.sign('sep/participant/v1', cooperative))).toThrow(badSignature);
  });
});

describe('participantClaim', () => {
  const signature = ana.sign('sep/participant/v1', participant);

  it('says what the participant signed, the moment letter by letter', () => {
    expect(participantClaim(participant, signature)).toMatchObject({
      did: ana.did, homeNode: nodeIdOf('north'), cooperativeId: bakery.did, handle: 'ana', displayName: 'Ana', madeAt: '2027-01-01T00:00:00.000Z',
    });
  });
  it.each<[string, object]>([
    ['node_id', { node_id: nodeIdOf('south') }], ['cooperative_id', { cooperative_id: walletOf('mill').did }], ['handle', { handle: 'anna' }],
    ['display_name', { display_name: 'Anna' }], ['made_at', { made_at: '2027-01-01T00:00:00Z' }], ['participant_id', { participant_id: bakery.did }],
  ])('refuses another %s than the signed one', (_field, change) => {
    expect(() => participantClaim({ ...participant, ...change }, signature)).toThrow(badSignature);
  });
  it('refuses the signature of another key, and one for another purpose', () => {
    expect(() => participantClaim(participant, bakery.sign('sep/participant/v1', participant))).toThrow(badSignature);
    expect(() => participantClaim(participant, ana.sign('sep/cooperative/v1', participant))).toThrow(badSignature);
  });
});
