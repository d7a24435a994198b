import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseRings, type SearchProblem } from './choose-rings.js';
import type { GraphListing } from './leg/graph-listing.js';
import type { Ring } from './ring.js';

const listing = (kind: GraphListing['kind'], participantId: string, change: Partial<GraphListing> = {}): GraphListing => ({
  listingId: `${participantId}-${kind}-${change.capability ?? ''}${change.visibility ?? ''}`, kind, participantId, homeNode: 'north', title: `${kind} of ${participantId}`,
  capability: 'any', unit: 'HOUR', free: 3n, availableFromMs: 100, availableUntilMs: 200, place: null, delivery: 'onsite', visibility: 'network', standing: 350_000, ...change,
});
/** `ana gives legal, needs food` */
const member = (name: string, gives: string, needs: string, change: Partial<GraphListing> = {}): GraphListing[] =>
  [listing('offering', name, { capability: gives, ...change }), listing('need', name, { capability: needs, ...change })];

const problemOf = (listings: readonly GraphListing[], change: Partial<SearchProblem> = {}): SearchProblem => (
  { listings, ownNode: 'north', nowMs: 0, threshold: 300_000, ringLengthMax: 5, endedRings: new Set(), ...change });

const providers = ({ legs }: Ring): string => legs.map(({ offering }) => offering.participantId).join(' ');
const named = (problem: SearchProblem, state: 'selected' | 'considered'): string[] =>
  chooseRings(problem).rings.filter((judged) => judged.state === state).map(({ ring }) => providers(ring));

const three = [...member('ana', 'legal', 'food'), ...member('ben', 'food', 'design'), ...member('cal', 'design', 'legal')];
const withPair = [...three, ...member('dia', 'food', 'legal')];

describe('chooseRings with listings that their home nodes keep', () => {
  const south = (change: Partial<GraphListing>): Partial<GraphListing> => ({ homeNode: 'south', isSummary: true, ...change });

  it('uses full listings and summaries alike', () => {
    const listings = [...member('ana', 'legal', 'food'), ...member('south:p-1', 'food', 'legal', south({ visibility: 'summary' }))];
    expect(named(problemOf(listings), 'selected')).toEqual(['ana south:p-1']);
  });

  it('looks for rings in the log first, and fills up with those it has asked for', () => {
    const asked = member('south:p-1', 'food', 'legal', south({ visibility: 'query', standing: 1_000_000 }));
    const inLog = [...member('ana', 'legal', 'food'), ...member('ben', 'food', 'legal')];
    expect(named(problemOf([...inLog, ...asked]), 'selected')).toEqual(['ana ben']);
    const { rings, objective, bound } = chooseRings(problemOf([...inLog, ...asked, ...member('cal', 'legal', 'food')]));
    expect(rings.filter(({ state }) => state === 'selected').map(({ ring }) => providers(ring)).sort()).toEqual(['ana ben', 'cal south:p-1']);
    expect(objective).toBe(bound);
  });

  it('does not use a listing that stays at home to close a ring with one of another node', () => {
    const listings = [...member('ana', 'legal', 'food', { visibility: 'node' }), ...member('south:p-1', 'food', 'legal', south({ visibility: 'query' }))];
    expect(chooseRings(problemOf(listings)).rings).toEqual([]);
  });

  it('passes over a ring that is set aside, says why and takes the next best', () => {
    const [first] = chooseRings(problemOf(withPair)).rings;
    const again = problemOf(withPair, { setAside: new Map([[first?.ring.ringId ?? '', 'Node south was silent.']]) });
    expect(named(again, 'selected')).toEqual(['ana dia']);
    expect(chooseRings(again).rings.find(({ state }) => state === 'considered')?.reason).toBe('Node south was silent.');
  });
});

describe('chooseRings', () => {
  it('finds nothing in nothing', () => {
    expect(chooseRings(problemOf([]))).toEqual({ rings: [], ringsFound: 0, objective: 0n, bound: 0n, isComplete: true });
  });

  it('closes a ring of three', () => {
    expect(named(problemOf(three), 'selected')).toEqual(['ana cal ben']);
  });

  it('prefers to serve three people over a better pair, and says so', () => {
    const better = withPair.map((each) => ({ ...each, standing: each.participantId === 'ana' || each.participantId === 'dia' ? 1_000_000 : 100_000 }));
    const { rings, ringsFound, objective, bound } = chooseRings(problemOf(better));
    expect(rings.map(({ ring, state, reason }) => [providers(ring), state, reason])).toEqual([
      ['ana cal ben', 'selected', 'It is part of the best set of rings, which serves 3 people.'],
      ['ana dia', 'considered', 'Not chosen: whoever offers “offering of ana” is in a larger ring, which serves 3 people instead of 2.'],
    ]);
    expect(ringsFound).toBe(2);
    expect(objective).toBe(bound);
  });

  it('prefers two pairs over a ring of three', () => {
    const listings = [...withPair, ...member('eve', 'design', 'food')];
    expect(named(problemOf(listings, { ringLengthMax: 3 }), 'selected').sort()).toEqual(['ana dia', 'ben eve']);
  });

  it('prefers the better of two rings that serve as many', () => {
    const listings = [...member('ana', 'legal', 'food'), ...member('ben', 'food', 'legal', { standing: 400_000 }), ...member('cal', 'food', 'legal')];
    const { rings } = chooseRings(problemOf(listings.map((each) => (each.participantId === 'ana' ? { ...each, standing: 900_000 } : each))));
    expect(rings.map(({ ring, reason }) => [providers(ring), reason])).toEqual([
      ['ana ben', 'It is part of the best set of rings, which serves 2 people.'],
      ['ana cal', 'Not chosen: whoever offers “offering of ana” is in a ring that serves as many people and fits at least as well.'],
    ]);
  });

  it('does not close rings longer than allowed', () => {
    expect(named(problemOf(withPair, { ringLengthMax: 2 }), 'selected')).toEqual(['ana dia']);
    expect(named(problemOf(three, { ringLengthMax: 2 }), 'selected')).toEqual([]);
  });

  it('uses no leg below the threshold', () => {
    const score = Math.min(...(chooseRings(problemOf(three)).rings[0]?.ring.legs ?? []).map((leg) => leg.score));
    expect(named(problemOf(three, { threshold: score }), 'selected')).toHaveLength(1);
    expect(named(problemOf(three, { threshold: score + 1 }), 'selected')).toEqual([]);
  });

  it('passes over a ring that has ended and takes the next best', () => {
    const [first] = chooseRings(problemOf(withPair)).rings;
    const again = problemOf(withPair, { endedRings: new Set([first?.ring.ringId ?? '']) });
    expect(named(again, 'selected')).toEqual(['ana dia']);
    expect(chooseRings(again).rings.find(({ state }) => state === 'considered')?.reason).toMatch(/proposed before and came to an end/);
    expect(chooseRings(again).objective).toBe(chooseRings(again).bound);
  });

  it('does not claim a proof where the legs of a ring that has ended are used by others', () => {
    const crossed = [...withPair, ...member('eve', 'design', 'food'), ...member('fay', 'legal', 'design')];
    const all = chooseRings(problemOf(crossed));
    const without = chooseRings(problemOf(crossed, { endedRings: new Set(all.rings.filter(({ state }) => state === 'selected').map(({ ring }) => ring.ringId)) }));
    expect(without.rings.filter(({ state }) => state === 'selected').length).toBeGreaterThan(0);
    expect(without.bound).toBeGreaterThanOrEqual(without.objective);
    expect(without.bound).toBeLessThanOrEqual(all.bound);
  });

  it('takes another listing of the same people where their ring has ended', () => {
    const listings = [...three, { ...listing('need', 'ana', { capability: 'food' }), listingId: 'another-need', free: 2n }];
    const [first] = chooseRings(problemOf(listings)).rings;
    const [second] = chooseRings(problemOf(listings, { endedRings: new Set([first?.ring.ringId ?? '']) })).rings;
    expect(second).toMatchObject({ state: 'selected' });
    expect(second?.ring.ringId).not.toBe(first?.ring.ringId);
  });

  it('passes over a ring whose listings share no time', () => {
    const late = withPair.map((each) => (each.participantId === 'ben' ? { ...each, availableFromMs: 180 } : each.participantId === 'cal' && each.kind === 'need' ? { ...each, availableUntilMs: 180 } : each));
    expect(named(problemOf(late), 'selected')).toEqual(['ana dia']);
    expect(chooseRings(problemOf(late)).rings.map(({ reason }) => reason)).toContain('Its listings have no time in common in which the whole ring could be carried out.');
  });

  it('names and chooses the same rings whatever the order of the listings', () => {
    const listings = [...withPair, ...member('eve', 'design', 'food'), ...member('fay', 'legal', 'design')];
    const expected = chooseRings(problemOf(listings)).rings;
    fc.assert(fc.property(fc.shuffledSubarray(listings, { minLength: listings.length }), (shuffled) => {
      expect(chooseRings(problemOf(shuffled)).rings).toEqual(expected);
    }), { numRuns: 30 });
  });
});

describe('listings that stay at home', () => {
  const south = { homeNode: 'south' };
  const hidden = { visibility: 'node' as const };

  it('show the rings of their own node and choose none of them, because the terms of a chain are read by every node', () => {
    const problem = problemOf([...member('ana', 'legal', 'food', hidden), ...member('ben', 'food', 'legal', hidden)]);
    expect([named(problem, 'selected'), named(problem, 'considered')]).toEqual([[], ['ana ben']]);
    expect(chooseRings(problem).rings.map(({ reason }) => reason)).toEqual([expect.stringContaining('stays at home')]);
  });

  it('close no ring with anybody elsewhere', () => {
    expect(named(problemOf([...member('ana', 'legal', 'food', hidden), ...member('ben', 'food', 'legal', south)]), 'selected')).toEqual([]);
    const mixed = [...member('ana', 'legal', 'food', hidden), ...member('ben', 'food', 'design'), ...member('cal', 'design', 'legal', south)];
    expect(named(problemOf(mixed), 'selected')).toEqual([]);
  });

  it('do not change which network rings a node chooses', () => {
    const network = [...member('ana', 'legal', 'food'), ...member('ben', 'food', 'legal', south)];
    const held = [...member('dia', 'food', 'legal', { ...hidden, standing: 1_000_000 }), listing('offering', 'ana', { ...hidden, capability: 'legal', standing: 1_000_000 })];
    const [withThem, without] = [chooseRings(problemOf([...network, ...held])), chooseRings(problemOf(network, { ownNode: 'south' }))];
    expect(withThem.rings.filter(({ state }) => state === 'selected').map(({ ring }) => ring)).toEqual(without.rings.map(({ ring }) => ring));
  });

  it('show what they could do for those whom the network leaves', () => {
    const listings = [...three, ...member('dia', 'print', 'music', hidden), ...member('eve', 'music', 'print')];
    expect([named(problemOf(listings), 'selected'), named(problemOf(listings), 'considered')]).toEqual([['ana cal ben'], ['dia eve']]);
  });
});

interface Dataset {
  readonly cooperatives: readonly { readonly node: string; readonly key: string }[];
  readonly members: readonly { readonly key: string; readonly cooperative: string }[];
  readonly listings: readonly {
    readonly member: string; readonly kind: 'offering' | 'need'; readonly title: string; readonly capability: string; readonly amount: string; readonly unit: string;
    readonly delivery?: 'onsite' | 'remote'; readonly visibility?: 'network' | 'node';
  }[];
}

describe('the dataset of the three cooperatives', () => {
  const file = new URL('../../../../../testing/story/dataset/three-cooperatives.json', import.meta.url);
  const dataset = JSON.parse(readFileSync(file, 'utf8')) as Dataset;
  const nodeOf = (memberKey: string) => {
    const { cooperative } = dataset.members.find(({ key }) => key === memberKey) ?? { cooperative: '' };
    return dataset.cooperatives.find(({ key }) => key === cooperative)?.node ?? '';
  };
  const all = dataset.listings.map(({ member: name, kind, title, capability, amount, unit, delivery = 'onsite', visibility = 'network' }, at) =>
    listing(kind, name, { listingId: `${name}-${at}`, homeNode: nodeOf(name), title, capability, unit, free: BigInt(amount), delivery, visibility }));
  const seenBy = (node: string) => problemOf(all.filter(({ visibility, homeNode }) => visibility === 'network' || homeNode === node), { ownNode: node });

  it.each(['north', 'south', 'east'])('yields its three rings on %s', (node) => {
    expect(named(seenBy(node), 'selected').sort()).toEqual(['alice carol bob', 'dora farid emil', 'greta jan hana lea']);
  });

  it('considers the pair of alice and ivo and does not choose it', () => {
    const pair = chooseRings(seenBy('south')).rings.find(({ ring }) => providers(ring) === 'alice ivo');
    expect(pair).toMatchObject({ state: 'considered', reason: expect.stringContaining('serves 3 people instead of 2') });
  });

  it('matches kim with nobody', () => {
    expect(chooseRings(seenBy('east')).rings.flatMap(({ ring }) => ring.legs).some(({ offering }) => offering.participantId === 'kim')).toBe(false);
  });

  it('is named and proposed alike on every node', () => {
    const onNode = (node: string) => chooseRings(seenBy(node)).rings.map(({ ring, state }) => [ring.ringId, ring.proposingNode, state]);
    expect(onNode('south')).toEqual(onNode('north'));
    expect(onNode('east')).toEqual(onNode('north'));
  });
});
