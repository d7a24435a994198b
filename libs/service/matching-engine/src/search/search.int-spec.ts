import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exchange, listingPublished, listingWithdrawn, matching, trust, type Caller } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';
import { listingIdOfReference } from '../listing/domain/listing.js';

type Ring = z.output<typeof matching.ring>;

/** What a member gives and needs, and where. */
interface Member { readonly name: string; readonly node: string; readonly gives: string; readonly needs: string; readonly visibility?: 'network' | 'node' }

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const asMember = (name: string): Caller => ({ did: walletOf(name).did, role: 'participant' });
const operator: Caller = { did: walletOf('operator').did, role: 'operator' };
const [north, south] = [nodeIdOf('north'), nodeIdOf('south')];
const window = { from: inDays(1), until: inDays(60) };

const TABLES = 'listing, standing, proposed_ring, proposed_ring_listing, ring, latest_search, inbox_message';

/** The node in which a search is run, and what the test does to it. */
class SearchedNode {
  private before = 0;

  constructor(readonly probe: ServiceProbe) {}

  run() { return this.probe.ask(matching.runSearch, {}, operator); }

  async rings(state?: 'selected' | 'considered'): Promise<Ring[]> {
    return (await this.probe.ask(matching.listRings, { limit: 200, state }, operator)).items;
  }

  /** Rings handed to the exchange manager since everything was forgotten. */
  async proposed(): Promise<string[]> {
    return (await this.events()).slice(this.before);
  }

  private async events(): Promise<string[]> {
    await until('the outbox to be empty', async () => (await this.probe.sql(`SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL`)).length === 0);
    return (await this.probe.published(matching.ringSelected)).map(({ ringId }) => ringId);
  }

  async publish(name: string, listing: Pick<Listing, 'kind' | 'capability'> & Partial<Listing>): Promise<string> {
    const { amount, unit, ...content } = { amount: '3', unit: 'HOUR', title: `${listing.capability} of ${name}`, ...listing };
    const publication = { ...content, quantity: { amount, unit }, availableFrom: window.from, availableUntil: window.until };
    return (await this.probe.ask(matching.publishListing, publication, asMember(name))).listingId;
  }

  async receive(node: string, name: string, listing: Pick<Listing, 'kind' | 'capability'> & Partial<Listing>): Promise<string> {
    const { amount, unit, delivery = 'onsite', reference, visibility: _visibility, ...content } = { amount: '3', unit: 'HOUR', title: `${listing.capability} of ${name}`, ...listing };
    const listingId = listingIdOfReference(walletOf(name).did, reference ?? `${listing.kind} ${listing.capability}`);
    await this.probe.deliver(listingPublished, {
      listing_id: listingId, participant_id: walletOf(name).did, home_node: node, ...content, quantity: { amount, unit }, delivery, place: null,
      available_from: window.from, available_until: window.until, published_at: window.from,
    }, { issuer: node });
    return listingId;
  }

  /** Publishes both listings of each member, on its own node. */
  async settle(members: readonly Member[]): Promise<void> {
    for (const { name, node, gives, needs, visibility = 'network' } of members) {
      for (const [kind, capability] of [['offering', gives], ['need', needs]] as const) {
        const listing = { kind, capability, visibility, reference: `${kind}-${capability}` };
        await (node === north ? this.publish(name, listing) : this.receive(node, name, listing));
      }
    }
    await this.knows(2 * members.length);
  }

  async knows(count: number): Promise<void> {
    await until(`${count} listings`, async () => (await this.probe.sql('SELECT 1 FROM matching_engine.listing')).length === count);
  }

  async end(ringId: string, outcome: 'completed' | 'aborted'): Promise<void> {
    await this.probe.emit(exchange.chainEnded, { chainId: ringId, termsHash: hashDocument({}), outcome, reason: null, members: [], listings: [], endedAt: inDays(0) });
    await until('the end', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.proposed_ring WHERE ring_id = $1 AND outcome = $2', [ringId, outcome])).length === 1);
  }

  async judge(name: string, standing: number, version: number): Promise<void> {
    await this.probe.emit(trust.standingChanged, { participantId: walletOf(name).did, standing, tier: 'established', version });
  }

  async forget(): Promise<void> {
    this.before = (await this.events()).length;
    await this.probe.sql(`TRUNCATE ${TABLES.split(', ').map((table) => `matching_engine.${table}`).join(', ')}`);
  }
}

interface Listing {
  readonly kind: 'offering' | 'need'; readonly capability: string; readonly title: string; readonly amount: string; readonly unit: string;
  readonly delivery: 'onsite' | 'remote'; readonly visibility: 'network' | 'node'; readonly reference: string;
}

const nameOf = new Map(['ana', 'ben', 'cal', 'dia', 'alice', 'carol', 'bob', 'ivo', 'farid', 'emil', 'dora', 'greta', 'jan', 'hana', 'lea', 'kim'].map((name) => [walletOf(name).did as string, name]));
/** Providers of a ring in ring order, from the first in the alphabet on. */
function circle({ legs }: Pick<Ring, 'legs'>): string {
  const names = legs.map(({ providerId }) => nameOf.get(providerId) ?? providerId);
  const first = names.indexOf([...names].sort()[0] ?? '');
  return [...names.slice(first), ...names.slice(0, first)].join(' ');
}

/** The published rules, calculated once more. */
const ringIdBy = (legs: Ring['legs']) =>
  `r-${hashDocument(legs.map(({ offeringId, needId, quantity }) => [offeringId, needId, quantity.amount]).sort((left, right) => (left.join(' ') < right.join(' ') ? -1 : 1)))}`;
const proposerBy = ({ ringId, legs }: Ring) => [...legs]
  .map(({ providerId, providerNode }) => ({ lot: hashDocument([ringId, providerId]), providerNode }))
  .sort((left, right) => (left.lot < right.lot ? -1 : 1))[0]?.providerNode;

/** The seed's own ring, ben on another node. With the word `a` it is north's turn to propose it, with `b` south's. */
const acrossNodes = (word: string): Member[] => [
  { name: 'ana', node: north, gives: `legal.${word}`, needs: `food.${word}` },
  { name: 'ben', node: south, gives: `food.${word}`, needs: `design.${word}` },
  { name: 'cal', node: north, gives: `design.${word}`, needs: `legal.${word}` },
];

describe('a search', () => {
  let node: SearchedNode;
  beforeAll(async () => {
    node = new SearchedNode(await ServiceProbe.start(matchingEngineService, { KULA_MATCHING_INTERVAL_SECONDS: '0' }));
    await node.publish('ana', { kind: 'need', capability: 'first' });
  });
  beforeEach(async () => { await node.forget(); });
  afterAll(async () => { await node?.probe.stop(); });

  it('finds nothing in an empty graph', async () => {
    expect(await node.run()).toEqual({ ringsFound: 0, ringsSelected: 0, proven: true, objective: '0', bound: '0', complete: true, peersAsked: 0, peersSilent: [] });
    expect(await node.rings()).toEqual([]);
  });

  it('closes the ring that crosses two nodes, explains each leg and follows the published rules', async () => {
    await node.settle(acrossNodes('a'));
    expect(await node.run()).toMatchObject({ ringsFound: 1, ringsSelected: 1, proven: true, complete: true });
    const [ring] = await node.rings() as [Ring];
    expect(circle(ring)).toBe('ana cal ben');
    expect(ring).toMatchObject({ state: 'selected', reason: 'It is part of the best set of rings, which serves 3 people.' });
    expect(ring.ringId).toBe(ringIdBy(ring.legs));
    expect(ring.proposingNode).toBe(proposerBy(ring));
    expect(ring.legs[0]?.providerId).toBe([...ring.legs.map(({ providerId }) => providerId)].sort()[0]);
    expect(ring.legs.map(({ legId }) => legId)).toEqual([0, 1, 2].map((at) => `${ring.ringId}-${at}`));
    for (const leg of ring.legs) {
      expect(leg.explanation.map(({ part }) => part)).toEqual(['capability', 'quantity', 'time', 'place', 'trust']);
      expect(leg.score).toBe(Math.floor(leg.explanation.reduce((sum, { score, weight }) => sum + score * weight, 0) / 1_000_000));
    }
  });

  it('proposes a ring where it is the turn of this node', async () => {
    await node.settle(acrossNodes('a'));
    await node.run();
    const [ring] = await node.rings() as [Ring];
    expect(ring).toMatchObject({ state: 'selected', proposingNode: north });
    expect(await node.proposed()).toEqual([ring.ringId]);
  });

  it('leaves a ring to the other node where it is the turn of that one', async () => {
    await node.settle(acrossNodes('b'));
    await node.run();
    expect(await node.rings()).toMatchObject([{ state: 'selected', proposingNode: south }]);
    expect(await node.proposed()).toEqual([]);
  });

  describe('of which this node proposes the ring', () => {
    /** `ana ben` is this node's alone. */
    const pair: Member[] = [{ name: 'ana', node: north, gives: 'legal', needs: 'food' }, { name: 'ben', node: north, gives: 'food', needs: 'legal' }];
    const rival: Member = { name: 'dia', node: north, gives: 'food', needs: 'legal' };
    let ring: Ring;
    beforeEach(async () => {
      await node.settle(pair);
      await node.run();
      [ring] = await node.rings() as [Ring];
    });

    it('tells the exchange manager in which time it is carried out', async () => {
      expect(await node.proposed()).toEqual([ring.ringId]);
      const event = (await node.probe.published(matching.ringSelected)).find(({ ringId }) => ringId === ring.ringId);
      expect(event).toEqual({ ...ring, executionStart: window.from, executionEnd: window.until });
    });

    it('proposes it once, however often and at once it is searched, and shows it while it is under way', async () => {
      await node.settle([...pair, { ...pair[0], name: 'cal', needs: 'music' }, { name: 'dia', node: north, gives: 'music', needs: 'legal' }] as Member[]);
      await Promise.all([node.run(), node.run(), node.run()]);
      await node.run();
      await node.probe.restart();
      expect(await node.run()).toMatchObject({ ringsFound: 0, ringsSelected: 0 });
      expect((await node.rings()).map((each) => [circle(each), each.state]).sort()).toEqual([['ana ben', 'selected'], ['cal dia', 'selected']]);
      expect((await node.proposed()).length).toBe(2);
    });

    it('does not use its listings again until it has ended', async () => {
      await node.settle([...pair, rival]);
      expect(await node.run()).toMatchObject({ ringsFound: 0 });
      await node.end(ring.ringId, 'aborted');
      expect(await node.run()).toMatchObject({ ringsFound: 2, ringsSelected: 1 });
    });

    it('passes over it once it has ended, says why and proposes the next best', async () => {
      await node.settle([...pair, rival]);
      await node.end(ring.ringId, 'aborted');
      await node.run();
      const [next, ended] = await node.rings() as [Ring, Ring];
      expect([circle(next), next.state]).toEqual(['ana dia', 'selected']);
      expect(ended).toMatchObject({ ringId: ring.ringId, state: 'considered', reason: expect.stringContaining('proposed before and came to an end') });
      expect(await node.proposed()).toEqual([ring.ringId, next.ringId]);
    });

    it('does not find it again once what it used is not free any more', async () => {
      for (const { needId } of ring.legs) await node.probe.emit(matching.capacityChanged, { listingId: needId, free: '0', version: 1 });
      await until('both needs to be met', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.listing WHERE free = 0')).length === 2);
      await node.end(ring.ringId, 'completed');
      expect(await node.run()).toMatchObject({ ringsFound: 0 });
      expect(await node.rings()).toEqual([]);
    });

    it('takes the first end of it only', async () => {
      await node.end(ring.ringId, 'aborted');
      await node.probe.emit(exchange.chainEnded, { chainId: ring.ringId, termsHash: hashDocument({}), outcome: 'completed', reason: null, members: [], listings: [], endedAt: inDays(0) });
      await node.end('r-of-another-node', 'aborted');
      expect(await node.probe.sql('SELECT outcome FROM matching_engine.proposed_ring WHERE ring_id = $1', [ring.ringId])).toEqual([{ outcome: 'aborted' }]);
    });
  });

  it('does not propose a ring again that other nodes proposed and that has ended', async () => {
    await node.settle(acrossNodes('a'));
    await node.run();
    const [ring] = await node.rings() as [Ring];
    await node.forget();
    await node.end(ring.ringId, 'aborted');
    await node.settle(acrossNodes('a'));
    expect(await node.run()).toMatchObject({ ringsFound: 1, ringsSelected: 0, proven: true });
  });

  it('follows the latest standing of a participant, known before its listings', async () => {
    await node.judge('dia', 900_000, 2);
    await node.judge('dia', 0, 1);
    await node.judge('ana', 900_000, 1);
    await until('the standings', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.standing')).length === 2);
    await node.settle([
      { name: 'ana', node: north, gives: 'legal', needs: 'food' }, { name: 'ben', node: south, gives: 'food', needs: 'legal' }, { name: 'dia', node: south, gives: 'food', needs: 'legal' },
    ]);
    await node.run();
    expect((await node.rings()).map((ring) => [circle(ring), ring.state])).toEqual([['ana dia', 'selected'], ['ana ben', 'considered']]);
  });

  it('forgets what is withdrawn', async () => {
    await node.settle(acrossNodes('a'));
    await node.probe.deliver(listingWithdrawn, { listing_id: listingIdOfReference(walletOf('ben').did, 'need-design.a'), home_node: south }, { issuer: south });
    await until('the withdrawal', async () => (await node.probe.sql(`SELECT 1 FROM matching_engine.listing WHERE state = 'withdrawn'`)).length === 1);
    expect(await node.run()).toMatchObject({ ringsFound: 0 });
  });

  it('shows rings of listings that stay at home and proposes none of them', async () => {
    await node.settle([
      { name: 'ana', node: north, gives: 'legal', needs: 'food', visibility: 'node' }, { name: 'ben', node: south, gives: 'food', needs: 'legal' },
      { name: 'cal', node: north, gives: 'food', needs: 'legal' },
    ]);
    await node.run();
    const [ring, ...others] = await node.rings() as [Ring];
    expect([circle(ring), ring.state, others]).toEqual(['ana cal', 'considered', []]);
    expect(await node.proposed()).toEqual([]);
  });

  it('shows its rings page by page, the chosen ones first', async () => {
    const pairs = ['x', 'y', 'z'].flatMap((word) => [{ name: 'ana', node: south, gives: `a.${word}`, needs: `b.${word}` }, { name: 'ben', node: south, gives: `b.${word}`, needs: `a.${word}` }]);
    await node.settle([...pairs, { name: 'cal', node: south, gives: 'b.x', needs: 'a.x' }, { name: 'dia', node: south, gives: 'b.y', needs: 'a.y' }]);
    await node.run();
    const all = await node.rings();
    expect(all.map(({ state }) => state)).toEqual(['selected', 'considered', 'considered']);
    const paged: Ring[] = [];
    let cursor: string | null = null;
    do {
      const page: z.output<typeof matching.listRings.output> = await node.probe.ask(matching.listRings, { limit: 1, ...(cursor !== null && { cursor }) }, operator);
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all);
    expect(await node.rings('considered')).toEqual(all.slice(1));
    await expect(node.probe.ask(matching.listRings, { cursor: 'AAAA' }, operator)).rejects.toMatchObject({ code: 'message.malformed' });
  });

  it('tells the story of the three cooperatives', async () => {
    interface Row { readonly member: string; readonly kind: 'offering' | 'need'; readonly title: string; readonly capability: string; readonly amount: string; readonly unit: string; readonly delivery?: 'onsite' | 'remote'; readonly visibility?: 'network' | 'node' }
    interface Dataset { readonly cooperatives: { node: string; key: string }[]; readonly members: { key: string; cooperative: string }[]; readonly listings: Row[] }
    const { cooperatives, members, listings } = JSON.parse(readFileSync(new URL('../../../../testing/story/dataset/three-cooperatives.json', import.meta.url), 'utf8')) as Dataset;
    const homeOf = (name: string) => nodeIdOf(cooperatives.find(({ key }) => key === members.find((each) => each.key === name)?.cooperative)?.node ?? '');
    let known = 0;
    for (const [at, { member: name, ...listing }] of listings.entries()) {
      const home = homeOf(name);
      if (home !== north && listing.visibility === 'node') continue;
      await (home === north ? node.publish(name, listing) : node.receive(home, name, { ...listing, reference: String(at) }));
      known += 1;
    }
    await node.knows(known);
    expect(await node.run()).toMatchObject({ ringsSelected: 3, proven: true, complete: true });
    const rings = await node.rings();
    const inState = (state: string) => rings.filter((ring) => ring.state === state).map(circle).sort();
    expect(inState('selected')).toEqual(['alice carol bob', 'dora farid emil', 'greta jan hana lea']);
    expect(inState('considered')).toEqual(['alice ivo']);
    expect(rings.find(({ state }) => state === 'considered')?.reason).toBe('Not chosen: whoever offers “Contract review and legal advice” is in a larger ring, which serves 3 people instead of 2.');
    const ours = rings.filter(({ state, proposingNode }) => state === 'selected' && proposingNode === north).map(({ ringId }) => ringId);
    expect((await node.proposed()).sort()).toEqual(ours.sort());
  });
});

describe('a node that searches by itself', () => {
  let node: SearchedNode;
  beforeAll(async () => {
    node = new SearchedNode(await ServiceProbe.start(matchingEngineService, { KULA_MATCHING_INTERVAL_SECONDS: '1', KULA_RING_LENGTH_MAX: '2', KULA_MATCHING_THRESHOLD: '500000' }));
  });
  afterAll(async () => { await node?.probe.stop(); });

  it('finds what has changed, within its own limits', async () => {
    await node.settle([
      ...acrossNodes('a'),
      { name: 'dia', node: south, gives: 'food.a', needs: 'legal.a' },
    ]);
    await until('a ring', async () => (await node.rings('selected')).length === 1);
    expect((await node.rings()).map(circle)).toEqual(['ana dia']);
  });
});
