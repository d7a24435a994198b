import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listingPublished, listingReserved, listingWithdrawn, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const [north, south, east] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east')];
const [ana, ben] = [walletOf('ana').did, walletOf('ben').did];
const asAna: Caller = { did: ana, role: 'participant' };

type Body = z.input<typeof listingPublished.body>;
const flour: Body = {
  listing_id: 'flour', kind: 'offering', participant_id: ben, home_node: south, title: 'Flour', capability: 'food.flour', quantity: { amount: '80', unit: 'KGM' },
  available_from: inDays(1), available_until: inDays(60), place: null, delivery: 'onsite', published_at: inDays(-1),
};

describe('entries about listings', () => {
  let probe: ServiceProbe;
  beforeAll(async () => {
    probe = await ServiceProbe.start(matchingEngineService, { KULA_MATCHING_INTERVAL_SECONDS: '0' });
    await publish('the-first');
    await relayed();
  });
  afterAll(async () => { await probe?.stop(); });

  const deliver = (body: Partial<Body>, from: { issuer: string; seq?: number } = { issuer: south }) => probe.deliver(listingPublished, { ...flour, ...body }, from);
  const publish = (reference: string) => probe.ask(matching.publishListing, {
    reference, kind: 'offering', title: 'Bread', capability: 'food.bread', quantity: { amount: '9', unit: 'PIECE' }, availableFrom: flour.available_from, availableUntil: flour.available_until,
  }, asAna);
  /** Waits until everything that was written to the outbox is published. */
  const relayed = () => until('the outbox to be empty', async () => (await probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);
  const openings = async (listingId: string) => (await probe.published(matching.listingOpened)).filter((event) => event.listingId === listingId);
  const get = (listingId: string) => probe.ask(matching.getListing, { listingId }, asAna);
  const arrived = (listingId: string) => until(`listing ${listingId}`, () => get(listingId).catch(() => undefined));
  const refusals = async () => (await probe.sql<{ entry_id: string; code: string }>('SELECT entry_id, code FROM matching_engine.refused_entry ORDER BY refused_at')).map(({ entry_id, code }) => [entry_id, code]);
  /** Waits until the entries before have been worked through. */
  const settle = async () => {
    const { issuer, seq } = await deliver({ listing_id: `mark-${await marks()}` });
    await until('the entries before', async () => (await probe.sql('SELECT 1 FROM matching_engine.inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length === 1);
  };
  const marks = async () => (await probe.sql(`SELECT 1 FROM matching_engine.listing WHERE listing_id LIKE 'mark-%'`)).length;

  it('bring copies of the listings of other nodes, which are not opened here', async () => {
    const entry = await deliver({ place: 'Southvale' });
    expect(await arrived('flour')).toEqual({
      listingId: 'flour', kind: 'offering', participantId: ben, homeNode: south, title: 'Flour', capability: 'food.flour', quantity: { amount: '80', unit: 'KGM' }, free: '80',
      availableFrom: flour.available_from, availableUntil: flour.available_until, place: 'Southvale', delivery: 'onsite', visibility: 'network', state: 'open', publishedAt: flour.published_at,
    });
    await deliver({ place: 'Southvale' }, entry);
    await deliver({ place: 'Southvale' });
    await settle();
    expect(await refusals()).toEqual([]);
    expect(await openings('flour')).toEqual([]);
    expect((await probe.ask(matching.listListings, { homeNode: south }, asAna)).items.map(({ listingId }) => listingId)).toContain('flour');
  });

  it('keep what is free of a copy as its home node says', async () => {
    await deliver({ listing_id: 'reserved' });
    await probe.deliver(listingReserved, { listing_id: 'reserved', home_node: south, free: '55' }, { issuer: south });
    await until('the reservation', async () => (await get('reserved').catch(() => undefined))?.free === '55');
    await probe.deliver(listingReserved, { listing_id: 'reserved', home_node: south, free: '80' }, { issuer: south });
    await until('the release', async () => (await get('reserved')).free === '80');
  });

  it('close a copy for good, whatever is repeated afterwards', async () => {
    const first = await deliver({ listing_id: 'gone' });
    await probe.deliver(listingWithdrawn, { listing_id: 'gone', home_node: south }, { issuer: south });
    await until('the withdrawal', async () => (await get('gone').catch(() => undefined))?.state === 'withdrawn');
    await deliver({ listing_id: 'gone' }, first);
    await deliver({ listing_id: 'gone' });
    await settle();
    expect(await get('gone')).toMatchObject({ state: 'withdrawn' });
  });

  it('are refused and recorded where they say what their issuer may not say', async () => {
    await deliver({ listing_id: 'guarded' });
    const before = await arrived('guarded');
    const forged = [
      [await deliver({ listing_id: 'forged', home_node: south }, { issuer: east }), 'matching.foreign_listing'],
      [await deliver({ listing_id: 'guarded', home_node: east }, { issuer: east }), 'matching.listing_exists'],
      [await probe.deliver(listingWithdrawn, { listing_id: 'guarded', home_node: east }, { issuer: east }), 'matching.foreign_listing'],
      [await probe.deliver(listingReserved, { listing_id: 'guarded', home_node: south, free: '1' }, { issuer: east }), 'matching.foreign_listing'],
      [await deliver({ listing_id: 'guarded', participant_id: ana }), 'matching.listing_exists'],
      [await deliver({ listing_id: 'guarded', title: 'Other flour' }), 'matching.listing_exists'],
      [await deliver({ listing_id: 'backwards', available_until: flour.available_from }), 'matching.window_reversed'],
      [await probe.deliver(listingReserved, { listing_id: 'guarded', home_node: south, free: '81' }, { issuer: south }), 'matching.free_exceeds_amount'],
      [await probe.deliver(listingWithdrawn, { listing_id: 'never-published', home_node: north }, { issuer: north }), 'matching.listing_unknown'],
      [await deliver({ listing_id: 'malformed', quantity: { amount: '-3', unit: 'KGM' } }), 'message.malformed'],
    ] as const;
    await settle();
    expect(await refusals()).toEqual(forged.map(([{ issuer, seq }, code]) => [`${issuer}:${seq}`, code]));
    expect(await get('guarded')).toEqual(before);
    for (const listingId of ['forged', 'backwards', 'malformed']) await expect(get(listingId)).rejects.toMatchObject({ code: 'matching.listing_unknown' });
  });

  it('may speak of a time that is over, so that a node that joins late misses nothing', async () => {
    await deliver({ listing_id: 'long-past', available_from: inDays(-9), available_until: inDays(-8) });
    expect(await arrived('long-past')).toMatchObject({ state: 'open' });
    expect((await probe.ask(matching.listListings, { participantId: ben, limit: 200 }, asAna)).items.map(({ listingId }) => listingId)).not.toContain('long-past');
  });

  it('of this node change nothing when they come back, early or late', async () => {
    const { listingId } = await publish('mine');
    await relayed();
    const [draft] = (await probe.sent(listingPublished)).filter(({ subject }) => subject === listingId);
    await probe.emit(matching.capacityChanged, { listingId, free: '4', version: 2 });
    await until('the reservation', async () => (await get(listingId)).free === '4');
    const before = await get(listingId);
    await probe.deliver(listingPublished, draft?.body as Body, { issuer: north });
    await probe.deliver(listingReserved, { listing_id: listingId, home_node: north, free: '7' }, { issuer: north });
    await settle();
    expect(await get(listingId)).toEqual(before);
    expect(await openings(listingId)).toHaveLength(1);
    await probe.ask(matching.withdrawListing, { listingId }, asAna);
    await probe.deliver(listingWithdrawn, { listing_id: listingId, home_node: north }, { issuer: north });
    await settle();
    await relayed();
    expect(await get(listingId)).toMatchObject({ state: 'withdrawn' });
    expect((await probe.published(matching.listingClosed)).filter((event) => event.listingId === listingId)).toHaveLength(1);
    expect((await probe.sent(listingWithdrawn)).filter(({ subject }) => subject === listingId)).toHaveLength(1);
  });

  it('of this node bring back what a restored node has lost, and open it again', async () => {
    await deliver({ listing_id: 'restored', home_node: north, participant_id: ana }, { issuer: north });
    expect(await arrived('restored')).toMatchObject({ homeNode: north, participantId: ana, state: 'open' });
    await relayed();
    expect(await openings('restored')).toHaveLength(1);
    expect((await probe.sent(listingPublished)).filter(({ subject }) => subject === 'restored')).toEqual([]);
  });

  it('leave copies to their members: nobody withdraws one here', async () => {
    await expect(probe.ask(matching.withdrawListing, { listingId: 'flour' }, { did: ben, role: 'participant' })).rejects.toMatchObject({ code: 'matching.not_your_listing' });
  });
});
