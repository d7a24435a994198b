import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { credibilityOf, CREDIBILITY_START, isInGoodStanding, weighExperience, type Evidence } from './credibility.js';

const ONE = 1_000_000;
const NOTHING: Evidence = { agreement: 0, disagreement: 0 };
const micro = fc.integer({ min: 0, max: ONE });
const answer = fc.constantFrom(0, ONE / 2, ONE);
const experience = fc.tuple(fc.option(micro), answer);

const sum = (evidence: readonly Evidence[]): Evidence =>
  evidence.reduce((total, { agreement, disagreement }) => ({ agreement: total.agreement + agreement, disagreement: total.disagreement + disagreement }), NOTHING);
const credibilityAfter = (experiences: readonly (readonly [number | null, number])[]): number =>
  credibilityOf(sum(experiences.map(([claimed, actual]) => weighExperience(claimed, actual))));

describe('weighExperience', () => {
  it.each<[string, number | null, number, Evidence]>([
    ['a perfect rate and a yes agree fully', ONE, ONE, { agreement: ONE, disagreement: 0 }],
    ['a perfect rate and a no disagree threefold', ONE, 0, { agreement: 0, disagreement: 3 * ONE }],
    ['a perfect rate and a partially disagree', ONE, ONE / 2, { agreement: 0, disagreement: ONE }],
    ['a rate of nine in ten and a yes agree almost fully', 900_000, ONE, { agreement: 960_000, disagreement: 0 }],
    ['nothing attested is no evidence for a yes', null, ONE, NOTHING],
    ['nothing attested is no evidence for a no', null, 0, NOTHING],
    ['a rate of one half says nothing either', ONE / 2, ONE, NOTHING],
    ['a bad rate and a no agree', 0, 0, { agreement: ONE, disagreement: 0 }],
  ])('%s', (_case, claimed, actual, evidence) => expect(weighExperience(claimed, actual)).toEqual(evidence));

  it('stays in its bounds, on one side only', () => {
    fc.assert(fc.property(fc.option(micro), answer, (claimed, actual) => {
      const { agreement, disagreement } = weighExperience(claimed, actual);
      expect(agreement >= 0 && agreement <= ONE && disagreement >= 0 && disagreement <= 3 * ONE).toBe(true);
      expect(Math.min(agreement, disagreement)).toBe(0);
    }));
  });

  it('favours the true rate over any other', () => {
    fc.assert(fc.property(fc.array(answer, { minLength: 1, maxLength: 50 }), micro, (answers, other) => {
      const gainOf = (claimed: number) => {
        const { agreement, disagreement } = sum(answers.map((actual) => weighExperience(claimed, actual)));
        return agreement - disagreement;
      };
      const trueRate = Math.round(answers.reduce((total, actual) => total + actual, 0) / answers.length);
      // Every square is rounded down by less than one millionth, and counts fourfold.
      expect(gainOf(trueRate)).toBeGreaterThanOrEqual(gainOf(other) - 4 * answers.length);
    }));
  });
});

describe('credibilityOf', () => {
  it('starts at one half', () => expect(credibilityOf(NOTHING)).toBe(CREDIBILITY_START));

  it.each<[string, readonly (readonly [number | null, number])[], number]>([
    ['one true claim', [[ONE, ONE]], 600_000],
    ['one false claim', [[ONE, 0]], 285_714],
    ['members nobody attested', [[null, 0], [null, ONE]], 500_000],
    ['ten true claims', Array.from({ length: 10 }, () => [ONE, ONE] as const), 857_142],
  ])('after %s', (_case, experiences, credibility) => expect(credibilityAfter(experiences)).toBe(credibility));

  it('stays between nothing and one, for any number of experiences', () => {
    fc.assert(fc.property(fc.array(experience), fc.maxSafeNat(), fc.maxSafeNat(), (experiences, pro, contra) => {
      for (const credibility of [credibilityAfter(experiences), credibilityOf({ agreement: pro, disagreement: contra })]) {
        expect(Number.isInteger(credibility) && credibility >= 0 && credibility <= ONE).toBe(true);
      }
    }));
  });

  it('does not depend on the order of the experiences', () => {
    fc.assert(fc.property(fc.array(experience).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), ([all, shuffled]) => {
      expect(credibilityAfter(shuffled)).toBe(credibilityAfter(all));
    }));
  });

  it('never falls by an agreement and never rises by a disagreement', () => {
    fc.assert(fc.property(fc.array(experience), experience, (all, [claimed, actual]) => {
      const { agreement } = weighExperience(claimed, actual);
      const change = credibilityAfter([...all, [claimed, actual]]) - credibilityAfter(all);
      expect(agreement > 0 ? change >= 0 : change <= 0).toBe(true);
    }));
  });
});

describe('isInGoodStanding', () => {
  it.each([[200_000, 5, true], [199_999, 4, true], [199_999, 5, false], [0, 0, true]])('at %d after %d experiences: %s', (credibility, experiences, standing) => {
    expect(isInGoodStanding(credibility, experiences)).toBe(standing);
  });
});
