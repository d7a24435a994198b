import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { federation, listingPublished, listingSummarised, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { matchingEngineService } from '../index.js';
import type { GraphListing } from '../search/domain/leg/graph-listing.js';
import { proposerOf } from '../search/domain/proposer.js';
import { ringIdOf } from '../search/domain/ring.js';
import { ScriptedFederation, ScriptedRefusalError, type PeerScript } from './scripted-federation.js';

type Visibility = z.output<typeof matching.visibility>;
type Candidate = z.input<typeof matching.candidate>;
type Details = z.input<typeof matching.listingDetails>;

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const didOf = (name: string): string => walletOf(name).did;
const asMember = (name: string): Caller => ({ did: didOf(name), role: 'participant' });
const operator: Caller = { did: didOf('operator'), role: 'operator' };
const [north, south, east] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east')];
const window = { from: inDays(1), until: inDays(60) };
const refOf = (name: string): string => `p-${name.padEnd(43, '0')}`;

/** Both listings of a member of another node: it gives `food` and needs `legal`, the other way round than ana does. */
interface Pair { readonly gives: Candidate; readonly needs: Candidate }

const TABLES = 'listing, listing_summary, listing_word, standing, proposed_ring, proposed_ring_listing, ring, ring_set_aside, ring_awaited, latest_search, peer_standing, disclosure';

/** Whose turn it is to propose a ring of these legs: each an offering and a need with their home nodes. */
function proposes(legs: readonly (readonly [offering: string, from: string, need: string, to: string])[], visibility: Visibility): string {
  const listing = (listingId: string, kind: GraphListing['kind'], homeNode: string): GraphListing => ({
    listingId, kind, participantId: homeNode, homeNode, title: '', capability: '', unit: 'HOUR', free: 3n, availableFromMs: 0, availableUntilMs: 1, place: null, delivery: 'onsite', visibility, standing: 0,
  });
  const pairings = legs.map(([offering, from, need, to]) => ({ offering: listing(offering, 'offering', from), need: listing(need, 'need', to) }));
  return proposerOf(ringIdOf(pairings), pairings);
}

/** A node that searches, and the peers it asks. */
class AskingNode {
  readonly federation = new ScriptedFederation();
  probe!: ServiceProbe;
  private before = 0;

  async start(settings: Record<string, string> = {}): Promise<void> {
    this.probe = await ServiceProbe.start(this.federation.watching(matchingEngineService), { KULA_MATCHING_INTERVAL_SECONDS: '0', ...settings });
    await this.federation.start();
  }

  async stop(): Promise<void> {
    await this.federation.stop();
    await this.probe?.stop();
  }

  async forget(): Promise<void> {
    await until('the outbox to be empty', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);
    this.before = (await this.probe.published(matching.ringSelected).catch(() => [])).length;
    await this.probe.sql(`TRUNCATE ${TABLES.split(', ').map((table) => `matching_engine.${table}`).join(', ')}`);
    this.federation.forget();
  }

  /** What ana of this node gives and needs. */
  async ana(visibility: Visibility, place: string | null = null): Promise<{ readonly gives: string; readonly needs: string }> {
    const publish = async (kind: 'offering' | 'need', capability: string) => (await this.probe.ask(matching.publishListing, {
      kind, capability, title: `${capability} of ana`, quantity: { amount: '3', unit: 'HOUR' }, availableFrom: window.from, availableUntil: window.until, visibility, place,
    }, asMember('ana'))).listingId;
    return { gives: await publish('offering', 'legal'), needs: await publish('need', 'food') };
  }

  search() { return this.probe.ask(matching.runSearch, {}, operator); }

  async rings() { return (await this.probe.ask(matching.listRings, { limit: 200 }, operator)).items; }

  async proposed() {
    await until('the outbox to be empty', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);
    return (await this.probe.published(matching.ringSelected)).slice(this.before);
  }

  async open(nodeId: string, isOpen = true): Promise<void> {
    const changedAt = new Date().toISOString();
    await this.probe.emit(federation.peerChanged, { nodeId, state: isOpen ? 'linked' : 'draining', previous: null, isOpen, changedAt });
    await until('the peer', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.peer_standing WHERE node_id = $1 AND is_open = $2', [nodeId, isOpen])).length === 1);
  }

  /** A pair of listings of another node, under ids by which it is the turn of `turn` to propose the ring with ana. */
  pair(ana: { readonly gives: string; readonly needs: string }, { name, home, turn, visibility }: { name: string; home: string; turn: string; visibility: Visibility }): Pair {
    for (let at = 0; ; at += 1) {
      const ids = { gives: `${name}-gives-${at}`, needs: `${name}-needs-${at}` };
      if (proposes([[ana.gives, north, ids.needs, home], [ids.gives, home, ana.needs, north]], visibility) !== turn) continue;
      const told = (listing_id: string, kind: 'offering' | 'need', capability: string): Candidate => ({
        listing_id, kind, home_node: home, participant_ref: refOf(name), capability, quantity: { amount: '3', unit: 'HOUR' }, free: '3', available_from: window.from, available_until: window.until, delivery: 'onsite',
      });
      return { gives: told(ids.gives, 'offering', 'food'), needs: told(ids.needs, 'need', 'legal') };
    }
  }

  /** Puts both in the log of their home node. */
  async summarise({ gives, needs }: Pair): Promise<void> {
    for (const { free: _free, ...body } of [gives, needs]) {
      await this.probe.deliver(listingSummarised, body, { issuer: body.home_node });
      await until('the summary', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.listing_summary WHERE listing_id = $1', [body.listing_id])).length === 1);
    }
  }
}

const detailsOf = (name: string, change: Partial<Details> = {}) => (told: Candidate): Details => {
  const { free: _free, ...summary } = told;
  return { ...summary, participant_id: didOf(name), title: `${told.capability} of ${name}`, place: null, ...change };
};
const ofKind = (kind: string, script: PeerScript): PeerScript => async (question) => {
  if (question.kind !== kind) throw new ScriptedRefusalError('not of this script');
  return script(question);
};
/** Tells the details of what it is asked about. */
const telling = ({ gives, needs }: Pair, details: (told: Candidate) => Details): PeerScript => ofKind('matching.details', ({ body }) => {
  const ids = (body as z.output<typeof matching.detailsQuestion>).listing_ids;
  return { listings: [gives, needs].filter(({ listing_id: id }) => ids.includes(id)).map(details) };
});
const inTenMinutes = (): string => new Date(Date.now() + 600_000).toISOString();
const answering = (...candidates: Candidate[]): PeerScript => ofKind('matching.candidates', () => ({ candidates, next: null, valid_until: inTenMinutes() }));
const both = (candidates: PeerScript, details: PeerScript): PeerScript => (question) => (question.kind === 'matching.details' ? details(question) : candidates(question));

describe('a search with listings in summary', () => {
  const node = new AskingNode();
  beforeAll(async () => {
    await node.start();
    await node.ana('node');
  });
  beforeEach(async () => { await node.forget(); });
  afterAll(async () => { await node.stop(); });

  /** ana and ben of south, whose listings are told in summary. */
  async function setUp(turn = north, place: string | null = null) {
    const ana = await node.ana('summary', place);
    const ben = node.pair(ana, { name: 'ben', home: south, turn, visibility: 'summary' });
    await node.summarise(ben);
    return { ana, ben };
  }

  it('asks the home node whose they are, and proposes the ring with everybody known', async () => {
    const { ana, ben } = await setUp();
    node.federation.peers.set(south, telling(ben, detailsOf('ben')));
    expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 1, peersAsked: 0, peersSilent: [] });
    const [event, ...others] = await node.proposed();
    expect(others).toEqual([]);
    expect(event?.legs.map(({ providerId, recipientId, offeringId, needId, description }) => [providerId, recipientId, offeringId, needId, description]).sort()).toEqual([
      [didOf('ana'), didOf('ben'), ana.gives, ben.needs.listing_id, 'legal of ana (for: legal of ben)'],
      [didOf('ben'), didOf('ana'), ben.gives.listing_id, ana.needs, 'food of ben (for: food of ana)'],
    ].sort());
    const { executionStart: _start, executionEnd: _end, ...shown } = event ?? {};
    expect(await node.rings()).toEqual([shown]);
    expect(node.federation.questions).toEqual([{ nodeId: south, kind: 'matching.details', body: { listing_ids: expect.arrayContaining([ben.gives.listing_id, ben.needs.listing_id]) } }]);
  });

  it('asks nothing where it is the turn of another node, and says what is not known', async () => {
    await setUp(south);
    expect(await node.search()).toMatchObject({ ringsSelected: 1 });
    const [ring] = await node.rings();
    expect(ring).toMatchObject({ state: 'selected', proposingNode: south });
    expect(ring?.legs.flatMap(({ providerId, recipientId }) => [providerId, recipientId]).sort()).toEqual([didOf('ana'), didOf('ana'), refOf('ben'), refOf('ben')]);
    expect(ring?.legs[0]?.explanation.find(({ part }) => part === 'trust')?.sentence).toContain('not every record is known yet');
    expect([node.federation.questions, await node.proposed()]).toEqual([[], []]);
  });

  it('lets a ring go after a day in which the other node has not proposed it', async () => {
    await setUp(south);
    await node.search();
    await node.search();
    expect((await node.rings())[0]).toMatchObject({ state: 'selected' });
    await node.probe.sql('UPDATE matching_engine.ring_awaited SET since_ms = since_ms - $1', [DAY_MS]);
    await node.search();
    await node.search();
    expect((await node.rings())[0]).toMatchObject({ state: 'considered', reason: expect.stringContaining('it was for another node to propose') });
    await node.probe.sql('UPDATE matching_engine.ring_set_aside SET until_ms = 1');
    await node.search();
    expect((await node.rings())[0]).toMatchObject({ state: 'selected' });
  });

  it('does not ask again about a ring that is under way', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, telling(ben, detailsOf('ben')));
    await node.search();
    await node.search();
    expect([node.federation.questions.length, (await node.proposed()).length]).toEqual([1, 1]);
  });

  it('asks nobody about a ring that came to an end before', async () => {
    const { ana, ben } = await setUp();
    const [ring] = [ringIdOf([[ana.gives, ben.needs.listing_id], [ben.gives.listing_id, ana.needs]].map(([offering, need]) => (
      { offering: { listingId: offering }, need: { listingId: need, free: 3n } } as Parameters<typeof ringIdOf>[0][number])))];
    await node.probe.sql(`INSERT INTO matching_engine.proposed_ring VALUES ($1, now(), 'aborted')`, [ring]);
    expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 0 });
    expect(node.federation.questions).toEqual([]);
  });

  const silences: readonly (readonly [string, PeerScript, string])[] = [
    ['refuses', () => { throw new ScriptedRefusalError('no'); }, 'it refuses to answer'],
    ['answers something else', () => ({ listings: 'none of your business' }), 'its answer cannot be read'],
    ['tells nothing', () => ({ listings: [] }), 'it does not tell them'],
    ['answers far too much', () => ({ listings: [], more: 'x'.repeat(200_001) }), 'its answer cannot be read'],
    ['never answers', () => new Promise<object>(() => undefined), 'it gives no answer in time'],
  ];
  it.each(silences)('takes the next best where the home node %s, and says so', async (_what, script, reason) => {
    const { ana, ben } = await setUp();
    const late = inDays(30);
    const dia = node.pair(ana, { name: 'dia', home: east, turn: north, visibility: 'summary' });
    // Less of the need's time is covered, so that this is the second best.
    const second: Pair = { gives: { ...dia.gives, available_from: late }, needs: dia.needs };
    await node.summarise(second);
    node.federation.peers.set(south, script);
    node.federation.peers.set(east, telling(second, detailsOf('dia')));
    expect(await node.search()).toMatchObject({ ringsFound: 2, ringsSelected: 1 });
    const [chosen, passed] = await node.rings();
    expect((await node.proposed()).map(({ ringId }) => ringId)).toEqual([chosen?.ringId]);
    expect(chosen?.legs.some(({ providerId }) => providerId === didOf('dia'))).toBe(true);
    expect(passed).toMatchObject({ state: 'considered', reason: `Not chosen: node ${south} was asked for the details of its listings and ${reason}. It is asked again later.` });
    expect(JSON.stringify(passed)).toContain(refOf('ben'));
    expect(node.federation.asked(south, 'matching.details')).toHaveLength(1);
    expect(ben.gives.home_node).toBe(south);
  });

  it('proposes a ring once, with everybody known, where several searches run at once', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, telling(ben, detailsOf('ben')));
    await Promise.all([node.search(), node.search(), node.search(), node.search()]);
    expect(await node.proposed()).toHaveLength(1);
    const rings = await node.rings();
    expect(rings).toMatchObject([{ state: 'selected' }]);
    expect(JSON.stringify(rings)).not.toContain(refOf('ben'));
  });

  it('asks again when a silent node may be back', async () => {
    const { ben } = await setUp();
    await node.search();
    await node.search();
    expect(node.federation.asked(south, 'matching.details')).toHaveLength(1);
    node.federation.peers.set(south, telling(ben, detailsOf('ben')));
    await node.probe.sql('UPDATE matching_engine.ring_set_aside SET until_ms = 1');
    expect(await node.search()).toMatchObject({ ringsSelected: 1 });
    expect(await node.proposed()).toHaveLength(1);
  });

  const contradictions: readonly (readonly [string, Partial<Details>])[] = [
    ['another capability', { capability: 'food.catering' }], ['another quantity', { quantity: { amount: '4', unit: 'HOUR' } }], ['another unit', { quantity: { amount: '3', unit: 'KGM' } }],
    ['another window', { available_until: inDays(61) }], ['another delivery', { delivery: 'remote' }], ['another kind', { kind: 'need' }],
    ['another reference', { participant_ref: refOf('cal') }], ['another home', { home_node: east }],
  ];
  it.each(contradictions)('does not propose where the details tell %s', async (_what, change) => {
    const { ben } = await setUp();
    node.federation.peers.set(south, telling(ben, (told) => ({ ...detailsOf('ben')(told), ...(told.kind === 'offering' && change) })));
    expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 0 });
    expect(await node.rings()).toMatchObject([{ state: 'considered', reason: 'Not chosen: what a home node told of its listing is not what it had told in summary.' }]);
    expect(await node.proposed()).toEqual([]);
  });

  it.each<[string, Partial<Details>, string | null, string]>([
    ['a member of this node', { participant_id: didOf('ana') }, null, 'several nodes claim one of its members'],
    ['another place', { place: 'Southvale' }, 'Northport', 'one of its deliveries was not possible'],
  ])('does not propose where the details tell %s, and does not tell them on', async (_what, change, place, reason) => {
    const { ben } = await setUp(north, place);
    node.federation.peers.set(south, telling(ben, detailsOf('ben', change)));
    expect(await node.search()).toMatchObject({ ringsSelected: 0 });
    const [ring] = await node.rings();
    expect(ring?.reason).toContain(reason);
    expect(JSON.stringify(ring)).not.toMatch(new RegExp(`Southvale|of ben|${didOf('ben')}`));
    expect(await node.proposed()).toEqual([]);
  });

  it('does not propose where two references turn out to be one person', async () => {
    const ana = await node.ana('summary');
    // Whoever is behind the one reference gives music to whoever is behind the other. It is the turn of this node to propose the ring.
    const pairs = Array.from({ length: 100 }, (_, at) => ['ben', 'dia'].map((name) => node.pair(ana, { name: `${name}-${at}`, home: south, turn: north, visibility: 'summary' })) as [Pair, Pair]);
    const [ben, dia] = pairs.find(([first, second]) => proposes([
      [ana.gives, north, second.needs.listing_id, south], [second.gives.listing_id, south, first.needs.listing_id, south], [first.gives.listing_id, south, ana.needs, north],
    ], 'summary') === north) ?? pairs[0] as [Pair, Pair];
    const music = { capability: 'music' };
    const told = [ben.gives, { ...ben.needs, ...music }, { ...dia.gives, ...music }, dia.needs] as const;
    await node.summarise({ gives: told[0], needs: told[1] });
    await node.summarise({ gives: told[2], needs: told[3] });
    node.federation.peers.set(south, ofKind('matching.details', ({ body }) => (
      { listings: told.filter(({ listing_id: id }) => (body['listing_ids'] as string[]).includes(id)).map(detailsOf('ben')) })));
    await node.search();
    expect(await node.rings()).toMatchObject([{ state: 'considered', reason: 'Not chosen: once its members were known, it was no ring of distinct people.' }]);
    expect(await node.proposed()).toEqual([]);
  });

  it('leaves out what a node has told with which no new business is begun, and uses it again later', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, telling(ben, detailsOf('ben')));
    await node.open(south, false);
    expect(await node.search()).toMatchObject({ ringsFound: 0 });
    await node.open(south);
    node.federation.peers.set(south, both(answering(), telling(ben, detailsOf('ben'))));
    expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 1, peersAsked: 1, peersSilent: [] });
  });

  it('leaves out full listings of such a node as well', async () => {
    await node.ana('network');
    for (const [kind, capability] of [['offering', 'food'], ['need', 'legal']] as const) {
      await node.probe.deliver(listingPublished, {
        listing_id: `full-${kind}`, kind, participant_id: didOf('ben'), home_node: south, title: capability, capability, quantity: { amount: '3', unit: 'HOUR' },
        available_from: window.from, available_until: window.until, place: null, delivery: 'onsite', published_at: window.from,
      }, { issuer: south });
    }
    await until('the copies', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.listing WHERE home_node = $1', [south])).length === 2);
    await node.open(south, false);
    expect(await node.search()).toMatchObject({ ringsFound: 0 });
    await node.open(south);
    node.federation.peers.set(south, answering());
    expect(await node.search()).toMatchObject({ ringsFound: 1 });
  });

  it('believes the latest word about a peer', async () => {
    await node.open(south, false);
    await node.probe.emit(federation.peerChanged, { nodeId: south, state: 'linked', previous: null, isOpen: true, changedAt: inDays(-1) });
    await node.open(east);
    expect(await node.probe.sql('SELECT is_open FROM matching_engine.peer_standing WHERE node_id = $1', [south])).toEqual([{ is_open: false }]);
  });
});

describe('a search that asks its peers', () => {
  const node = new AskingNode();
  beforeAll(async () => {
    await node.start();
    await node.ana('node');
  });
  beforeEach(async () => { await node.forget(); });
  afterAll(async () => { await node.stop(); });

  async function setUp() {
    const ana = await node.ana('query');
    await node.open(south);
    return { ana, ben: node.pair(ana, { name: 'ben', home: south, turn: north, visibility: 'query' }) };
  }
  const kept = async () => (await node.probe.sql<{ listing_id: string }>('SELECT listing_id FROM matching_engine.listing_summary ORDER BY listing_id')).map(({ listing_id: id }) => id);

  it('finds a ring with what they show, asks whose it is and proposes it', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, both(answering(ben.gives, ben.needs), telling(ben, detailsOf('ben'))));
    expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 1, peersAsked: 1, peersSilent: [] });
    expect(node.federation.questions.map(({ kind }) => kind)).toEqual(['matching.candidates', 'matching.details']);
    const [event] = await node.proposed();
    expect(event?.legs.map(({ providerId }) => providerId).sort()).toEqual([didOf('ana'), didOf('ben')].sort());
  });

  it('asks about what is known here, its own first, and never about what stays at home', async () => {
    await setUp();
    await node.probe.ask(matching.publishListing, {
      kind: 'offering', capability: 'secret.recipe', title: 'Secret', quantity: { amount: '3', unit: 'HOUR' }, availableFrom: window.from, availableUntil: window.until, visibility: 'node',
    }, asMember('ana'));
    const far = node.pair({ gives: 'a', needs: 'b' }, { name: 'dia', home: east, turn: north, visibility: 'summary' });
    await node.summarise({ gives: { ...far.gives, capability: 'art' }, needs: { ...far.needs, capability: 'craft' } });
    node.federation.peers.set(south, answering());
    await node.search();
    expect(node.federation.questions).toEqual([{ nodeId: south, kind: 'matching.candidates', body: { gives: ['legal', 'art'], seeks: ['food', 'craft'], after: null } }]);
  });

  it('asks nobody where it has nothing to ask about', async () => {
    await node.open(south);
    expect(await node.search()).toMatchObject({ peersAsked: 0, peersSilent: [] });
    expect(node.federation.questions).toEqual([]);
  });

  it('goes on without a peer that never answers, with the answer of another one, and says so', async () => {
    const { ana } = await setUp();
    await node.open(east);
    const dia = node.pair(ana, { name: 'dia', home: east, turn: north, visibility: 'query' });
    node.federation.peers.set(south, () => new Promise<object>(() => undefined));
    node.federation.peers.set(east, both(answering(dia.gives, dia.needs), telling(dia, detailsOf('dia'))));
    expect(await node.search()).toMatchObject({ ringsSelected: 1, peersAsked: 2, peersSilent: [south] });
  });

  it('uses an answer for as long as it is valid, and no longer', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, answering(ben.gives, ben.needs));
    expect(await node.search()).toMatchObject({ ringsFound: 1, peersSilent: [] });
    node.federation.peers.delete(south);
    expect(await node.search()).toMatchObject({ ringsFound: 1, peersSilent: [south] });
    await node.probe.sql('UPDATE matching_engine.listing_summary SET valid_until_ms = 1');
    expect(await node.search()).toMatchObject({ ringsFound: 0, peersSilent: [south] });
    expect(await kept()).toEqual([]);
  });

  it('forgets an answer when its time is over, also where nobody searches', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, answering(ben.gives, ben.needs));
    await node.search();
    await node.probe.sql('UPDATE matching_engine.listing_summary SET valid_until_ms = 1');
    await node.probe.restart();
    await until('the answers to be forgotten', async () => (await kept()).length === 0);
  });

  it('keeps an answer for ten minutes at most, and not at all where the peer says that it is over', async () => {
    const { ben } = await setUp();
    const valid = (valid_until: string) => ofKind('matching.candidates', () => ({ candidates: [ben.gives, ben.needs], next: null, valid_until }));
    node.federation.peers.set(south, valid(inDays(-1)));
    expect(await node.search()).toMatchObject({ ringsFound: 0 });
    node.federation.peers.set(south, valid(inDays(30)));
    expect(await node.search()).toMatchObject({ ringsFound: 1 });
    expect(await node.probe.sql('SELECT 1 FROM matching_engine.listing_summary WHERE valid_until_ms > $1', [Date.now() + 600_000])).toEqual([]);
  });

  it('forgets what a peer does not show any more, and what it has shown once it is closed', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, answering(ben.gives, ben.needs));
    await node.search();
    node.federation.peers.set(south, answering(ben.gives));
    await node.search();
    expect(await kept()).toEqual([ben.gives.listing_id]);
    await node.open(south, false);
    expect(await kept()).toEqual([]);
  });

  it('follows the pages of an answer, and leaves one that never ends', async () => {
    const { ana, ben } = await setUp();
    const pages = [ben.gives, ben.needs];
    node.federation.peers.set(south, ofKind('matching.candidates', ({ body }) => {
      const at = body['after'] === null ? 0 : 1;
      return { candidates: pages.slice(at, at + 1), next: at === 0 ? ben.gives.listing_id : null, valid_until: inTenMinutes() };
    }));
    expect(await node.search()).toMatchObject({ ringsFound: 1, peersSilent: [] });
    node.federation.peers.set(south, ofKind('matching.candidates', () => ({ candidates: [], next: 'z', valid_until: inTenMinutes() })));
    node.federation.questions.length = 0;
    expect(await node.search()).toMatchObject({ ringsFound: 1, peersSilent: [south] });
    expect(node.federation.asked(south, 'matching.candidates')).toHaveLength(5);
    expect(ana.gives).not.toBe('z');
  });

  it('believes a peer about its own listings only, and nothing that makes no sense', async () => {
    const { ana, ben } = await setUp();
    const far = node.pair(ana, { name: 'dia', home: east, turn: north, visibility: 'summary' });
    await node.summarise(far);
    node.federation.peers.set(south, answering(
      { ...ben.gives, home_node: east }, { ...ben.gives, free: '4' }, { ...ben.gives, available_until: ben.gives.available_from },
      { ...ben.gives, listing_id: far.gives.listing_id }, { ...ben.gives, listing_id: ana.gives }, ben.needs, ben.needs,
    ));
    expect(await node.search()).toMatchObject({ peersSilent: [] });
    expect(await kept()).toEqual([far.gives.listing_id, far.needs.listing_id, ben.needs.listing_id].sort());
    expect(await node.probe.sql('SELECT home_node FROM matching_engine.listing_summary WHERE listing_id = $1', [far.gives.listing_id])).toEqual([{ home_node: east }]);
  });

  it('keeps what stands in the log in place of an answer under the same id', async () => {
    const { ben } = await setUp();
    node.federation.peers.set(south, answering(ben.gives, ben.needs));
    await node.search();
    await node.probe.deliver(listingSummarised, (({ free: _free, ...body }) => body)(ben.gives), { issuer: south });
    await until('the summary', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.listing_summary WHERE valid_until_ms IS NULL')).length === 1);
    await node.search();
    expect(await node.probe.sql('SELECT listing_id FROM matching_engine.listing_summary WHERE valid_until_ms IS NULL')).toEqual([{ listing_id: ben.gives.listing_id }]);
  });
});

describe('a node that searches by itself', () => {
  const node = new AskingNode();
  beforeAll(async () => { await node.start({ KULA_MATCHING_INTERVAL_SECONDS: '1' }); });
  afterAll(async () => { await node.stop(); });

  it('asks its peers again after a while though nothing has changed here', async () => {
    const ana = await node.ana('query');
    await node.open(south);
    node.federation.peers.set(south, answering());
    await until('a question', async () => node.federation.questions.length === 1);
    await until('the search', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.latest_search')).length === 1);
    const ben = node.pair(ana, { name: 'ben', home: south, turn: north, visibility: 'query' });
    node.federation.peers.set(south, both(answering(ben.gives, ben.needs), telling(ben, detailsOf('ben'))));
    await node.probe.sql(`UPDATE matching_engine.latest_search SET ended_at = ended_at - interval '11 minutes'`);
    await until('the ring', async () => (await node.proposed()).length === 1);
  });
});
