import { describe, expect, it } from '@jest/globals';
import { legsBetween, PAIRS_MAX, withOneHome } from './exchange-graph.js';
import type { GraphListing } from './leg/graph-listing.js';

const listing = (kind: GraphListing['kind'], participantId: string, change: Partial<GraphListing> = {}): GraphListing => ({
  listingId: `${participantId}-${kind}`, kind, participantId, homeNode: 'north', title: 'Something', capability: 'food.catering', unit: 'HOUR', free: 3n,
  availableFromMs: 100, availableUntilMs: 200, place: null, delivery: 'onsite', visibility: 'network', standing: 350_000, ...change,
});
const ids = (listings: readonly GraphListing[], threshold = 0) =>
  legsBetween(listings, { nowMs: 0, threshold }).legs.map(({ offering, need }) => `${offering.listingId} ${need.listingId}`);

describe('legsBetween', () => {
  it('joins what is offered with what is sought, under broader words as well', () => {
    const listings = [listing('offering', 'ana'), listing('need', 'ben'), listing('need', 'cal', { capability: 'food' }), listing('need', 'dia', { capability: 'craft' })];
    expect(ids(listings)).toEqual(['ana-offering ben-need', 'ana-offering cal-need']);
  });

  it('joins nobody with themselves', () => {
    expect(ids([listing('offering', 'ana'), listing('need', 'ana')])).toEqual([]);
  });

  it('leaves out what stays below the threshold, and nothing that reaches it', () => {
    const listings = [listing('offering', 'ana'), listing('need', 'ben')];
    const score = legsBetween(listings, { nowMs: 0, threshold: 0 }).legs[0]?.score ?? 0;
    expect(ids(listings, score)).toHaveLength(1);
    expect(ids(listings, score + 1)).toEqual([]);
  });

  it('has a threshold that bites at its usual height', () => {
    const poor = [
      listing('offering', 'ana', { capability: 'food.catering.vegan.cold.small', free: 1_000n, availableUntilMs: 101, standing: 0 }),
      listing('need', 'ben', { capability: 'food', free: 1n, standing: 0 }),
    ];
    expect(ids(poor, 0)).toHaveLength(1);
    expect(ids(poor, 300_000)).toEqual([]);
  });

  it('is the same whatever the order of the listings', () => {
    const listings = ['ana', 'ben', 'cal'].flatMap((name) => [listing('offering', name), listing('need', name)]);
    expect(ids([...listings].reverse())).toEqual(ids(listings));
  });

  it('stops at its limit and says so', () => {
    const side = 710;
    const listings = Array.from({ length: side }, (_, at) => [listing('offering', `a${at}`), listing('need', `b${at}`, { unit: 'KGM' })]).flat();
    expect(side * side).toBeGreaterThan(PAIRS_MAX);
    expect(legsBetween(listings, { nowMs: 0, threshold: 0 }).isComplete).toBe(false);
    expect(legsBetween(listings.slice(0, 100), { nowMs: 0, threshold: 0 }).isComplete).toBe(true);
  });
});

describe('withOneHome', () => {
  const [here, there] = [listing('offering', 'ana'), listing('need', 'ana', { homeNode: 'south' })];

  it('keeps the participants of one home', () => {
    const listings = [listing('offering', 'ana'), listing('need', 'ben', { homeNode: 'south' })];
    expect(withOneHome(listings, 'north')).toEqual(listings);
  });

  it('believes this node where another one claims its participant', () => {
    expect(withOneHome([here, there], 'north')).toEqual([here]);
  });

  it('leaves out a participant that two other nodes claim', () => {
    expect(withOneHome([here, there], 'east')).toEqual([]);
  });
});
