import { describe, expect, it } from '@jest/globals';
import {
  checkHome, checkNovelty, checkWindow, checkWindowAhead, closed, isSameListing, listingIdOfReference, newListing, OPEN_LISTINGS_MAX, withFree, type Listing,
} from './listing.js';

const listing: Listing = newListing(
  {
    kind: 'offering', title: 'Catering', capability: 'food.catering', amount: 60n, unit: 'PORTION', availableFromMs: 100, availableUntilMs: 200,
    place: null, delivery: 'onsite', visibility: 'network',
  },
  { listingId: 'l-1', participantId: 'ana', homeNode: 'north', publishedAtMs: 50 },
);
const coded = (code: string) => expect.objectContaining({ code });

describe('newListing', () => {
  it('begins open with all of it free', () => {
    expect(listing).toMatchObject({ state: 'open', free: 60n, capacityVersion: 0, version: 1 });
  });
});

describe('listingIdOfReference', () => {
  it('is the same for the same participant and reference only', () => {
    expect(listingIdOfReference('ana', 'cake')).toBe(listingIdOfReference('ana', 'cake'));
    expect(new Set([listingIdOfReference('ana', 'cake'), listingIdOfReference('ben', 'cake'), listingIdOfReference('ana', 'bread')]).size).toBe(3);
  });

  it('is an id that the wire takes', () => {
    expect(listingIdOfReference('ana', 'cake')).toMatch(/^l-[A-Za-z0-9_-]{22}$/);
  });
});

describe('isSameListing', () => {
  it('looks past what has become of it, and past the time it was published', () => {
    expect(isSameListing({ ...listing, publishedAtMs: 60 }, { ...listing, state: 'withdrawn', free: 0n, capacityVersion: 4, version: 9 })).toBe(true);
  });

  it.each<Partial<Listing>>([
    { kind: 'need' }, { title: 'Buffet' }, { capability: 'food' }, { amount: 61n }, { unit: 'KGM' }, { availableFromMs: 101 }, { availableUntilMs: 201 },
    { place: 'Northport' }, { delivery: 'remote' }, { visibility: 'node' }, { participantId: 'ben' }, { homeNode: 'south' }, { listingId: 'l-2' },
  ])('sees the change %j', (change) => {
    expect(isSameListing({ ...listing, ...change }, listing)).toBe(false);
  });
});

describe('checkNovelty', () => {
  it('lets an unknown id pass', () => { expect(() => checkNovelty(listing, undefined, 0)).not.toThrow(); });
  it('lets a repetition pass, though there are as many as may be', () => { expect(() => checkNovelty(listing, listing, OPEN_LISTINGS_MAX)).not.toThrow(); });
  it('lets the last one pass that may be', () => { expect(() => checkNovelty(listing, undefined, OPEN_LISTINGS_MAX - 1)).not.toThrow(); });
  it('refuses one too many', () => { expect(() => checkNovelty(listing, undefined, OPEN_LISTINGS_MAX)).toThrow(coded('matching.too_many_listings')); });
  it.each<Partial<Listing>>([{ title: 'Buffet' }, { participantId: 'ben' }, { homeNode: 'south' }])('refuses an id that names another listing: %j, before counting', (change) => {
    expect(() => checkNovelty({ ...listing, ...change }, listing, OPEN_LISTINGS_MAX)).toThrow(coded('matching.listing_exists'));
  });
});

describe('checkWindowAhead', () => {
  it('lets a window pass that has begun', () => { expect(() => checkWindowAhead(listing, 150)).not.toThrow(); });
  it('refuses a window that ends now', () => { expect(() => checkWindowAhead(listing, 200)).toThrow(coded('matching.window_past')); });
  it('refuses a reversed window before one that is past', () => {
    expect(() => checkWindowAhead({ ...listing, availableUntilMs: 100 }, 300)).toThrow(coded('matching.window_reversed'));
  });
});

describe('a copy of a listing', () => {
  it('may have a window that is over', () => { expect(() => checkWindow(listing)).not.toThrow(); });
  it('is taken from its home node only', () => {
    expect(() => checkHome(listing, 'north')).not.toThrow();
    expect(() => checkHome(listing, 'south')).toThrow(coded('matching.foreign_listing'));
  });
});

describe('closed', () => {
  it.each(['withdraw', 'expire'] as const)('closes an open listing by %s, once', (event) => {
    const after = closed(listing, event);
    expect(after).toEqual({ ...listing, state: 'withdrawn' });
    expect(closed(after ?? listing, event)).toBeUndefined();
  });
});

describe('withFree', () => {
  it.each([0n, 60n])('takes %d of 60', (free) => { expect(withFree(listing, free)).toEqual({ ...listing, free }); });
  it('refuses more than there is', () => { expect(() => withFree(listing, 61n)).toThrow(coded('matching.free_exceeds_amount')); });
});
