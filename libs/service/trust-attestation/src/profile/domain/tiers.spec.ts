import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trackRecordOf, type ExchangeOutcome } from './track-record.js';
import { lowerTier, nextTierReviewMs, TIER_TABLE, tierEvidenceOf, tierOf, type TierEvidence, type TrustTier } from './tiers.js';

const DAY = 24 * 3_600_000;
const RANK: Record<TrustTier, number> = { newcomer: 0, probationary: 1, established: 2, anchor: 3 };

const probationary: TierEvidence = {
  memberMs: 30 * DAY, exchangesCompleted: 3, exchangesFailed: 0, exchangesLastQuarter: 0, partnerCount: 3, satisfactionRate: 800_000, vouchesReceived: 0,
};
const established: TierEvidence = { ...probationary, memberMs: 90 * DAY, exchangesCompleted: 5 };
const anchor: TierEvidence = { ...established, memberMs: 365 * DAY, exchangesCompleted: 50, exchangesFailed: 1, exchangesLastQuarter: 2, satisfactionRate: 900_000 };

const anyEvidence = fc.record<TierEvidence>({
  memberMs: fc.integer({ min: -DAY, max: 500 * DAY }), exchangesCompleted: fc.integer({ min: 0, max: 60 }), exchangesFailed: fc.integer({ min: 0, max: 3 }),
  exchangesLastQuarter: fc.integer({ min: 0, max: 4 }), partnerCount: fc.integer({ min: 0, max: 6 }),
  satisfactionRate: fc.option(fc.integer({ min: 700_000, max: 1_000_000 })), vouchesReceived: fc.integer({ min: 0, max: 1 }),
});

describe('tierOf', () => {
  it('is newcomer at entry', () => {
    expect(tierOf({ memberMs: 0, exchangesCompleted: 0, exchangesFailed: 0, exchangesLastQuarter: 0, partnerCount: 0, satisfactionRate: null, vouchesReceived: 0 })).toBe('newcomer');
  });

  it.each<[TrustTier, TierEvidence]>([['probationary', probationary], ['established', established], ['anchor', anchor]])(
    'is %s where its row is just met', (tier, evidence) => expect(tierOf(evidence)).toBe(tier));

  it.each<[string, TrustTier, TierEvidence]>([
    ['a day short of probationary', 'newcomer', { ...probationary, memberMs: 30 * DAY - 1 }],
    ['an exchange short of probationary', 'newcomer', { ...probationary, exchangesCompleted: 2 }],
    ['a partner short of probationary', 'newcomer', { ...probationary, partnerCount: 2 }],
    ['below the rate of probationary', 'newcomer', { ...probationary, satisfactionRate: 799_999 }],
    ['without any answer', 'newcomer', { ...probationary, satisfactionRate: null }],
    ['a day short of established', 'probationary', { ...established, memberMs: 90 * DAY - 1 }],
    ['an exchange short of established', 'probationary', { ...established, exchangesCompleted: 4 }],
    ['with a failure of its own', 'probationary', { ...established, exchangesFailed: 1 }],
    ['a day short of anchor', 'probationary', { ...anchor, memberMs: 365 * DAY - 1 }],
    ['an exchange short of anchor', 'established', { ...anchor, exchangesFailed: 0, exchangesCompleted: 49 }],
    ['with two failures of its own', 'probationary', { ...anchor, exchangesFailed: 2 }],
    ['below the rate of anchor', 'established', { ...anchor, exchangesFailed: 0, satisfactionRate: 899_999 }],
    ['idle in the last quarter', 'established', { ...anchor, exchangesFailed: 0, exchangesLastQuarter: 1 }],
  ])('%s: %s', (_why, tier, evidence) => expect(tierOf(evidence)).toBe(tier));

  it('lets one vouch stand for the first row', () => {
    expect(tierOf({ ...probationary, memberMs: 0, exchangesCompleted: 0, partnerCount: 0, satisfactionRate: null, vouchesReceived: 1 })).toBe('probationary');
  });

  it('never falls when any part of the evidence gets better', () => {
    fc.assert(fc.property(anyEvidence, anyEvidence, (left, right) => {
      const better: TierEvidence = {
        memberMs: Math.max(left.memberMs, right.memberMs), exchangesCompleted: Math.max(left.exchangesCompleted, right.exchangesCompleted),
        exchangesFailed: Math.min(left.exchangesFailed, right.exchangesFailed), exchangesLastQuarter: Math.max(left.exchangesLastQuarter, right.exchangesLastQuarter),
        partnerCount: Math.max(left.partnerCount, right.partnerCount), satisfactionRate: Math.max(left.satisfactionRate ?? 0, right.satisfactionRate ?? 0),
        vouchesReceived: Math.max(left.vouchesReceived, right.vouchesReceived),
      };
      expect(RANK[tierOf(better)]).toBeGreaterThanOrEqual(Math.max(RANK[tierOf(left)], RANK[tierOf(right)]));
    }));
  });

  it('has its rows from the highest tier down, each asking for more than the next', () => {
    expect(TIER_TABLE.map(({ tier }) => tier)).toEqual(['anchor', 'established', 'probationary']);
    expect([lowerTier('anchor', 'newcomer'), lowerTier('probationary', 'established'), lowerTier('anchor', 'anchor')]).toEqual(['newcomer', 'probationary', 'anchor']);
  });
});

describe('tierEvidenceOf', () => {
  const endedAt = (endedAtMs: number): ExchangeOutcome => ({ outcome: 'completed', given: 'yes', isAtFault: false, partners: ['ana'], endedAtMs });

  it('counts the exchanges of the last ninety days', () => {
    const now = 200 * DAY;
    expect(tierEvidenceOf(trackRecordOf(0, [endedAt(110 * DAY), endedAt(110 * DAY + 1), endedAt(199 * DAY)]), now)).toMatchObject({ exchangesLastQuarter: 2, memberMs: now });
  });

  it('changes its tier by time alone at a review and never between two', () => {
    const outcomes = fc.array(fc.record<ExchangeOutcome>({
      outcome: fc.constant('completed'), given: fc.constant('yes'), isAtFault: fc.constant(false), partners: fc.constantFrom(['ana'], ['ben'], ['cal']),
      endedAtMs: fc.integer({ min: 0, max: 400 * DAY }),
    }), { maxLength: 60 });
    fc.assert(fc.property(outcomes, fc.integer({ min: 0, max: 500 * DAY }), fc.nat(500 * DAY), (ended, nowMs, laterBy) => {
      const record = trackRecordOf(0, ended);
      const review = nextTierReviewMs(record, nowMs) ?? Infinity;
      const tierAt = (momentMs: number) => tierOf(tierEvidenceOf(record, momentMs));
      expect(review).toBeGreaterThan(nowMs);
      expect(tierAt(Math.min(nowMs + laterBy, review - 1))).toBe(tierAt(nowMs));
    }));
  });
});
