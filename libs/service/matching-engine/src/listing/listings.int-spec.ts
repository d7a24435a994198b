import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listingPublished, listingReserved, listingWithdrawn, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';
import { OPEN_LISTINGS_MAX } from './domain/listing.js';

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const asMember = (name: string): Caller => ({ did: walletOf(name).did, role: 'participant' });
const [ana, ben, cal, dia] = [asMember('ana'), asMember('ben'), asMember('cal'), asMember('dia')];

type Publication = z.input<typeof matching.publishListing.input>;
const window = { availableFrom: inDays(1), availableUntil: inDays(60) };
const catering: Publication = { kind: 'offering', title: 'Catering', capability: 'food.catering', quantity: { amount: '60', unit: 'PORTION' }, ...window };

describe('listings', () => {
  let probe: ServiceProbe;
  beforeAll(async () => {
    probe = await ServiceProbe.start(matchingEngineService, { KULA_MATCHING_INTERVAL_SECONDS: '0' });
    await publish({ reference: 'the-first' });
    await relayed();
  });
  afterAll(async () => { await probe?.stop(); });

  const publish = (publication: Partial<Publication>, caller: Caller | null = ana) => probe.ask(matching.publishListing, { ...catering, ...publication }, caller);
  const withdraw = (listingId: string, caller: Caller | null = ana) => probe.ask(matching.withdrawListing, { listingId }, caller);
  const get = (listingId: string) => probe.ask(matching.getListing, { listingId }, ben);
  const opened = async (listingId: string) => (await probe.published(matching.listingOpened)).filter((event) => event.listingId === listingId);
  const sentOf = async (message: Parameters<ServiceProbe['sent']>[0], listingId: string) => (await probe.sent(message)).filter(({ subject }) => subject === listingId);
  /** Waits until everything that was written to the outbox is published. */
  const relayed = () => until('the outbox to be empty', async () => (await probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);
  const changeCapacity = (listingId: string, free: string, version: number) => probe.emit(matching.capacityChanged, { listingId, free, version });

  it('are published, told to the node and replicated, once however often they are repeated', async () => {
    const first = await publish({ reference: 'buffet', place: 'Northport' });
    expect(first).toEqual({
      listingId: expect.stringMatching(/^l-[A-Za-z0-9_-]{22}$/), kind: 'offering', participantId: ana.did, homeNode: probe.nodeId, title: 'Catering', capability: 'food.catering',
      quantity: { amount: '60', unit: 'PORTION' }, free: '60', ...window, place: 'Northport', delivery: 'onsite', visibility: 'network', state: 'open',
      publishedAt: expect.any(String),
    });
    expect(await publish({ reference: 'buffet', place: 'Northport' })).toEqual(first);
    await relayed();
    expect(await sentOf(listingPublished, first.listingId)).toMatchObject([{ topic: 'graph', body: {
      listing_id: first.listingId, kind: 'offering', participant_id: ana.did, home_node: probe.nodeId, title: 'Catering', capability: 'food.catering',
      quantity: { amount: '60', unit: 'PORTION' }, available_from: window.availableFrom, available_until: window.availableUntil, place: 'Northport',
      delivery: 'onsite', published_at: first.publishedAt,
    } }]);
    expect(await opened(first.listingId)).toEqual([first]);
    expect(await get(first.listingId)).toEqual(first);
  });

  it('are one when the same reference is published at the same moment', async () => {
    const references = Array.from({ length: 8 }, (_, at) => `at-once-${at}`);
    const answers = await Promise.all([...references, ...references, ...references].map((reference) => publish({ reference })));
    expect(new Set(answers.map(({ listingId, publishedAt }) => `${listingId} ${publishedAt}`)).size).toBe(references.length);
    await relayed();
    const ids = new Set(answers.map(({ listingId }) => listingId));
    expect((await probe.published(matching.listingOpened)).filter(({ listingId }) => ids.has(listingId))).toHaveLength(references.length);
    expect((await probe.sent(listingPublished)).filter(({ subject }) => ids.has(subject))).toHaveLength(references.length);
  });

  it('have a new id each time without a reference, and one of their own for each member', async () => {
    const ids = [(await publish({})).listingId, (await publish({})).listingId, (await publish({ reference: 'mine' })).listingId, (await publish({ reference: 'mine' }, ben)).listingId];
    expect(new Set(ids).size).toBe(4);
  });

  describe('refuse', () => {
    const reversed = { availableFrom: inDays(-2), availableUntil: inDays(-3) };
    const past = { availableFrom: inDays(-3), availableUntil: inDays(-2) };
    const crowd = Array.from({ length: OPEN_LISTINGS_MAX }, (_, at) => ({ reference: `crowd-${at}` }));
    beforeAll(async () => { await Promise.all(crowd.map((publication) => publish(publication, cal))); });

    it.each<[string, Partial<Publication>]>([
      ['matching.window_reversed', { ...reversed, reference: 'crowd-0' }],
      ['matching.window_past', { ...past, reference: 'crowd-0' }],
      ['matching.listing_exists', { reference: 'crowd-0', title: 'Something else' }],
      ['matching.too_many_listings', { reference: 'one-more' }],
    ])('with %s, the first that applies', async (code, publication) => {
      await expect(publish(publication, cal)).rejects.toMatchObject({ code });
    });

    it('nothing of a repetition, though there are as many as may be', async () => {
      expect(await publish({ reference: 'crowd-7' }, cal)).toMatchObject({ state: 'open' });
    });

    it('no more once one is withdrawn', async () => {
      const { listingId } = await publish({ reference: 'crowd-1' }, cal);
      await withdraw(listingId, cal);
      expect(await publish({ reference: 'instead' }, cal)).toMatchObject({ state: 'open' });
      await expect(publish({ reference: 'again-too-many' }, cal)).rejects.toMatchObject({ code: 'matching.too_many_listings' });
    });

    it.each<[string, Partial<Publication>]>([
      ['/quantity/amount', { quantity: { amount: '-1', unit: 'HOUR' } }],
      ['/quantity/amount', { quantity: { amount: '0', unit: 'HOUR' } }],
      ['/quantity/unit', { quantity: { amount: '1', unit: 'hours' } }],
      ['/capability', { capability: 'Food' }],
      ['/title', { title: 'null \u0000 byte' }],
      ['/place', { place: 'half a letter \ud800' }],
      ['/availableUntil', { availableUntil: 'tomorrow' }],
    ])('a malformed %s', async (pointer, publication) => {
      await expect(publish(publication)).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining(pointer) });
    });

    it('whoever is not signed in', async () => {
      await expect(publish({}, null)).rejects.toMatchObject({ code: 'access.not_signed_in' });
      await expect(withdraw('l-any', null)).rejects.toMatchObject({ code: 'access.not_signed_in' });
    });

    it('withdrawing what is unknown, then what is somebody else\'s', async () => {
      const { listingId } = await publish({ reference: 'not-yours' });
      await expect(withdraw('l-unknown')).rejects.toMatchObject({ code: 'matching.listing_unknown' });
      await expect(withdraw(listingId, ben)).rejects.toMatchObject({ code: 'matching.not_your_listing' });
      expect(await get(listingId)).toMatchObject({ state: 'open' });
    });

    it('showing what is unknown', async () => {
      await expect(get('l-unknown')).rejects.toMatchObject({ code: 'matching.listing_unknown' });
    });
  });

  it('are withdrawn, told to the node and to other nodes, once', async () => {
    const { listingId } = await publish({ reference: 'short-lived' });
    const withdrawn = await withdraw(listingId);
    expect(withdrawn).toMatchObject({ listingId, state: 'withdrawn' });
    expect(await withdraw(listingId)).toEqual(withdrawn);
    expect(await publish({ reference: 'short-lived' })).toEqual(withdrawn);
    await relayed();
    expect(await sentOf(listingWithdrawn, listingId)).toMatchObject([{ body: { listing_id: listingId, home_node: probe.nodeId } }]);
    const closings = (await probe.published(matching.listingClosed)).filter((event) => event.listingId === listingId);
    expect(closings).toEqual([{ listingId, participantId: ana.did, closedAt: expect.any(String) }]);
  });

  it('that stay at home are told to the node and never leave it', async () => {
    const { listingId } = await publish({ reference: 'at-home', visibility: 'node' });
    await relayed();
    expect(await opened(listingId)).toMatchObject([{ visibility: 'node' }]);
    await changeCapacity(listingId, '20', 1);
    await until('the capacity to change', async () => (await get(listingId)).free === '20');
    await withdraw(listingId);
    await relayed();
    for (const message of [listingPublished, listingReserved, listingWithdrawn]) {
      expect(JSON.stringify(await probe.sent(message))).not.toContain(listingId);
    }
  });

  it('follow the latest change of capacity and tell other nodes what is free', async () => {
    const { listingId } = await publish({ reference: 'capacity' });
    await changeCapacity(listingId, '20', 2);
    await changeCapacity(listingId, '60', 1);
    await changeCapacity(listingId, '20', 3);
    await changeCapacity(listingId, '35', 4);
    await until('the last change', async () => (await get(listingId)).free === '35');
    await relayed();
    expect((await sentOf(listingReserved, listingId)).map(({ body }) => body['free'])).toEqual(['20', '35']);
  });

  it('tell nobody what is free of a withdrawn one', async () => {
    const { listingId } = await publish({ reference: 'reserved-and-withdrawn' });
    await withdraw(listingId);
    await changeCapacity(listingId, '20', 1);
    await until('the change', async () => (await get(listingId)).free === '20');
    await relayed();
    expect(await sentOf(listingReserved, listingId)).toEqual([]);
  });

  it('are listed page by page, the last that came first, open ones only', async () => {
    const references = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5'];
    const ids: string[] = [];
    for (const reference of references) ids.push((await publish({ reference, kind: reference === 'p-2' ? 'need' : 'offering' }, dia)).listingId);
    await withdraw(ids[2] ?? '', dia);
    const list = (page: z.input<typeof matching.listListings.input>) => probe.ask(matching.listListings, { participantId: dia.did, ...page }, ana);
    const first = await list({ limit: 2 });
    expect(first.items.map(({ listingId }) => listingId)).toEqual([ids[4], ids[3]]);
    const second = await list({ limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ listingId: ids[1] }, { listingId: ids[0] }], nextCursor: null });
    expect((await list({ kind: 'need' })).items.map(({ listingId }) => listingId)).toEqual([ids[1]]);
    expect((await list({ homeNode: nodeIdOf('south') })).items).toEqual([]);
    expect((await list({ homeNode: probe.nodeId })).items).toHaveLength(4);
  });

  it.each(['x', 'AAAA', 'l-1'])('do not follow the cursor %s', async (cursor) => {
    await expect(probe.ask(matching.listListings, { cursor }, ana)).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/cursor') });
  });

  it('are closed when their time is over, and everything else is kept over a restart', async () => {
    const { listingId } = await publish({ reference: 'over' });
    const kept = await publish({ reference: 'kept' });
    await probe.sql('UPDATE matching_engine.listing SET available_from_ms = 1, available_until_ms = 2 WHERE listing_id = $1', [listingId]);
    await probe.restart();
    await until('the listing to be closed', async () => (await get(listingId)).state === 'withdrawn');
    await relayed();
    expect(await sentOf(listingWithdrawn, listingId)).toHaveLength(1);
    expect((await probe.published(matching.listingClosed)).filter((event) => event.listingId === listingId)).toHaveLength(1);
    expect(await get(kept.listingId)).toEqual(kept);
  });
});
