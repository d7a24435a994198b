import { describe, expect, it } from '@jest/globals';
import {
  checkMembership, checkRegistrar, noveltyOfCooperative, noveltyOfParticipant, type CooperativeClaim, type KnownParty, type ParticipantClaim,
} from './claims.js';

const signed = { statementHash: 'hash', signature: 'signature', madeAt: '2027-01-01T00:00:00Z' };
const cooperative: CooperativeClaim = { kind: 'cooperative', did: 'did:bakery', homeNode: 'north', name: 'Bakery', place: null, ...signed };
const ana: ParticipantClaim = {
  kind: 'participant', did: 'did:ana', homeNode: 'north', cooperativeId: 'did:bakery', handle: 'ana', displayName: 'Ana', ...signed,
};
const knownAs = ({ kind, homeNode, statementHash }: KnownParty, change: Partial<KnownParty> = {}): KnownParty => ({ kind, homeNode, statementHash, ...change });

const OTHERWISE: [string, Partial<KnownParty>][] = [
  ['another statement', { statementHash: 'other' }],
  ['another node', { homeNode: 'south', statementHash: 'other' }],
];

describe('noveltyOfCooperative', () => {
  it('takes an unknown did as new', () => { expect(noveltyOfCooperative(cooperative, undefined)).toBe('new'); });
  it('takes the same statement as a repetition', () => { expect(noveltyOfCooperative(cooperative, knownAs(cooperative))).toBe('same'); });
  it.each([...OTHERWISE, ['a participant', { kind: 'participant' } as const]])('refuses a did that stands for %s', (_what, change) => {
    expect(() => noveltyOfCooperative(cooperative, knownAs(cooperative, change))).toThrow(expect.objectContaining({ code: 'identity.cooperative_exists' }));
  });
});

describe('noveltyOfParticipant', () => {
  it('takes an unknown did with a free handle as new', () => { expect(noveltyOfParticipant(ana, undefined, undefined)).toBe('new'); });
  it('takes the same statement as a repetition, though its handle is its own', () => {
    expect(noveltyOfParticipant(ana, knownAs(ana), ana.did)).toBe('same');
  });
  it.each([...OTHERWISE, ['a cooperative', { kind: 'cooperative' } as const]])('refuses a did that stands for %s, before looking at the handle', (_what, change) => {
    expect(() => noveltyOfParticipant(ana, knownAs(ana, change), 'did:ben')).toThrow(expect.objectContaining({ code: 'identity.participant_exists' }));
  });
  it('refuses a handle that somebody has', () => {
    expect(() => noveltyOfParticipant(ana, undefined, 'did:ben')).toThrow(expect.objectContaining({ code: 'identity.handle_taken' }));
  });
});

describe('checkMembership', () => {
  it('lets a member of a cooperative of the same node pass', () => { expect(() => checkMembership(ana, knownAs(cooperative))).not.toThrow(); });
  it.each([
    ['an unknown cooperative', undefined],
    ['a cooperative of another node', knownAs(cooperative, { homeNode: 'south' })],
    ['a participant', knownAs(cooperative, { kind: 'participant' })],
  ])('refuses %s', (_what, known) => {
    expect(() => checkMembership(ana, known)).toThrow(expect.objectContaining({ code: 'identity.cooperative_unknown' }));
  });
});

describe('checkRegistrar', () => {
  it.each([
    ['the cooperative itself', { did: 'did:bakery', role: 'cooperative' }],
    ['the operator', { did: 'did:dia', role: 'operator' }],
  ])('lets %s pass', (_who, asker) => { expect(() => checkRegistrar(ana, asker)).not.toThrow(); });
  it.each([
    ['another cooperative', { did: 'did:mill', role: 'cooperative' }],
    ['the participant', { did: 'did:ana', role: 'participant' }],
    ['a participant with the key of the cooperative', { did: 'did:bakery', role: 'participant' }],
    ['nobody', null],
  ])('refuses %s', (_who, asker) => {
    expect(() => checkRegistrar(ana, asker)).toThrow(expect.objectContaining({ code: 'identity.not_your_cooperative' }));
  });
});
