import { describe, expect, it } from '@jest/globals';
import { portableEd25519 } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { isSignedByCooperative, isSignedByParticipant } from './party-announcements.js';

const [bakery, ana] = [walletOf('bakery'), walletOf('ana')];
const cooperative = { cooperative_id: bakery.did, node_id: nodeIdOf('north'), name: 'Bakery', place: null, made_at: '2027-01-01T00:00:00Z' };
const participant = {
  participant_id: ana.did, node_id: nodeIdOf('north'), cooperative_id: bakery.did, handle: 'ana', display_name: 'Ana', made_at: '2027-01-01T00:00:00Z',
};

describe('isSignedByCooperative', () => {
  const isSigned = (signature: string, change: object = {}) => isSignedByCooperative(portableEd25519, { statement: { ...cooperative, ...change }, signature });

  it('accepts what the cooperative signed for that purpose, and nothing else', () => {
    const signature = bakery.sign('sep/cooperative/v1', cooperative);
    expect(isSigned(signature)).toBe(true);
    expect(isSigned(signature, { node_id: nodeIdOf('south') })).toBe(false);
    expect(isSigned(ana.sign('sep/cooperative/v1', cooperative))).toBe(false);
    expect(isSigned(bakery.sign('sep/participant/v1', cooperative))).toBe(false);
    expect(isSigned('none')).toBe(false);
  });
});

describe('isSignedByParticipant', () => {
  const isSigned = (signature: string, change: object = {}) => isSignedByParticipant(portableEd25519, { statement: { ...participant, ...change }, signature });

  it('accepts what the participant signed for that purpose, and nothing else', () => {
    const signature = ana.sign('sep/participant/v1', participant);
    expect(isSigned(signature)).toBe(true);
    expect(isSigned(signature, { node_id: nodeIdOf('south') })).toBe(false);
    expect(isSigned(bakery.sign('sep/participant/v1', participant))).toBe(false);
    expect(isSigned(ana.sign('sep/cooperative/v1', participant))).toBe(false);
    expect(isSigned('none')).toBe(false);
  });
});
