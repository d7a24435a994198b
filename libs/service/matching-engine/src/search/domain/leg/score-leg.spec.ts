import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainLeg } from './explain-leg.js';
import type { GraphListing, Pairing } from './graph-listing.js';
import { closedGate, SCORE_PARTS, scoreLeg, SCORING_WEIGHTS, type Gate } from './score-leg.js';

const DAY = 24 * 3600 * 1000;
const NOW = 10 * DAY;

const base: GraphListing = {
  listingId: 'l', kind: 'offering', participantId: 'ana', homeNode: 'north', title: 'Catering', capability: 'food.catering', unit: 'PORTION', free: 40n,
  availableFromMs: NOW + DAY, availableUntilMs: NOW + 11 * DAY, place: null, delivery: 'onsite', visibility: 'network', standing: 350_000,
};
const pairing = (offering: Partial<GraphListing> = {}, need: Partial<GraphListing> = {}): Pairing => (
  { offering: { ...base, ...offering }, need: { ...base, kind: 'need', participantId: 'ben', ...need } });

describe('closedGate', () => {
  it('lets a matching pair through', () => {
    expect(closedGate(pairing(), NOW)).toBeUndefined();
  });

  it.each<[string, Gate, Partial<GraphListing>, Partial<GraphListing>]>([
    ['one participant with itself', 'participant', {}, { participantId: 'ana' }],
    ['another capability', 'capability', {}, { capability: 'food.flour' }],
    ['a narrower need', 'capability', { capability: 'food' }, {}],
    ['a word that only begins alike', 'capability', { capability: 'food.catering-van' }, {}],
    ['another unit', 'unit', {}, { unit: 'HOUR' }],
    ['a need larger than what is free', 'quantity', {}, { free: 41n }],
    ['windows that only touch', 'time', {}, { availableFromMs: NOW + 11 * DAY, availableUntilMs: NOW + 12 * DAY }],
    ['a shared window that is over', 'time', { availableFromMs: NOW - 9 * DAY, availableUntilMs: NOW }, { availableFromMs: NOW - 5 * DAY }],
    ['two places', 'delivery', { place: 'Northport' }, { place: 'Southvale' }],
    ['an onsite offering for a remote need', 'delivery', {}, { delivery: 'remote' }],
    ['an onsite offering that is told in summary for a remote need', 'delivery', { isSummary: true }, { delivery: 'remote' }],
    ['a remote offering for a need at a place', 'delivery', { delivery: 'remote' }, { place: 'Northport' }],
  ])('keeps apart %s', (_what, gate, offering, need) => {
    expect(closedGate(pairing(offering, need), NOW)).toBe(gate);
  });

  it.each<[string, Partial<GraphListing>, Partial<GraphListing>]>([
    ['a broader need', {}, { capability: 'food' }],
    ['a need of everything that is free', { free: 7n }, { free: 7n }],
    ['the same place in other letters', { place: 'Northport ' }, { place: 'northport' }],
    ['a place on one side only', { place: 'Northport' }, {}],
    ['remote with remote, whatever the places', { delivery: 'remote', place: 'Northport' }, { delivery: 'remote', place: 'Southvale' }],
    ['a remote offering for a need that names no place', { delivery: 'remote', place: 'Northport' }, {}],
    ['two places of which one is not told', { place: 'Northport' }, { isSummary: true }],
    ['a remote offering for a need whose place is not told', { delivery: 'remote' }, { isSummary: true }],
  ])('lets through %s', (_what, offering, need) => {
    expect(closedGate(pairing(offering, need), NOW)).toBeUndefined();
  });
});

describe('scoreLeg', () => {
  it('has weights that make a whole', () => {
    expect(Object.values(SCORING_WEIGHTS).reduce((sum, weight) => sum + weight, 0)).toBe(1_000_000);
  });

  it('gives a perfect leg the whole score', () => {
    const perfect = pairing({ delivery: 'remote', standing: 1_000_000 }, { delivery: 'remote', standing: 1_000_000 });
    expect(scoreLeg(perfect).score).toBe(1_000_000);
  });

  it.each<[string, Partial<GraphListing>, Partial<GraphListing>, object]>([
    ['how exact the capability is', {}, { capability: 'food' }, { capability: 500_000 }],
    ['how much of the offering is used', { free: 60n }, { free: 40n }, { quantity: 666_666 }],
    ['quantities of 38 digits', { free: 10n ** 37n * 3n }, { free: 10n ** 37n }, { quantity: 333_333 }],
    ['how much of the time of the need is covered', { availableUntilMs: NOW + 6 * DAY }, {}, { time: 500_000 }],
    ['the same place', { place: 'Northport' }, { place: 'Northport' }, { place: 1_000_000 }],
    ['a place that is open', {}, { place: 'Northport' }, { place: 500_000 }],
    ['a delivery from afar', { delivery: 'remote' }, {}, { place: 250_000 }],
    ['a place that is not told', { place: 'Northport' }, { isSummary: true }, { place: 250_000 }],
    ['a place that is not told and does not matter', {}, { isSummary: true }, { place: 500_000 }],
    ['the lower of both standings', { standing: 900_000 }, { standing: 120_000 }, { trust: 120_000 }],
  ])('measures %s', (_what, offering, need, parts) => {
    expect(scoreLeg(pairing(offering, need)).parts).toMatchObject(parts);
  });

  it('stays in range, follows its parts and is the same whatever the time', () => {
    const listing = fc.record({
      capability: fc.constantFrom('food', 'food.catering', 'food.catering.vegan'), free: fc.bigInt({ min: 1n, max: 10n ** 38n - 1n }), standing: fc.integer({ min: 0, max: 1_000_000 }),
      availableFromMs: fc.integer({ min: -1e14, max: 1e14 }), availableUntilMs: fc.integer({ min: 1e14 + 1, max: 8e14 }),
      place: fc.constantFrom(null, 'Northport'), delivery: fc.constantFrom('onsite' as const, 'remote' as const),
    });
    fc.assert(fc.property(listing, listing, (offering, need) => {
      const pair = pairing(offering, need);
      const { score, parts } = scoreLeg(pair);
      const weighted = SCORE_PARTS.reduce((sum, part) => sum + SCORING_WEIGHTS[part] * parts[part], 0);
      expect(score).toBe(Math.floor(weighted / 1_000_000));
      for (const value of [score, ...Object.values(parts)]) expect(Number.isInteger(value) && value >= 0 && value <= 1_000_000).toBe(true);
    }));
  });
});

describe('explainLeg', () => {
  it('gives every part of the score with its weight and a sentence', () => {
    const pair = pairing({ free: 60n, availableUntilMs: NOW + 6 * DAY }, { capability: 'food', place: 'Northport' });
    expect(explainLeg(pair)).toEqual([
      { part: 'capability', score: 500_000, weight: 350_000, sentence: 'food.catering is a kind of food, which is needed' },
      { part: 'quantity', score: 666_666, weight: 150_000, sentence: '40 of the 60 PORTION offered are used' },
      { part: 'time', score: 500_000, weight: 200_000, sentence: 'it is available 50 % of the time it is needed' },
      { part: 'place', score: 500_000, weight: 100_000, sentence: 'not both name a place, so it has to be agreed' },
      { part: 'trust', score: 350_000, weight: 200_000, sentence: 'at least one of the two is new to the network' },
    ]);
  });

  it('says what is not known where a listing is told in summary', () => {
    const sentences = explainLeg(pairing({ place: 'Northport' }, { isSummary: true })).map(({ sentence }) => sentence);
    expect(sentences).toEqual(expect.arrayContaining([expect.stringContaining('not every place is known yet'), expect.stringContaining('not every record is known yet')]));
  });

  it('does not say whose standing is the lower one', () => {
    const trustOf = (pair: Pairing) => explainLeg(pair).find(({ part }) => part === 'trust');
    expect(trustOf(pairing({ standing: 900_000 }, { standing: 100_000 }))).toEqual(trustOf(pairing({ standing: 100_000 }, { standing: 900_000 })));
  });
});
