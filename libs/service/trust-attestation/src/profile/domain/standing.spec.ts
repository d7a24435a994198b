import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NEUTRAL, standingOf, type Reputation } from './standing.js';

const ONE = 1_000_000;
const micro = fc.integer({ min: 0, max: ONE });
const count = fc.oneof(fc.nat(20), fc.maxSafeNat());
const anyReputation = fc.record<Reputation>({ exchangesCompleted: count, partnerCount: count, satisfactionRate: fc.option(micro) });

describe('standingOf', () => {
  it.each<[string, Reputation, number, number]>([
    ['nobody knows', { exchangesCompleted: 0, partnerCount: 0, satisfactionRate: null }, ONE, 500_000],
    ['one good exchange', { exchangesCompleted: 1, partnerCount: 1, satisfactionRate: ONE }, ONE, 600_000],
    ['four good exchanges', { exchangesCompleted: 4, partnerCount: 4, satisfactionRate: ONE }, ONE, 750_000],
    ['four good exchanges said by a node of half credibility', { exchangesCompleted: 4, partnerCount: 4, satisfactionRate: ONE }, 500_000, 625_000],
    ['a hundred exchanges of one pair count as two', { exchangesCompleted: 100, partnerCount: 1, satisfactionRate: ONE }, ONE, 666_666],
    ['four bad exchanges', { exchangesCompleted: 4, partnerCount: 4, satisfactionRate: 0 }, ONE, 250_000],
    ['no credibility at all', { exchangesCompleted: 40, partnerCount: 40, satisfactionRate: ONE }, 0, 500_000],
  ])('%s', (_case, reputation, credibility, standing) => expect(standingOf(reputation, credibility)).toBe(standing));

  it('lies between neutral and the rate', () => {
    fc.assert(fc.property(anyReputation, micro, (reputation, credibility) => {
      const standing = standingOf(reputation, credibility);
      const rate = reputation.satisfactionRate ?? NEUTRAL;
      expect(Number.isInteger(standing)).toBe(true);
      expect(standing).toBeGreaterThanOrEqual(Math.min(NEUTRAL, rate));
      expect(standing).toBeLessThanOrEqual(Math.max(NEUTRAL, rate));
    }));
  });

  it('never falls when the rate rises', () => {
    fc.assert(fc.property(anyReputation, micro, micro, micro, (reputation, one, other, credibility) => {
      const at = (satisfactionRate: number) => standingOf({ ...reputation, satisfactionRate }, credibility);
      expect(at(Math.max(one, other))).toBeGreaterThanOrEqual(at(Math.min(one, other)));
    }));
  });

  it('moves away from neutral, never back, with more exchanges and more credibility', () => {
    fc.assert(fc.property(anyReputation, count, micro, micro, (reputation, more, one, other) => {
      const distance = (exchangesCompleted: number, credibility: number) => Math.abs(standingOf({ ...reputation, exchangesCompleted }, credibility) - NEUTRAL);
      const fewer = Math.min(reputation.exchangesCompleted, more);
      expect(distance(Math.max(reputation.exchangesCompleted, more), one)).toBeGreaterThanOrEqual(distance(fewer, one));
      expect(distance(fewer, Math.max(one, other))).toBeGreaterThanOrEqual(distance(fewer, Math.min(one, other)));
    }));
  });
});
