import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listingPublished, listingReserved, listingSummarised, listingWithdrawn, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const [north, south, east] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east')];
const ana: Caller = { did: walletOf('ana').did, role: 'participant' };
const [ref, otherRef] = [`p-${'a'.repeat(43)}`, `p-${'b'.repeat(43)}`];

type Body = z.input<typeof listingSummarised.body>;
const flour: Body = {
  listing_id: 'flour', kind: 'offering', home_node: south, participant_ref: ref, capability: 'food.flour', quantity: { amount: '80', unit: 'KGM' },
  available_from: inDays(1), available_until: inDays(60), delivery: 'onsite',
};
interface Known { readonly free: string; readonly state: string; readonly home_node: string; readonly capability: string }

describe('entries about listings in summary', () => {
  let probe: ServiceProbe;
  beforeAll(async () => { probe = await ServiceProbe.start(matchingEngineService, { KULA_MATCHING_INTERVAL_SECONDS: '0' }); });
  afterAll(async () => { await probe?.stop(); });

  const deliver = (body: Partial<Body>, from: { issuer: string; seq?: number } = { issuer: south }) => probe.deliver(listingSummarised, { ...flour, ...body }, from);
  const reserve = (listing_id: string, free: string, from: { issuer: string; seq?: number } = { issuer: south }) => probe.deliver(listingReserved, { listing_id, home_node: from.issuer, free }, from);
  const withdraw = (listing_id: string, from: { issuer: string; seq?: number } = { issuer: south }) => probe.deliver(listingWithdrawn, { listing_id, home_node: from.issuer }, from);
  const known = async (listingId: string): Promise<Known | undefined> =>
    (await probe.sql<Known>('SELECT free, state, home_node, capability FROM matching_engine.listing_summary WHERE listing_id = $1', [listingId]))[0];
  const refusals = async () => (await probe.sql<{ entry_id: string; code: string }>('SELECT entry_id, code FROM matching_engine.refused_entry ORDER BY refused_at')).map(({ entry_id, code }) => [entry_id, code]);
  const waitFor = async ({ issuer, seq }: { issuer: string; seq: number }) => until('the entry', async () =>
    (await probe.sql('SELECT 1 FROM matching_engine.inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length === 1);
  const relayed = () => until('the outbox to be empty', async () => (await probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);

  it('are kept once, apart from the listings that are known in full', async () => {
    const first = await deliver({});
    await deliver({}, first);
    await waitFor(await deliver({}));
    expect(await known('flour')).toEqual({ free: '80', state: 'open', home_node: south, capability: 'food.flour' });
    expect((await probe.ask(matching.listListings, {}, ana)).items).toEqual([]);
    await expect(probe.ask(matching.getListing, { listingId: 'flour' }, ana)).rejects.toMatchObject({ code: 'matching.listing_unknown' });
    expect(await refusals()).toEqual([]);
  });

  it('follow what their home node says of them', async () => {
    await deliver({ listing_id: 'followed' });
    await waitFor(await reserve('followed', '55'));
    expect(await known('followed')).toMatchObject({ free: '55', state: 'open' });
    await waitFor(await withdraw('followed'));
    await waitFor(await deliver({ listing_id: 'followed' }));
    expect(await known('followed')).toMatchObject({ state: 'withdrawn' });
  });

  it('are refused and recorded where they say what their issuer may not say', async () => {
    await probe.sql('DELETE FROM matching_engine.refused_entry');
    await deliver({ listing_id: 'guarded' });
    const full = { title: 'Flour', participant_id: ana.did, place: null, published_at: inDays(-1), listing_id: 'full' };
    const { participant_ref: _ref, ...rest } = flour;
    await probe.deliver(listingPublished, { ...rest, ...full }, { issuer: south });
    const forged = [
      [await deliver({ listing_id: 'forged' }, { issuer: east }), 'matching.foreign_listing'],
      [await deliver({ listing_id: 'guarded', home_node: east }, { issuer: east }), 'matching.listing_exists'],
      [await deliver({ listing_id: 'guarded', participant_ref: otherRef }), 'matching.listing_exists'],
      [await deliver({ listing_id: 'guarded', capability: 'food' }), 'matching.listing_exists'],
      [await deliver({ listing_id: 'full' }), 'matching.listing_exists'],
      [await probe.deliver(listingPublished, { ...rest, ...full, listing_id: 'guarded' }, { issuer: south }), 'matching.listing_exists'],
      [await withdraw('guarded', { issuer: east }), 'matching.foreign_listing'],
      [await reserve('guarded', '1', { issuer: east }), 'matching.foreign_listing'],
      [await reserve('guarded', '81'), 'matching.free_exceeds_amount'],
      [await deliver({ listing_id: 'backwards', available_until: flour.available_from }), 'matching.window_reversed'],
      [await deliver({ listing_id: 'named', participant_ref: ana.did }), 'message.malformed'],
    ] as const;
    for (const [place] of forged) await waitFor(place);
    expect((await refusals()).sort()).toEqual(forged.map(([{ issuer, seq }, code]) => [`${issuer}:${seq}`, code]).sort());
    expect(await known('guarded')).toEqual({ free: '80', state: 'open', home_node: south, capability: 'food.flour' });
  });

  it('are bounded for one reference, and leave others alone', async () => {
    const crowd = `p-${'c'.repeat(43)}`;
    await probe.sql(`INSERT INTO matching_engine.listing_summary SELECT 'crowd-' || n, $1, $2, 'need', 'food', 1, 'KGM', 1, 0, 9e15, 'onsite', 'open', NULL FROM generate_series(1, 200) AS n`, [south, crowd]);
    await waitFor(await deliver({ listing_id: 'crowd-201', participant_ref: crowd }));
    await waitFor(await deliver({ listing_id: 'crowd-of-east', participant_ref: crowd, home_node: east }, { issuer: east }));
    expect([await known('crowd-201'), (await known('crowd-of-east'))?.state]).toEqual([undefined, 'open']);
  });

  describe('and in full, of a log that was taken over from a checkpoint', () => {
    const publish = (listing_id: string, from: { issuer: string; seq?: number }) => {
      const { participant_ref: _ref, ...rest } = flour;
      return probe.deliver(listingPublished, { ...rest, listing_id, home_node: from.issuer, title: 'Flour', participant_id: walletOf('ben').did, place: null, published_at: inDays(-1) }, from);
    };
    const get = (listingId: string) => probe.ask(matching.getListing, { listingId }, ana);
    const issuer = nodeIdOf('west');

    it('take in a reservation that comes before its publication', async () => {
      await probe.sql('DELETE FROM matching_engine.refused_entry');
      await reserve('early', '7', { issuer, seq: 21 });
      await waitFor(await publish('early', { issuer, seq: 20 }));
      expect(await get('early')).toMatchObject({ free: '7', state: 'open' });
      await reserve('early-summary', '8', { issuer, seq: 25 });
      await waitFor(await deliver({ listing_id: 'early-summary', home_node: issuer }, { issuer, seq: 24 }));
      expect(await known('early-summary')).toMatchObject({ free: '8', state: 'open' });
    });

    it('stay closed where the withdrawal comes first, with what was free', async () => {
      await reserve('shut', '3', { issuer, seq: 31 });
      await withdraw('shut', { issuer, seq: 32 });
      await waitFor(await publish('shut', { issuer, seq: 30 }));
      expect(await get('shut')).toMatchObject({ free: '3', state: 'withdrawn' });
      await withdraw('shut-summary', { issuer, seq: 34 });
      await waitFor(await deliver({ listing_id: 'shut-summary', home_node: issuer }, { issuer, seq: 33 }));
      expect(await known('shut-summary')).toMatchObject({ state: 'withdrawn' });
    });

    it('pass over a reservation whose publication never comes, and record no refusal', async () => {
      await waitFor(await reserve('never', '3', { issuer, seq: 41 }));
      await waitFor(await withdraw('never', { issuer, seq: 42 }));
      expect((await refusals()).filter(([id]) => id?.startsWith(issuer))).toEqual([]);
      await expect(get('never')).rejects.toMatchObject({ code: 'matching.listing_unknown' });
    });

    it('count the latest word, none from before the publication, and none of another node', async () => {
      await reserve('worded', '5', { issuer, seq: 53 });
      await reserve('worded', '9', { issuer, seq: 52 });
      await reserve('worded', '2', { issuer: east });
      await waitFor(await publish('worded', { issuer, seq: 51 }));
      expect(await get('worded')).toMatchObject({ free: '5' });
      await reserve('too-old', '5', { issuer, seq: 61 });
      await waitFor(await publish('too-old', { issuer, seq: 62 }));
      expect(await get('too-old')).toMatchObject({ free: '80' });
    });

    it('do not believe that more is free than there is', async () => {
      await reserve('boasted', '500', { issuer, seq: 71 });
      await waitFor(await publish('boasted', { issuer, seq: 70 }));
      expect(await get('boasted')).toMatchObject({ free: '80', state: 'open' });
    });
  });

  describe('of this node', () => {
    const publish = (change: object = {}) => probe.ask(matching.publishListing, {
      kind: 'offering', title: 'Bread', capability: 'food.bread', quantity: { amount: '9', unit: 'PIECE' }, availableFrom: flour.available_from, availableUntil: flour.available_until,
      visibility: 'summary', ...change,
    }, ana);
    const sent = async (message: Parameters<ServiceProbe['sent']>[0], listingId: string) => {
      await relayed();
      return (await probe.sent(message)).filter(({ subject }) => subject === listingId);
    };

    it('stand under the listing, may be dropped when its time is over, and say what becomes of it', async () => {
      const { listingId } = await publish();
      await probe.emit(matching.capacityChanged, { listingId, free: '4', version: 1 });
      await until('the reservation', async () => (await probe.ask(matching.getListing, { listingId }, ana)).free === '4');
      await probe.ask(matching.withdrawListing, { listingId }, ana);
      const drafts = await Promise.all([listingSummarised, listingReserved, listingWithdrawn].map((message) => sent(message, listingId)));
      expect(drafts.map(([draft]) => [draft?.type, draft?.exp])).toEqual(['listing.summarised', 'listing.reserved', 'listing.withdrawn'].map((type) => [type, Date.parse(flour.available_until)]));
      expect(drafts.map((each) => each.length)).toEqual([1, 1, 1]);
      expect((await sent(listingPublished, listingId))).toEqual([]);
    });

    it('in full may be dropped when its time is over as well', async () => {
      const { listingId } = await publish({ visibility: 'network' });
      expect(await sent(listingPublished, listingId)).toMatchObject([{ subject: listingId, exp: Date.parse(flour.available_until) }]);
    });

    it.each(['query', 'node'] as const)('are none where its visibility is %s, whatever becomes of it', async (visibility) => {
      const { listingId } = await publish({ visibility });
      await probe.emit(matching.capacityChanged, { listingId, free: '4', version: 1 });
      await until('the reservation', async () => (await probe.ask(matching.getListing, { listingId }, ana)).free === '4');
      await probe.ask(matching.withdrawListing, { listingId }, ana);
      for (const message of [listingPublished, listingSummarised, listingReserved, listingWithdrawn]) expect(await sent(message, listingId)).toEqual([]);
    });

    it('change nothing when they come back', async () => {
      const { listingId } = await publish();
      const [draft] = await sent(listingSummarised, listingId);
      await waitFor(await deliver(draft?.body as Body, { issuer: north }));
      await waitFor(await reserve(listingId, '2', { issuer: north }));
      expect(await probe.ask(matching.getListing, { listingId }, ana)).toMatchObject({ free: '9', state: 'open' });
      expect([await known(listingId), await sent(listingWithdrawn, listingId)]).toEqual([undefined, []]);
    });

    it('are withdrawn where a restored node has lost what they are about', async () => {
      await waitFor(await deliver({ listing_id: 'lost', home_node: north }, { issuer: north }));
      expect(await sent(listingWithdrawn, 'lost')).toMatchObject([{ body: { listing_id: 'lost', home_node: north } }]);
      expect(await known('lost')).toBeUndefined();
    });

    it('do not let one reference name two listings, whatever their visibilities', async () => {
      const first = await publish({ reference: 'rolls' });
      expect(await publish({ reference: 'rolls' })).toEqual(first);
      await expect(publish({ reference: 'rolls', visibility: 'query' })).rejects.toMatchObject({ code: 'matching.listing_exists' });
      await expect(publish({ reference: 'rolls', visibility: 'network' })).rejects.toMatchObject({ code: 'matching.listing_exists' });
      await publish({ reference: 'buns', visibility: 'network' });
      await expect(publish({ reference: 'buns' })).rejects.toMatchObject({ code: 'matching.listing_exists' });
      await probe.restart();
      expect(await publish({ reference: 'rolls' })).toMatchObject({ listingId: first.listingId });
    });

    it('are one listing when a reference is published at the same moment with several visibilities', async () => {
      const answers = await Promise.allSettled((['network', 'summary', 'network', 'node', 'query', 'network'] as const).map((visibility) => publish({ reference: 'at-once', visibility })));
      const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.listingId] : []));
      expect(new Set(ids).size).toBe(1);
    });
  });
});
