import { describe, expect, it } from '@jest/globals';
import { assessAttested, assessRecord, NEWCOMER, type AttestedFigures } from './assessment.js';
import { trackRecordOf, type ExchangeOutcome } from './track-record.js';

const DAY = 24 * 3_600_000;
const half = { credibility: 500_000, isInGoodStanding: true };

const figures: AttestedFigures = {
  exchangesCompleted: 4, partnerCount: 4, satisfactionRate: 1_000_000, memberSinceMs: 0, vouchesReceived: 0, tier: 'probationary', attestedAtMs: 40 * DAY, expiresAtMs: 220 * DAY,
};

describe('assessRecord', () => {
  it('takes the own record at its word and looks again when the next row may be met', () => {
    const outcomes = ['ana', 'ben', 'cal'].map((partner): ExchangeOutcome => ({ outcome: 'completed', given: 'yes', isAtFault: false, partners: [partner], endedAtMs: 20 * DAY }));
    const record = trackRecordOf(0, outcomes);
    expect(assessRecord(record, 20 * DAY)).toEqual({ tier: 'newcomer', standing: 714_285, reviewAtMs: 30 * DAY });
    expect(assessRecord(record, 30 * DAY)).toEqual({ tier: 'probationary', standing: 714_285, reviewAtMs: 90 * DAY });
  });

  it('is that of a newcomer without exchanges', () => {
    expect(assessRecord(trackRecordOf(0, []), 400 * DAY)).toEqual(NEWCOMER);
  });
});

describe('assessAttested', () => {
  it('weighs the claims by the credibility of the node, until they expire', () => {
    expect(assessAttested(figures, half)).toEqual({ tier: 'probationary', standing: 625_000, reviewAtMs: 220 * DAY });
    expect(assessAttested(figures, { credibility: 800_000, isInGoodStanding: true }).standing).toBe(700_000);
  });

  it('is that of a newcomer without an attestation', () => expect(assessAttested(null, half)).toEqual(NEWCOMER));

  it('does not believe a node that is not in good standing', () => {
    expect(assessAttested(figures, { credibility: 190_000, isInGoodStanding: false })).toEqual({ ...NEWCOMER, reviewAtMs: 220 * DAY });
  });

  it.each<[string, Partial<AttestedFigures>, string]>([
    ['a tier that its own figures do not come to', { tier: 'anchor' }, 'probationary'],
    ['a tier too early', { attestedAtMs: 10 * DAY }, 'newcomer'],
    ['less than the figures come to', { tier: 'newcomer' }, 'newcomer'],
    ['a tier by a vouch', { exchangesCompleted: 0, vouchesReceived: 1 }, 'probationary'],
    ['a tier that the figures come to', { tier: 'anchor', exchangesCompleted: 50, attestedAtMs: 365 * DAY }, 'anchor'],
  ])('credits %s as it should', (_case, change, tier) => expect(assessAttested({ ...figures, ...change }, half).tier).toBe(tier));
});
