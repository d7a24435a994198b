import { describe, expect, it } from '@jest/globals';
import { knownRing, type Details } from './known-ring.js';
import type { GraphListing } from './leg/graph-listing.js';
import { ringOf, type Ring } from './ring.js';

const NOW = { nowMs: 0, threshold: 300_000 };
const listing = (participantId: string, kind: GraphListing['kind'], change: Partial<GraphListing> = {}): GraphListing => ({
  listingId: `${participantId}-${kind}`, kind, participantId, homeNode: participantId === 'ana' ? 'north' : 'south', title: `${kind} of ${participantId}`, capability: 'craft', unit: 'HOUR',
  free: 3n, availableFromMs: 100, availableUntilMs: 200, place: null, delivery: 'onsite', visibility: 'summary', standing: 350_000, ...change,
});
const hidden = { isSummary: true, title: 'craft' };
/** ana of this node gives to whoever is behind p-1, who gives to whoever is behind p-2, who gives to ana. */
const ring = (change: Partial<GraphListing> = {}): Ring => ringOf([
  { offering: listing('ana', 'offering', change), need: listing('south:p-1', 'need', hidden), score: 500_000 },
  { offering: listing('south:p-1', 'offering', hidden), need: listing('south:p-2', 'need', hidden), score: 500_000 },
  { offering: listing('south:p-2', 'offering', hidden), need: listing('ana', 'need', change), score: 500_000 },
]);
const told = (participantId: string, change: Partial<Details> = {}): Details => ({ participantId, title: `told of ${participantId}`, place: null, standing: 350_000, ...change });
const details = (first: Details, second: Details, change: Record<string, Details> = {}) => new Map(Object.entries({
  'south:p-1-need': first, 'south:p-1-offering': first, 'south:p-2-need': second, 'south:p-2-offering': second, ...change,
}));

describe('knownRing', () => {
  it('puts the people in the place of their references, and keeps the name of the ring and who proposes it', () => {
    const found = ring();
    const known = knownRing(found, details(told('ben'), told('cal')), NOW) as Ring;
    expect(known.legs.map(({ offering, need }) => [offering.participantId, offering.title, need.participantId])).toEqual([
      ['ana', 'offering of ana', 'ben'], ['ben', 'told of ben', 'cal'], ['cal', 'told of cal', 'ana'],
    ]);
    expect([known.ringId, known.proposingNode]).toEqual([found.ringId, found.proposingNode]);
    expect(known.legs.some(({ offering, need }) => offering.isSummary === true || need.isSummary === true)).toBe(false);
  });

  it('scores with what is known now', () => {
    const known = knownRing(ring({ standing: 1_000_000 }), details(told('ben', { standing: 900_000 }), told('cal')), NOW) as Ring;
    const unknown = knownRing(ring({ standing: 1_000_000 }), details(told('ben'), told('cal')), NOW) as Ring;
    expect(known.legs[0]?.score).toBeGreaterThan(unknown.legs[0]?.score ?? 0);
  });

  it.each<[string, ReturnType<typeof details>, Partial<GraphListing>, string]>([
    ['two references stand for one person', details(told('ben'), told('ben')), {}, 'same_person'],
    ['a reference stands for a member who is named', details(told('ana'), told('cal')), {}, 'same_person'],
    ['one reference stands for two people', details(told('ben'), told('cal'), { 'south:p-1-need': told('dia') }), {}, 'same_person'],
    ['the places are not the same', details(told('ben', { place: 'Southvale' }), told('cal')), { place: 'Northport' }, 'gate'],
    ['a record is too poor', details(told('ben', { standing: 0 }), told('cal')), {}, 'threshold'],
  ])('is none where %s', (_what, all, change, misfit) => {
    expect(knownRing(ring(change), all, { ...NOW, threshold: misfit === 'threshold' ? 750_001 : NOW.threshold })).toBe(misfit);
  });
});
