import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation, listingPublished, matching } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { ScriptedFederation } from '../asking/scripted-federation.js';
import { matchingEngineService } from '../index.js';
import { listingIdOfReference } from '../listing/domain/listing.js';
import type { GraphListing } from '../search/domain/leg/graph-listing.js';
import { proposerOf } from '../search/domain/proposer.js';
import { ringIdOf } from '../search/domain/ring.js';

type Mode = z.output<typeof matching.visibility>;

/** What there is to know of a listing. */
const FIELDS = [
  'listing id', 'home node', 'kind', 'capability', 'quantity', 'what is free', 'window', 'delivery', 'pseudonym', 'participant', 'title', 'place', 'reference', 'handle',
] as const;
type Field = (typeof FIELDS)[number];

/** When a peer may learn something, and who it is. */
const MOMENTS = {
  'in the log, unasked': 'every node that holds the log',
  'when this node asks its peers': 'the peers it asks',
  'when a peer asks while it searches': 'the peer that asks',
  'when a peer asks before it proposes': 'the peer that asks',
  'when a chain is proposed': 'every node that holds the log',
  'after the commitment': 'every node that holds the log',
} as const;
type Moment = keyof typeof MOMENTS;

const SUMMARY: readonly Field[] = ['listing id', 'home node', 'kind', 'capability', 'quantity', 'window', 'delivery', 'pseudonym'];
const IN_A_CHAIN: readonly Field[] = ['listing id', 'home node', 'kind', 'capability', 'what is free', 'window', 'participant', 'title'];

/**
 * The promise, tested below byte by byte and written for people in docs/visibility.md.
 *
 * What stands in a chain is made by the exchange manager from the selected ring and nothing else; its own spec holds it to that, and to what follows the commitment.
 */
const WHAT_A_PEER_LEARNS: Readonly<Record<Mode, Readonly<Record<Moment, readonly Field[]>>>> = {
  network: {
    'in the log, unasked': ['listing id', 'home node', 'kind', 'capability', 'quantity', 'what is free', 'window', 'delivery', 'participant', 'title', 'place'],
    'when this node asks its peers': ['capability'],
    'when a peer asks while it searches': [],
    'when a peer asks before it proposes': [],
    'when a chain is proposed': IN_A_CHAIN,
    'after the commitment': ['participant'],
  },
  summary: {
    'in the log, unasked': ['listing id', 'home node', 'kind', 'capability', 'quantity', 'what is free', 'window', 'delivery', 'pseudonym'],
    'when this node asks its peers': ['capability'],
    'when a peer asks while it searches': [],
    'when a peer asks before it proposes': [...SUMMARY, 'participant', 'title', 'place'],
    'when a chain is proposed': IN_A_CHAIN,
    'after the commitment': ['participant'],
  },
  query: {
    'in the log, unasked': [],
    'when this node asks its peers': ['capability'],
    'when a peer asks while it searches': ['listing id', 'home node', 'kind', 'capability', 'quantity', 'what is free', 'window', 'delivery', 'pseudonym'],
    'when a peer asks before it proposes': [...SUMMARY, 'participant', 'title', 'place'],
    'when a chain is proposed': IN_A_CHAIN,
    'after the commitment': ['participant'],
  },
  node: {
    'in the log, unasked': [], 'when this node asks its peers': [], 'when a peer asks while it searches': [], 'when a peer asks before it proposes': [], 'when a chain is proposed': [],
    'after the commitment': [],
  },
};
const MODES = Object.keys(WHAT_A_PEER_LEARNS) as Mode[];

const inOrder = (fields: Iterable<Field>): Field[] => FIELDS.filter((field) => new Set(fields).has(field));
const PROMISED_ROWS = MODES.flatMap((mode) => (Object.keys(MOMENTS) as Moment[]).map((moment) => {
  const fields = inOrder(WHAT_A_PEER_LEARNS[mode][moment]);
  return `| \`${mode}\` | ${moment} | ${fields.length === 0 ? 'nobody' : MOMENTS[moment]} | ${fields.length === 0 ? 'nothing' : fields.join(', ')} |`;
}));

const HOUR_MS = 3_600_000;
const START_MS = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS;
const instantOf = (ms: number): string => new Date(ms).toISOString();
const [north, south, stranger] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('stranger')];
const operator = { did: walletOf('operator').did, role: 'operator' as const };

/** A member with a listing of either kind whose every field can be told apart from all others. */
class MarkedMember {
  readonly did = walletOf(`member with ${this.mode}`).did;
  readonly ids: Record<'offering' | 'need', string> = { offering: '', need: '' };
  private readonly no = MODES.indexOf(this.mode) + 1;
  readonly from = instantOf(START_MS + this.no * 1_001);
  readonly until = instantOf(START_MS + 400 * HOUR_MS + this.no * 1_001);

  constructor(readonly mode: Mode) {}

  capability(kind: 'offering' | 'need'): string { return `term-${this.mode}.${kind}`; }
  amount(kind: 'offering' | 'need'): string { return `70${this.no}0${kind === 'offering' ? 1 : 2}`; }
  free(kind: 'offering' | 'need'): string { return `60${this.no}0${kind === 'offering' ? 1 : 2}`; }

  publication(kind: 'offering' | 'need'): z.input<typeof matching.publishListing.input> {
    return {
      reference: `reference-${this.mode}-${kind}`, kind, title: `title of ${this.mode} ${kind}`, capability: this.capability(kind), quantity: { amount: this.amount(kind), unit: 'PIECE' },
      availableFrom: this.from, availableUntil: this.until, place: `place of ${this.mode}`, delivery: 'onsite', visibility: this.mode,
    };
  }

  /** Fields of this member's listings that are told by documents, none of which may hide anything from the search for its markers. */
  fieldsIn(documents: readonly string[], pseudonym: string): Field[] {
    const about = documents.filter((document) => Object.values(this.ids).some((id) => document.includes(id)));
    const markers: Readonly<Record<Field, (document: string) => boolean>> = {
      'listing id': (document) => Object.values(this.ids).some((id) => document.includes(id)),
      'home node': (document) => about.includes(document) && document.includes(north),
      kind: (document) => about.includes(document) && /"(kind|offeringId)":/.test(document),
      capability: (document) => document.includes(`term-${this.mode}.`),
      quantity: (document) => document.includes(this.amount('offering')) || document.includes(this.amount('need')),
      'what is free': (document) => document.includes(this.free('offering')) || document.includes(this.free('need')),
      window: (document) => document.includes(this.from) || document.includes(this.until),
      delivery: (document) => about.includes(document) && document.includes('"delivery":'),
      pseudonym: (document) => document.includes(pseudonym),
      participant: (document) => document.includes(this.did),
      title: (document) => document.includes(`title of ${this.mode}`),
      place: (document) => document.includes(`place of ${this.mode}`),
      reference: (document) => document.includes(`reference-${this.mode}`),
      handle: (document) => /handle|sep:\/\//.test(document),
    };
    return FIELDS.filter((field) => documents.some((document) => markers[field](document)));
  }
}

/** A node with a listing of every visibility, and everything that ever leaves it. */
class WatchedNode {
  readonly federation = new ScriptedFederation();
  readonly members = MODES.map((mode) => new MarkedMember(mode));
  probe!: ServiceProbe;

  async start(): Promise<void> {
    this.probe = await ServiceProbe.start(this.federation.watching(matchingEngineService), { KULA_MATCHING_INTERVAL_SECONDS: '0' });
    await this.federation.start();
    for (const member of this.members) await this.publish(member);
    await this.probe.emit(federation.peerChanged, { nodeId: south, state: 'linked', previous: null, isOpen: true, changedAt: instantOf(START_MS) });
    await until('the peer', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.peer_standing')).length === 1);
  }

  async stop(): Promise<void> {
    await this.federation.stop();
    await this.probe?.stop();
  }

  /** Publishes both listings of a member, and reserves some of each. */
  private async publish(member: MarkedMember): Promise<void> {
    for (const kind of ['offering', 'need'] as const) {
      const { listingId } = await this.probe.ask(matching.publishListing, member.publication(kind), { did: member.did, role: 'participant' });
      member.ids[kind] = listingId;
      await this.probe.emit(matching.capacityChanged, { listingId, free: member.free(kind), version: 1 });
      await until('the reservation', async () => (await this.probe.ask(matching.getListing, { listingId }, operator)).free === member.free(kind));
    }
  }

  /** Every draft on its way to the log, whole. */
  async drafts(): Promise<string[]> {
    const rows = await this.probe.sql<{ payload: unknown }>(`SELECT payload FROM matching_engine.outbox_message WHERE subject LIKE 'fedout.%' ORDER BY position`);
    return rows.map(({ payload }) => JSON.stringify(payload));
  }

  /** Everything the peer is told when it asks, a refusal included. */
  async asked(asker: string, operation: typeof matching.answerCandidates, body: Record<string, unknown>): Promise<string> {
    const answer = await this.probe.ask(operation, { asker, body }).catch((error: unknown) => ({ ...(error as object), message: (error as Error).message }));
    return JSON.stringify(answer);
  }

  /** All pages of the answers to a peer that asks for everything: terms it knows, terms it guesses, broad ones and narrow ones. */
  async askedForEverything(asker: string): Promise<string[]> {
    const terms = [...MODES.flatMap((mode) => [`term-${mode}`, `term-${mode}.offering`, `term-${mode}.need`, `term-${mode}.offering.of.a.kind`, `term-${mode}.need.of.a.kind`]), 'a', 'term'];
    const answers: string[] = [];
    for (let after: string | null = null; ;) {
      const answer = await this.asked(asker, matching.answerCandidates, { gives: terms, seeks: terms, after });
      answers.push(answer);
      after = (JSON.parse(answer) as { body?: { next?: string | null } }).body?.next ?? null;
      if (after === null) return answers;
    }
  }

  /** The answers to a peer that asks for the details of every listing there is, whether it can know of it or not, one by one and together. */
  async askedForDetails(asker: string): Promise<string[]> {
    const ids = this.members.flatMap((member) => Object.values(member.ids));
    const answers = [await this.asked(asker, matching.answerDetails, { listing_ids: ids })];
    for (const id of ids) answers.push(await this.asked(asker, matching.answerDetails, { listing_ids: [id] }));
    return answers;
  }

  /** A member of the peer whose listings close a ring with those of a member of this node that is for this node to propose. */
  async partnerOf(member: MarkedMember): Promise<void> {
    const did = walletOf(`partner of ${member.mode}`).did;
    const own = (kind: 'offering' | 'need'): GraphListing => (
      { listingId: member.ids[kind], kind, participantId: member.did, homeNode: north, visibility: member.mode, free: BigInt(member.free(kind)) } as GraphListing);
    for (let at = 0; ; at += 1) {
      const partner = (kind: 'offering' | 'need'): GraphListing => (
        { listingId: `partner-${member.mode}-${kind}-${at}`, kind, participantId: did, homeNode: south, visibility: 'network', free: 5n } as GraphListing);
      const legs = [{ offering: own('offering'), need: partner('need') }, { offering: partner('offering'), need: own('need') }];
      if (proposerOf(ringIdOf(legs), legs) !== north) continue;
      for (const [kind, opposite, amount] of [['offering', 'need', '9000000'], ['need', 'offering', '5']] as const) {
        await this.probe.deliver(listingPublished, {
          listing_id: partner(kind).listingId, kind, participant_id: did, home_node: south, title: 'partner', capability: member.capability(opposite), quantity: { amount, unit: 'PIECE' },
          available_from: instantOf(START_MS - 24 * HOUR_MS), available_until: instantOf(START_MS + 900 * HOUR_MS), place: null, delivery: 'onsite', published_at: instantOf(START_MS),
        }, { issuer: south });
      }
      return;
    }
  }

  async pseudonymOf(member: MarkedMember): Promise<string> {
    const [row] = await this.probe.sql<{ secret: string }>('SELECT secret FROM matching_engine.node_secret');
    return `p-${createHmac('sha256', row?.secret ?? '').update(`participant\0{"participant_id":"${member.did}"}`).digest('base64url')}`;
  }
}

describe('what a peer learns', () => {
  const node = new WatchedNode();
  const told: Partial<Record<Moment, string[]>> = {};
  /** Told to nobody by the promise: to a peer that is not admitted, and before a listing was shown. */
  const inVain: string[] = [];

  beforeAll(async () => {
    await node.start();
    inVain.push(...await node.askedForEverything(stranger), ...await node.askedForDetails(stranger));
    told['when a peer asks before it proposes'] = await node.askedForDetails(south);
    told['when a peer asks while it searches'] = await node.askedForEverything(south);
    told['when a peer asks before it proposes'].push(...await node.askedForDetails(south));
    node.federation.peers.set(south, () => ({ candidates: [], next: null, valid_until: instantOf(START_MS) }));
    for (const member of node.members) await node.partnerOf(member);
    await until('the partners', async () => (await node.probe.sql('SELECT 1 FROM matching_engine.listing WHERE home_node = $1', [south])).length === 2 * MODES.length);
    await node.probe.ask(matching.runSearch, {}, operator);
    told['when a chain is proposed'] = (await node.probe.sql<{ payload: unknown }>(`SELECT payload FROM matching_engine.outbox_message WHERE subject = $1`, [matching.ringSelected.subject]))
      .map(({ payload }) => JSON.stringify(payload));
    for (const member of node.members) {
      for (const listingId of Object.values(member.ids)) await node.probe.ask(matching.withdrawListing, { listingId }, { did: member.did, role: 'participant' });
    }
    told['in the log, unasked'] = await node.drafts();
  }, 60_000);
  afterAll(async () => { await node.stop(); });

  const memberWith = (mode: Mode): MarkedMember => node.members.find((member) => member.mode === mode) as MarkedMember;
  const elsewhere: readonly Moment[] = ['when this node asks its peers', 'after the commitment'];
  const promises = MODES.flatMap((mode) => (Object.keys(MOMENTS) as Moment[]).filter((moment) => !elsewhere.includes(moment)).map((moment) => [mode, moment] as const));

  it.each(promises)('of a listing with visibility %s %s is what is promised, no more and no less', async (mode, moment) => {
    const member = memberWith(mode);
    expect(member.fieldsIn(told[moment] ?? [], await node.pseudonymOf(member))).toEqual(inOrder(WHAT_A_PEER_LEARNS[mode][moment]));
  });

  it('is nothing where it is not admitted, not even that there is a listing', async () => {
    for (const member of node.members) expect(member.fieldsIn(inVain, await node.pseudonymOf(member))).toEqual([]);
    expect(new Set(inVain.map((answer) => (JSON.parse(answer) as { code: string }).code))).toEqual(new Set(['matching.asker_not_admitted']));
  });

  it('of a listing that is only shown to those who ask is nothing but what it was shown before', async () => {
    const member = memberWith('query');
    const beforehand = (told['when a peer asks before it proposes'] ?? []).slice(0, 1 + 2 * MODES.length);
    expect(member.fieldsIn(beforehand, await node.pseudonymOf(member))).toEqual([]);
  });

  it('is nothing by guessing how a member calls its listing, except where everybody may know whose it is', async () => {
    const guessed = (mode: Mode) => (['offering', 'need'] as const).map((kind) => listingIdOfReference(memberWith(mode).did, `reference-${mode}-${kind}`));
    for (const mode of MODES) expect([mode, Object.values(memberWith(mode).ids).some((id) => guessed(mode).includes(id))]).toEqual([mode, mode === 'network']);
  });

  it('is recorded for the member, each time', async () => {
    const shown = async (mode: Mode) => (await node.probe.ask(matching.listDisclosures, { listingId: memberWith(mode).ids.offering }, { did: memberWith(mode).did, role: 'participant' }))
      .items.map(({ nodeId, told: what, times }) => [nodeId, what, times]).sort();
    expect(await shown('network')).toEqual([]);
    expect(await shown('summary')).toEqual([[south, 'details', 4]]);
    expect(await shown('query')).toEqual([[south, 'details', 2], [south, 'summary', 1]]);
    expect(await shown('node')).toEqual([]);
  });

  it('is told in no field but those that are looked at', () => {
    const keysOf = (value: unknown): string[] => (typeof value !== 'object' || value === null ? [] : Object.entries(value).flatMap(([key, item]) => [
      ...(Array.isArray(value) ? [] : [key]), ...keysOf(item)]));
    const keys = (moment: Moment) => [...new Set((told[moment] ?? []).flatMap((document) => keysOf(JSON.parse(document))))].sort();
    const summary = ['amount', 'available_from', 'available_until', 'capability', 'delivery', 'home_node', 'kind', 'listing_id', 'participant_ref', 'quantity', 'unit'];
    const envelope = ['body', 'exp', 'id', 'subject', 'topic', 'type'];
    expect(keys('in the log, unasked')).toEqual([...envelope, ...summary, 'free', 'participant_id', 'place', 'published_at', 'title'].sort());
    expect(keys('when a peer asks while it searches')).toEqual([...summary, 'body', 'candidates', 'free', 'next', 'valid_until'].sort());
    expect(keys('when a peer asks before it proposes')).toEqual([...summary, 'body', 'listings', 'participant_id', 'place', 'title'].sort());
    expect(keys('when a chain is proposed')).toEqual([
      'amount', 'description', 'executionEnd', 'executionStart', 'explanation', 'foundAt', 'legId', 'legs', 'needId', 'offeringId', 'part', 'proposingNode', 'providerId', 'providerNode',
      'quantity', 'reason', 'recipientId', 'recipientNode', 'ringId', 'score', 'sentence', 'state', 'unit', 'weight',
    ]);
  });

  it('is what docs/visibility.md says', () => {
    const page = readFileSync(new URL('../../../../../docs/visibility.md', import.meta.url), 'utf8');
    expect(page.split('\n').filter((line) => /^\| `(network|summary|query|node)`/.test(line))).toEqual(PROMISED_ROWS);
  });
});

describe('what a peer learns from being asked', () => {
  const node = new WatchedNode();
  beforeAll(async () => {
    await node.start();
    node.federation.peers.set(south, () => ({ candidates: [], next: null, valid_until: instantOf(START_MS) }));
    await node.probe.ask(matching.runSearch, {}, operator);
  }, 60_000);
  afterAll(async () => { await node.stop(); });

  it.each(MODES)('of a listing with visibility %s is what is promised, no more and no less', async (mode) => {
    const member = node.members.find((each) => each.mode === mode) as MarkedMember;
    const questions = node.federation.questions.map((question) => JSON.stringify(question));
    expect(questions).not.toEqual([]);
    expect(member.fieldsIn(questions, await node.pseudonymOf(member))).toEqual(inOrder(WHAT_A_PEER_LEARNS[mode]['when this node asks its peers']));
  });

  it('is never more than 3 KB', () => {
    for (const { kind, body } of node.federation.questions) expect(JSON.stringify({ kind, body }).length).toBeLessThan(3_072);
  });
});
