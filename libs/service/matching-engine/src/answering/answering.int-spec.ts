import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { federation, listingSummarised, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';

type Publication = z.input<typeof matching.publishListing.input>;

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const asMember = (name: string): Caller => ({ did: walletOf(name).did, role: 'participant' });
const [ana, ben] = [asMember('ana'), asMember('ben')];
const [south, east, west] = [nodeIdOf('south'), nodeIdOf('east'), nodeIdOf('west')];
const window = { availableFrom: inDays(1), availableUntil: inDays(60) };
const QUESTIONS_MAX = 6;
const DETAILS_MAX = 5;

/** A node whose members' listings others ask about. */
class AskedNode {
  constructor(readonly probe: ServiceProbe) {}

  async publish(change: Partial<Publication>, caller = ana) {
    return this.probe.ask(matching.publishListing, {
      kind: 'offering', title: 'Marmalade', capability: 'food.preserves', quantity: { amount: '12', unit: 'PIECE' }, place: 'Northport', ...window, ...change,
    }, caller);
  }

  async candidates(asker: string, question: object): Promise<z.output<typeof matching.candidatesAnswer>> {
    return matching.candidatesAnswer.parse((await this.probe.ask(matching.answerCandidates, { asker, body: { gives: [], seeks: [], ...question } })).body);
  }

  async details(asker: string, ...listingIds: string[]) {
    return matching.detailsAnswer.parse((await this.probe.ask(matching.answerDetails, { asker, body: { listing_ids: listingIds } })).body).listings;
  }

  async setPeer(nodeId: string, isOpen: boolean): Promise<void> {
    const changedAt = new Date().toISOString();
    await this.probe.emit(federation.peerChanged, { nodeId, state: isOpen ? 'linked' : 'suspended', previous: null, isOpen, changedAt });
    await until('the peer', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.peer_standing WHERE node_id = $1 AND is_open = $2', [nodeId, isOpen])).length === 1);
  }

  disclosures(listingId: string, caller = ana) { return this.probe.ask(matching.listDisclosures, { listingId }, caller); }
}

const ids = ({ candidates }: { readonly candidates: readonly { readonly listing_id: string }[] }): string[] => candidates.map(({ listing_id: id }) => id).sort();

describe('a node that is asked about its listings', () => {
  let node: AskedNode;
  beforeAll(async () => {
    node = new AskedNode(await ServiceProbe.start(matchingEngineService, {
      KULA_MATCHING_INTERVAL_SECONDS: '0', KULA_PEER_QUESTIONS_PER_HOUR: String(QUESTIONS_MAX), KULA_PEER_DETAILS_PER_DAY: String(DETAILS_MAX),
    }));
    await node.setPeer(south, true);
    await node.setPeer(west, true);
  });
  beforeEach(async () => { await node.probe.sql('TRUNCATE matching_engine.listing CASCADE; TRUNCATE matching_engine.disclosure, matching_engine.asker_use'); });
  afterAll(async () => { await node?.probe.stop(); });

  it('shows offerings of what is sought and needs of what is given, narrower or broader as it fits, and nothing else', async () => {
    const given = await node.publish({ visibility: 'query' });
    const sought = await node.publish({ visibility: 'query', kind: 'need', capability: 'legal' });
    await node.publish({ visibility: 'query', capability: 'food' });
    await node.publish({ visibility: 'query', kind: 'need', capability: 'legal.contracts.labour' });
    await node.publish({ visibility: 'query', capability: 'food.preserves-and-more' });
    expect(ids(await node.candidates(south, { seeks: ['food.preserves'], gives: ['legal.contracts'] }))).toEqual([given.listingId, sought.listingId].sort());
    expect(ids(await node.candidates(south, { seeks: ['legal'], gives: ['food'] }))).toEqual([]);
  });

  it('tells what a listing is matched by, how much is free of it, and until when that may be used', async () => {
    const { listingId } = await node.publish({ visibility: 'query', delivery: 'remote' });
    await node.probe.emit(matching.capacityChanged, { listingId, free: '5', version: 1 });
    await until('the reservation', async () => (await node.probe.ask(matching.getListing, { listingId }, ana)).free === '5');
    const asked = Date.now();
    const answer = await node.candidates(south, { seeks: ['food'] });
    expect(answer.candidates).toEqual([{
      listing_id: listingId, kind: 'offering', home_node: node.probe.nodeId, participant_ref: expect.stringMatching(/^p-[A-Za-z0-9_-]{43}$/), capability: 'food.preserves',
      quantity: { amount: '12', unit: 'PIECE' }, free: '5', available_from: window.availableFrom, available_until: window.availableUntil, delivery: 'remote',
    }]);
    expect(answer.next).toBeNull();
    expect(Math.abs(Date.parse(answer.valid_until) - asked - 600_000)).toBeLessThan(60_000);
  });

  it('shows nothing that is withdrawn, used up, over or has another visibility', async () => {
    for (const visibility of ['network', 'summary', 'node'] as const) await node.publish({ visibility });
    const [gone, used, past] = [await node.publish({ visibility: 'query' }), await node.publish({ visibility: 'query' }), await node.publish({ visibility: 'query' })];
    await node.probe.ask(matching.withdrawListing, { listingId: gone.listingId }, ana);
    await node.probe.sql('UPDATE matching_engine.listing SET free = 0 WHERE listing_id = $1', [used.listingId]);
    await node.probe.sql('UPDATE matching_engine.listing SET available_from_ms = 0, available_until_ms = 1 WHERE listing_id = $1', [past.listingId]);
    expect(ids(await node.candidates(south, { seeks: ['food'] }))).toEqual([]);
  });

  it('stands for a member by one reference, that of its summaries in the log', async () => {
    await node.publish({ visibility: 'query' });
    await node.publish({ visibility: 'query', title: 'Jam' });
    await node.publish({ visibility: 'query' }, ben);
    const { listingId } = await node.publish({ visibility: 'summary' });
    const refs = (await node.candidates(south, { seeks: ['food'] })).candidates.map(({ participant_ref: ref }) => ref);
    const draft = await until('the summary', async () => (await node.probe.sent(listingSummarised)).find(({ subject }) => subject === listingId));
    expect(new Set(refs).size).toBe(2);
    expect(refs.filter((ref) => ref === draft.body['participant_ref'])).toHaveLength(2);
  });

  it('answers page by page, in bounded pages, without a gap', async () => {
    const published = [];
    for (let at = 0; at < 120; at += 1) published.push((await node.publish({ visibility: 'query', title: `Jam ${at}` })).listingId);
    const first = await node.candidates(south, { seeks: ['food'] });
    expect(first.candidates).toHaveLength(100);
    const second = await node.candidates(south, { seeks: ['food'], after: first.next });
    expect([...ids(first), ...ids(second)].sort()).toEqual(published.sort());
    expect(second.next).toBeNull();
  });

  it('stays below 200 KB however long the terms are, and passes over what fits in no page', async () => {
    for (let at = 0; at < 4; at += 1) await node.publish({ visibility: 'query', capability: `food.${'x'.repeat(40_000)}${at}` });
    await node.publish({ visibility: 'query', capability: `food.${'y'.repeat(120_000)}` });
    const pages = [await node.candidates(south, { seeks: ['food'] })];
    for (let next = pages[0]?.next ?? null; next !== null; next = pages.at(-1)?.next ?? null) pages.push(await node.candidates(south, { seeks: ['food'], after: next }));
    expect(pages.flatMap(ids)).toHaveLength(4);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(200_000);
  });

  it('tells the details of a summary, and of a listing that the asker was shown before', async () => {
    const told = await node.publish({ visibility: 'summary', title: 'Quince', place: 'Harbour' });
    const shown = await node.publish({ visibility: 'query' });
    await node.candidates(south, { seeks: ['food'] });
    const details = await node.details(south, told.listingId, shown.listingId);
    expect(details.map(({ listing_id: id }) => id).sort()).toEqual([told.listingId, shown.listingId].sort());
    expect(details.find(({ listing_id: id }) => id === told.listingId)).toMatchObject({ participant_id: ana.did, title: 'Quince', place: 'Harbour', capability: 'food.preserves' });
  });

  it('says nothing of other listings, not even that there are any', async () => {
    const [open, home] = [await node.publish({ visibility: 'network' }), await node.publish({ visibility: 'node' })];
    const [asked, gone, old] = [await node.publish({ visibility: 'query' }), await node.publish({ visibility: 'summary' }), await node.publish({ visibility: 'query' })];
    await node.probe.ask(matching.withdrawListing, { listingId: gone.listingId }, ana);
    await node.candidates(west, { seeks: ['food'] });
    await node.probe.sql(`INSERT INTO matching_engine.disclosure VALUES ($1, $2, 'summary', 1, now() - interval '2 hours', now() - interval '2 hours')`, [old.listingId, south]);
    expect(await node.details(south, open.listingId, home.listingId, asked.listingId, gone.listingId, old.listingId)).toEqual([]);
    expect(await node.details(west, 'l-nobody-knows')).toEqual([]);
  });

  it('tells the member which nodes were told what, and nobody else', async () => {
    const { listingId } = await node.publish({ visibility: 'query' });
    expect((await node.disclosures(listingId)).items).toEqual([]);
    await node.candidates(south, { seeks: ['food'] });
    await node.candidates(south, { seeks: ['food'] });
    await node.candidates(west, { seeks: ['food'] });
    await node.details(south, listingId);
    const { items } = await node.disclosures(listingId);
    expect(items.map(({ nodeId, told, times }) => [nodeId, told, times]).sort()).toEqual([[south, 'details', 1], [south, 'summary', 2], [west, 'summary', 1]].sort());
    for (const { firstAt, lastAt } of items) expect(Date.parse(lastAt)).toBeGreaterThanOrEqual(Date.parse(firstAt));
    await expect(node.disclosures(listingId, ben)).rejects.toMatchObject({ code: 'matching.not_your_listing' });
    await expect(node.disclosures('l-none')).rejects.toMatchObject({ code: 'matching.listing_unknown' });
  });

  describe('refuses', () => {
    it('who was never admitted, and who is not any more', async () => {
      const { listingId } = await node.publish({ visibility: 'summary' });
      const refused = { code: 'matching.asker_not_admitted' };
      await expect(node.candidates(east, { seeks: ['food'] })).rejects.toMatchObject(refused);
      await expect(node.details(east, listingId)).rejects.toMatchObject(refused);
      await node.setPeer(east, true);
      expect(await node.details(east, listingId)).toHaveLength(1);
      await node.setPeer(east, false);
      await expect(node.details(east, listingId)).rejects.toMatchObject(refused);
      await expect(node.candidates(east, { seeks: ['food'] })).rejects.toMatchObject(refused);
      expect((await node.disclosures(listingId)).items).toMatchObject([{ nodeId: east, told: 'details', times: 1 }]);
    });

    it('who asks too many questions at once, and hears others', async () => {
      const asked = await Promise.allSettled(Array.from({ length: 2 * QUESTIONS_MAX }, () => node.candidates(south, { seeks: ['food'] })));
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(QUESTIONS_MAX);
      await expect(node.candidates(south, { seeks: ['food'] })).rejects.toMatchObject({ code: 'matching.asked_too_much', params: { max: QUESTIONS_MAX } });
      expect(await node.candidates(west, { seeks: ['food'] })).toMatchObject({ candidates: [] });
      await node.probe.sql(`UPDATE matching_engine.asker_use SET period_start_ms = period_start_ms - 3600001`);
      expect(await node.candidates(south, { seeks: ['food'] })).toMatchObject({ candidates: [] });
    });

    it('who harvests details, whatever it is told', async () => {
      const { listingId } = await node.publish({ visibility: 'summary' });
      await expect(node.details(south, ...Array.from({ length: DETAILS_MAX + 1 }, (_, at) => `l-${at}`))).rejects.toMatchObject({ code: 'matching.asked_too_much' });
      for (let at = 0; at < DETAILS_MAX; at += 1) await node.details(south, `l-${at}`);
      await expect(node.details(south, listingId)).rejects.toMatchObject({ code: 'matching.asked_too_much' });
      expect((await node.disclosures(listingId)).items).toEqual([]);
    });

    it('a question that is none, and names what is wrong', async () => {
      const body = { gives: Array.from({ length: 61 }, (_, at) => `food.x${at}`), seeks: ['*'] };
      await expect(node.probe.ask(matching.answerCandidates, { asker: south, body })).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/seeks/0') });
      await expect(node.probe.ask(matching.answerDetails, { asker: south, body: { listing_ids: [] } })).rejects.toMatchObject({ code: 'message.malformed' });
    });
  });
});

describe('a node that does not offer every visibility', () => {
  let node: AskedNode;
  beforeAll(async () => {
    node = new AskedNode(await ServiceProbe.start(matchingEngineService, {
      KULA_MATCHING_INTERVAL_SECONDS: '0', KULA_VISIBILITY_ALLOWED: 'summary,node', KULA_VISIBILITY_DEFAULT: 'summary',
    }));
    await node.setPeer(south, true);
  });
  afterAll(async () => { await node?.probe.stop(); });

  it('says what it offers', async () => {
    expect(await node.probe.ask(matching.getVisibilityPolicy, {})).toEqual({ allowed: ['summary', 'node'], default: 'summary' });
  });

  it('takes its own choice where the member makes none', async () => expect(await node.publish({})).toMatchObject({ visibility: 'summary' }));

  it.each(['network', 'query'] as const)('refuses %s and names what it offers', async (visibility) => {
    await expect(node.publish({ visibility, reference: 'refused' })).rejects.toMatchObject({
      code: 'matching.visibility_not_offered', message: expect.stringContaining('visibility'), params: { field: 'visibility', visibility, allowed: 'summary node' },
    });
    expect(await node.publish({ visibility: 'node', reference: `after ${visibility}`.replace(' ', '-') })).toMatchObject({ visibility: 'node' });
  });

  it('tells nothing any more of what it once offered', async () => {
    await node.probe.sql('TRUNCATE matching_engine.listing CASCADE');
    const { listingId } = await node.publish({});
    await node.probe.sql(`UPDATE matching_engine.listing SET visibility = 'query' WHERE listing_id = $1`, [listingId]);
    expect(ids(await node.candidates(south, { seeks: ['food'] }))).toEqual([]);
    await node.probe.sql(`INSERT INTO matching_engine.disclosure VALUES ($1, $2, 'summary', 1, now(), now())`, [listingId, south]);
    expect(await node.details(south, listingId)).toEqual([]);
  });
});
