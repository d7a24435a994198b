import { describe, expect, it } from '@jest/globals';
import type { GraphListing } from './leg/graph-listing.js';
import { executionWindow, ringOf, type Leg } from './ring.js';

const listing = (participantId: string, kind: GraphListing['kind'], change: Partial<GraphListing> = {}): GraphListing => ({
  listingId: `${participantId}-${kind}`, kind, participantId, homeNode: `home of ${participantId}`, title: 'Something', capability: 'craft', unit: 'HOUR', free: 3n,
  availableFromMs: 100, availableUntilMs: 200, place: null, delivery: 'onsite', visibility: 'network', standing: 350_000, ...change,
});
const leg = (from: string, to: string, change: Partial<Leg> = {}): Leg => ({ offering: listing(from, 'offering'), need: listing(to, 'need'), score: 600_000, ...change });
const legs = [leg('cal', 'ana', { score: 600_001 }), leg('ana', 'ben'), leg('ben', 'cal')];
const [first, second, third] = legs as [Leg, Leg, Leg];

describe('ringOf', () => {
  it('writes a ring from its smallest participant on, in ring order', () => {
    expect(ringOf(legs).legs.map(({ offering }) => offering.participantId)).toEqual(['ana', 'ben', 'cal']);
  });

  it('is the same wherever the ring is entered', () => {
    expect(ringOf([second, third, first])).toEqual(ringOf(legs));
    expect(ringOf([third, first, second])).toEqual(ringOf(legs));
  });

  it('scores the mean of its legs, rounded down', () => {
    expect(ringOf(legs).score).toBe(600_000);
  });

  it.each<[string, Leg[]]>([
    ['another offering', [{ ...first, offering: { ...first.offering, listingId: 'other' } }, second, third]],
    ['another need', [{ ...first, need: { ...first.need, listingId: 'other' } }, second, third]],
    ['another amount', [{ ...first, need: { ...first.need, free: 2n } }, second, third]],
  ])('has another id with %s', (_what, other) => {
    expect(ringOf(other).ringId).not.toBe(ringOf(legs).ringId);
  });

  it('keeps its id when scores and titles differ', () => {
    expect(ringOf([{ ...first, score: 1, offering: { ...first.offering, title: 'Renamed' } }, second, third]).ringId).toBe(ringOf(legs).ringId);
  });

  it('is proposed by the home of one of its providers', () => {
    expect(legs.map(({ offering }) => offering.homeNode)).toContain(ringOf(legs).proposingNode);
  });

  it('spreads the proposing over the homes', () => {
    const proposers = new Set(Array.from({ length: 40 }, (_, at) => ringOf([leg('ana', 'ben', { offering: listing('ana', 'offering', { listingId: `o${at}` }) }), leg('ben', 'ana')]).proposingNode));
    expect([...proposers].sort()).toEqual(['home of ana', 'home of ben']);
  });

  it.each([
    ['legs that do not meet', [leg('ana', 'ben'), leg('cal', 'ana')]],
    ['a participant twice', [leg('ana', 'ben'), leg('ben', 'ana'), leg('ana', 'ben'), leg('ben', 'ana')]],
    ['one leg', [leg('ana', 'ana')]],
  ])('does not take %s', (_what, open) => {
    expect(() => ringOf(open)).toThrow(/broken invariant/);
  });
});

describe('executionWindow', () => {
  const ring = { legs: [leg('ana', 'ben', { offering: listing('ana', 'offering', { availableFromMs: 120 }) }), leg('ben', 'ana', { need: listing('ana', 'need', { availableUntilMs: 180 }) })] };

  it('is the time all listings share', () => {
    expect(executionWindow(ring, 0)).toEqual({ startMs: 120, endMs: 180 });
  });

  it('begins no earlier than now', () => {
    expect(executionWindow(ring, 150)).toEqual({ startMs: 150, endMs: 180 });
  });

  it('does not exist where it would be over, or never begin', () => {
    expect(executionWindow(ring, 180)).toBeUndefined();
    const apart = { legs: [leg('ana', 'ben', { offering: listing('ana', 'offering', { availableUntilMs: 150 }) }), leg('ben', 'ana', { need: listing('ana', 'need', { availableFromMs: 150 }) })] };
    expect(executionWindow(apart, 0)).toBeUndefined();
  });
});
