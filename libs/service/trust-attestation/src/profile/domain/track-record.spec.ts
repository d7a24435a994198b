import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { satisfactionRateOf, trackRecordOf, type ExchangeOutcome } from './track-record.js';

const completed = (given: ExchangeOutcome['given'], ...partners: string[]): ExchangeOutcome => ({ outcome: 'completed', given, isAtFault: false, partners, endedAtMs: 5 });
const failed = (given: ExchangeOutcome['given'], isAtFault: boolean): ExchangeOutcome => ({ outcome: 'failed', given, isAtFault, partners: ['dia'], endedAtMs: 6 });

const anyOutcome = fc.record<ExchangeOutcome>({
  outcome: fc.constantFrom('completed', 'failed'), given: fc.constantFrom('yes', 'partially', 'no', null), isAtFault: fc.boolean(),
  partners: fc.uniqueArray(fc.constantFrom('ana', 'ben', 'cal', 'dia'), { minLength: 1, maxLength: 2 }), endedAtMs: fc.nat(),
});

describe('trackRecordOf', () => {
  it('is empty for a member without exchanges, and has no rate', () => {
    const record = trackRecordOf(1, []);
    expect(record).toEqual({ memberSinceMs: 1, exchangesCompleted: 0, exchangesFailed: 0, fulfilled: 0, partially: 0, unfulfilled: 0, partnerCount: 0, completedAtMs: [] });
    expect(satisfactionRateOf(record)).toBeNull();
  });

  it('counts what the member gave by the answers of those who took it', () => {
    const record = trackRecordOf(0, [completed('yes', 'ana'), completed('yes', 'ben'), completed('partially', 'ana', 'cal'), completed('no', 'ben')]);
    expect(record).toMatchObject({ exchangesCompleted: 4, fulfilled: 2, partially: 1, unfulfilled: 1, partnerCount: 3 });
    expect(satisfactionRateOf(record)).toBe(625_000);
  });

  it('counts a failed exchange only against the member at fault, and nobody as a partner in it', () => {
    const innocent = trackRecordOf(0, [failed('yes', false)]);
    const guilty = trackRecordOf(0, [failed('no', true)]);
    expect(innocent).toMatchObject({ exchangesCompleted: 0, exchangesFailed: 0, fulfilled: 1, partnerCount: 0 });
    expect(guilty).toMatchObject({ exchangesCompleted: 0, exchangesFailed: 1, unfulfilled: 1, partnerCount: 0 });
  });

  it('rounds the rate down', () => {
    expect(satisfactionRateOf(trackRecordOf(0, [completed('yes', 'ana'), completed('yes', 'ben'), completed('no', 'cal')]))).toBe(666_666);
  });

  it('is the same whatever the order of the chains', () => {
    fc.assert(fc.property(fc.array(anyOutcome).chain((outcomes) => fc.tuple(fc.constant(outcomes), fc.shuffledSubarray(outcomes, { minLength: outcomes.length }))), ([outcomes, shuffled]) => {
      expect(trackRecordOf(7, shuffled)).toEqual(trackRecordOf(7, outcomes));
    }));
  });

  it('has a rate between nothing and one, and every outcome in at most one count of each kind', () => {
    fc.assert(fc.property(fc.array(anyOutcome, { minLength: 1 }), (outcomes) => {
      const record = trackRecordOf(0, outcomes);
      const rate = satisfactionRateOf(record) ?? 0;
      expect(rate >= 0 && rate <= 1_000_000 && Number.isInteger(rate)).toBe(true);
      expect(record.exchangesCompleted + record.exchangesFailed).toBeLessThanOrEqual(outcomes.length);
      expect(record.fulfilled + record.partially + record.unfulfilled).toBe(outcomes.filter(({ given }) => given !== null).length);
    }));
  });
});
