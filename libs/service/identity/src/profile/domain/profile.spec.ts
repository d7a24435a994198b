import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkMade, ENTRY_AHEAD_MS, REQUEST_AHEAD_MS, standingOf, type Profile, type ProfileRank } from './profile.js';

const rank = fc.record({ madeAtMs: fc.nat({ max: 3 }), statementHash: fc.constantFrom('a', 'b', 'c') });

describe('standingOf', () => {
  it('takes the first profile', () => { expect(standingOf({ madeAtMs: 1, statementHash: 'a' }, undefined)).toBe('later'); });
  it.each<[ProfileRank, string]>([
    [{ madeAtMs: 3, statementHash: 'a' }, 'later'], [{ madeAtMs: 1, statementHash: 'z' }, 'earlier'], [{ madeAtMs: 2, statementHash: 'm' }, 'same'],
    [{ madeAtMs: 2, statementHash: 'n' }, 'later'], [{ madeAtMs: 2, statementHash: 'l' }, 'earlier'],
  ])('puts %j against a known one of 2, m: %s', (profile, standing) => { expect(standingOf(profile, { madeAtMs: 2, statementHash: 'm' })).toBe(standing); });

  it('lets every order of arrival end with the same profile', () => {
    const last = (arrivals: readonly ProfileRank[]) =>
      arrivals.reduce<ProfileRank | undefined>((known, next) => (standingOf(next, known) === 'later' ? next : known), undefined);
    const shuffled = fc.array(rank, { minLength: 1, maxLength: 6 }).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(fc.property(shuffled, ([all, other]) => { expect(last(other)).toEqual(last(all)); }));
  });
});

describe('checkMade', () => {
  const made = (madeAtMs: number): Profile => ({
    cooperativeId: 'did:mill', homeNode: 'north', description: null, place: null, capabilities: [], units: [], contact: null, madeAt: 'then', madeAtMs,
    statementHash: 'a', signature: 's',
  });
  it('lets pass what is made a little ahead, and refuses what is further', () => {
    expect(() => checkMade(made(1_000 + REQUEST_AHEAD_MS), 1_000, REQUEST_AHEAD_MS)).not.toThrow();
    expect(() => checkMade(made(1_001 + REQUEST_AHEAD_MS), 1_000, REQUEST_AHEAD_MS)).toThrow(expect.objectContaining({ code: 'identity.profile_from_future' }));
  });
  it('takes of others whatever a node takes of its own', () => { expect(ENTRY_AHEAD_MS).toBeGreaterThan(REQUEST_AHEAD_MS); });
});
