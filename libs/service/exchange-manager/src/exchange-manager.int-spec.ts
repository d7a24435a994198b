import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  chainAcknowledged, chainAnswered, chainCommitted, chainConsented, chainDecided, chainProposed, exchange, legSignalled, matching, type AppliedEntry,
  type Caller, type FederationMessage,
} from '@kula/contracts';
import { hashDocument, toBase64url, type Json } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { exchangeManagerService } from './index.js';

type ChainView = z.output<typeof exchange.chain>;
type Body = Record<string, unknown>;

const [north, south, east] = ['north', 'south', 'east'].map(nodeIdOf) as [string, string, string];
const [ana, ben, cal, dia] = ['ana', 'ben', 'cal', 'dia'].map(walletOf) as [Wallet, Wallet, Wallet, Wallet];
const MEMBERS = [{ wallet: ana, home: north }, { wallet: ben, home: south }, { wallet: cal, home: east }] as const;
const OPERATOR: Caller = { did: dia.did, role: 'operator' };
const MADE_AT = new Date().toISOString();
const STAND_IN = 'A'.repeat(86);
const HOUR_MS = 3_600_000;

const callerOf = ({ did }: Wallet): Caller => ({ did, role: 'participant' });
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();
const homeOf = (did: string): string => MEMBERS.find(({ wallet }) => wallet.did === did)?.home ?? north;

/** A chain among ana (here), ben and cal (played by the test), on listings of its own unless told otherwise. */
class Ring {
  constructor(private readonly probe: ServiceProbe, readonly chainId: string, private readonly anas = chainId) {}

  listing(wallet: Wallet, what: string): string { return `${wallet === ana ? this.anas : this.chainId}-${wallet.name}-${what}`; }

  private legs() {
    return MEMBERS.map(({ wallet: from, home }, index) => {
      const to = MEMBERS[(index + 1) % MEMBERS.length] ?? MEMBERS[0];
      return {
        legId: `${from.name}-${to.wallet.name}`, providerId: from.did, providerNode: home, recipientId: to.wallet.did, recipientNode: to.home,
        offeringId: this.listing(from, 'gives'), needId: this.listing(to.wallet, 'needs'), description: ` what ${from.name} gives `,
        quantity: { amount: '4', unit: 'HOUR' }, score: 900_000,
        explanation: [{ part: 'capability' as const, score: 900_000, weight: 500_000, sentence: `${from.name} can` }],
      };
    });
  }

  /** Opens the listings of ana, as matching-engine does. */
  async openListings(amount = '4'): Promise<void> {
    for (const [kind, what] of [['offering', 'gives'], ['need', 'needs']] as const) {
      await this.probe.emit(matching.listingOpened, {
        listingId: this.listing(ana, what), kind, participantId: ana.did, homeNode: north, title: 'title at home', capability: 'care.home', quantity: { amount, unit: 'HOUR' },
        free: amount, availableFrom: inHours(0), availableUntil: inHours(900), place: 'place at home', delivery: 'onsite', visibility: 'network', state: 'open', publishedAt: MADE_AT,
      });
    }
    await until('the accounts to open', async () =>
      (await this.probe.sql(`SELECT 1 FROM capacity_account WHERE listing_id IN ($1, $2)`, [this.listing(ana, 'gives'), this.listing(ana, 'needs')])).length === 2);
  }

  async select(proposingNode = north): Promise<void> {
    await this.probe.emit(matching.ringSelected, {
      ringId: this.chainId, state: 'selected', score: 900_000, legs: this.legs(), reason: 'it closes', proposingNode, foundAt: MADE_AT,
      executionStart: inHours(100), executionEnd: inHours(200),
    });
  }

  /** The proposal as node south would write it. */
  proposal(change: Body = {}, issuer = south): Body {
    const participants = MEMBERS.flatMap(({ wallet, home }) => [
      { participant_id: wallet.did, home_node: home, role: 'provider', offering_id: this.listing(wallet, 'gives') },
      { participant_id: wallet.did, home_node: home, role: 'recipient', need_id: this.listing(wallet, 'needs') },
    ]);
    const edges = this.legs().map((leg) => ({
      leg_id: leg.legId, from_participant: leg.providerId, to_participant: leg.recipientId, match_score: leg.score, offering_id: leg.offeringId, need_id: leg.needId,
      description: leg.description.trim(), amount: leg.quantity.amount, unit: leg.quantity.unit, note_of_a_newer_node: 'kept',
    }));
    const proposed_timeline = { consent_deadline: inHours(48), execution_start: inHours(100), execution_end: inHours(200) };
    const terms = { chain_id: this.chainId, participants, edges, proposed_timeline, ...change };
    return { ...terms, proposing_node: issuer, terms_hash: hashDocument(terms as Json), explanation: ['it closes'], proposer_signature: STAND_IN };
  }

  view(caller: Caller = OPERATOR): Promise<ChainView> { return this.probe.ask(exchange.getChain, { chainId: this.chainId }, caller); }

  until(what: string, check: (chain: ChainView) => boolean): Promise<ChainView> {
    return until(`chain ${this.chainId} ${what}`, async () => {
      const chain = await this.view().catch(() => undefined);
      return chain !== undefined && check(chain) && chain;
    });
  }

  untilState(state: ChainView['state']): Promise<ChainView> { return this.until(`to be ${state}`, (chain) => chain.state === state); }

  /** Bodies of one message that the service has written about this chain, published or about to be. */
  async wrote(message: FederationMessage): Promise<Body[]> {
    const rows = await this.probe.sql<{ body: Body }>(
      `SELECT payload->'body' AS body FROM outbox_message WHERE subject = 'fedout.chains' AND payload->>'type' = $1 AND payload->>'subject' = $2 ORDER BY position`,
      [message.type, this.chainId]);
    return rows.map(({ body }) => body);
  }

  statement(wallet: Wallet, termsHash: string, decision: 'confirm' | 'decline' = 'confirm', madeAt = MADE_AT) {
    return { chain_id: this.chainId, terms_hash: termsHash, participant_id: wallet.did, decision, made_at: madeAt };
  }

  consent(wallet: Wallet, termsHash: string, decision: 'confirm' | 'decline' = 'confirm', signer = wallet) {
    const statement = this.statement(wallet, termsHash, decision);
    return { statement, signature: signer.sign('sep/consent/v1', statement) };
  }

  async giveConsent(termsHash: string, change: Partial<z.input<typeof exchange.giveConsent.input>> = {}, caller = callerOf(ana)): Promise<ChainView> {
    const { signature } = this.consent(ana, termsHash);
    return this.probe.ask(exchange.giveConsent, { chainId: this.chainId, termsHash, decision: 'confirm', madeAt: MADE_AT, signature, ...change }, caller);
  }

  signal(wallet: Wallet, termsHash: string, legId: string, signal: 'started' | 'delivered' | 'fulfilment', answer: 'yes' | 'partially' | 'no' | null = null) {
    const statement = {
      chain_id: this.chainId, leg_id: legId, terms_hash: termsHash, participant_id: wallet.did, signal, answer, evidence_hash: null, made_at: MADE_AT,
    };
    return { statement, signature: wallet.sign('sep/signal/v1', statement) };
  }

  async giveSignal(termsHash: string, legId: string, signal: 'started' | 'delivered' | 'fulfilment', answer: 'yes' | 'no' | null = null): Promise<ChainView> {
    const { signature } = this.signal(ana, termsHash, legId, signal, answer);
    return this.probe.ask(exchange.giveSignal, { chainId: this.chainId, legId, signal, answer, madeAt: MADE_AT, signature }, callerOf(ana));
  }

  say(message: FederationMessage, body: Body, issuer: string) { return this.probe.deliver(message, body as never, { issuer }); }

  answer(issuer: string, termsHash: string, change: Body = {}) {
    return this.say(chainAnswered, { chain_id: this.chainId, responding_node: issuer, terms_hash: termsHash, status: 'validated', respondent_signature: STAND_IN, ...change }, issuer);
  }

  acknowledge(issuer: string, termsHash: string, coordinator: string, status = 'held') {
    return this.say(chainAcknowledged, { chain_id: this.chainId, terms_hash: termsHash, proposing_node: coordinator, status }, issuer);
  }

  decide(issuer: string, termsHash: string, outcome: 'commit' | 'abort', reason: string) {
    return this.say(chainDecided, { chain_id: this.chainId, terms_hash: termsHash, outcome, reason }, issuer);
  }

  certify(issuer: string, termsHash: string, consents = MEMBERS.map(({ wallet }) => this.consent(wallet, termsHash))) {
    return this.say(chainCommitted, { chain_id: this.chainId, terms_hash: termsHash, consents }, issuer);
  }

  /** Ends of this chain as published. */
  async endings() { return (await this.probe.published(exchange.chainEnded)).filter(({ chainId }) => chainId === this.chainId); }

  untilEnded() {
    return until(`the end of ${this.chainId} to be published`, async () => (await this.endings())[0]);
  }

  async accounts() {
    return this.probe.sql<{ reserved: string; committed: string }>(
      'SELECT reserved, committed FROM capacity_account WHERE listing_id LIKE $1 ORDER BY listing_id', [`${this.anas}-ana-%`]);
  }
}

const MESSAGES: readonly FederationMessage[] = [
  chainProposed, chainAnswered, chainConsented, chainCommitted, chainAcknowledged, chainDecided, legSignalled,
] as FederationMessage[];

/** Hands published drafts of the service back as the node's own entries, as the sealer does. */
class Sealer {
  private sealed = new Set<string>();
  constructor(private readonly probe: ServiceProbe) {}

  async sealAll(): Promise<void> {
    await until('every draft to be published', async () => (await this.probe.sql('SELECT 1 FROM outbox_message WHERE published_at IS NULL')).length === 0);
    const drafts = (await Promise.all(MESSAGES.map(async (message) => (await this.probe.sent(message)).map((draft) => ({ message, draft }))))).flat();
    for (const { message, draft } of drafts.filter(({ draft: { id } }) => !this.sealed.has(id))) {
      this.sealed.add(draft.id);
      const body = draft.nodeSignature === undefined ? draft.body : { ...draft.body, [draft.nodeSignature.field]: STAND_IN };
      await this.probe.deliver(message, body as never, { issuer: north, subject: draft.subject });
    }
  }
}

describe('the exchange-manager service', () => {
  let probe: ServiceProbe;
  let sealer: Sealer;
  beforeAll(async () => {
    probe = await ServiceProbe.start(exchangeManagerService);
    sealer = new Sealer(probe);
  });
  afterAll(async () => { await probe?.stop(); });

  const refusalOf = async ({ issuer, seq }: Pick<AppliedEntry, 'issuer' | 'seq'>): Promise<string> => until(`entry ${seq} of ${issuer} to be refused`, async () =>
    (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code);

  /** The chain proposed by this node and validated by all. */
  async function confirming(chainId: string): Promise<{ readonly ring: Ring; readonly termsHash: string }> {
    const ring = new Ring(probe, chainId);
    await ring.openListings();
    await ring.select();
    const { termsHash } = await ring.untilState('proposed');
    await sealer.sealAll();
    await ring.answer(south, termsHash);
    await ring.answer(east, termsHash);
    await ring.untilState('confirming');
    return { ring, termsHash };
  }

  describe('as coordinator', () => {
    let ring: Ring;
    let termsHash: string;

    it('proposes a selected ring once, with the hash of its full terms', async () => {
      ring = new Ring(probe, 'bread-ring');
      await ring.openListings();
      await ring.select();
      await ring.select();
      const view = await ring.untilState('proposed');
      ({ termsHash } = view);
      const [body, ...others] = await ring.wrote(chainProposed);
      expect(others).toEqual([]);
      const { chain_id, participants, edges, proposed_timeline } = body as Record<string, Json>;
      expect(hashDocument({ chain_id, participants, edges, proposed_timeline })).toBe(termsHash);
      expect(hashDocument(view.terms as Json)).toBe(termsHash);
      expect(body).toMatchObject({ proposing_node: north, terms_hash: termsHash, explanation: ['it closes', 'ana can', 'ben can', 'cal can'] });
      expect(view.waitingFor).toHaveLength(3);
    });

    it('validates its own members when the proposal comes back, reserves, and says what is free', async () => {
      await sealer.sealAll();
      await until('the own answer', async () => (await ring.wrote(chainAnswered)).length === 1);
      expect(await ring.wrote(chainAnswered)).toMatchObject([{ responding_node: north, status: 'validated', terms_hash: termsHash }]);
      expect(await ring.accounts()).toEqual([{ reserved: '4', committed: '0' }, { reserved: '4', committed: '0' }]);
      await until('the free capacity to be published', async () => (await probe.published(matching.capacityChanged)).length === 2);
      expect(await probe.published(matching.capacityChanged)).toContainEqual({ listingId: 'bread-ring-ana-gives', free: '0', version: 1 });
    });

    it('asks the members once every home node has validated', async () => {
      await ring.answer(south, termsHash);
      await ring.answer(east, termsHash);
      const view = await ring.untilState('confirming');
      expect(view.answers.map(({ status }) => status)).toEqual(['validated', 'validated', 'validated']);
      expect(view.waitingFor).toHaveLength(3);
    });

    it('takes the consents of its own members and of others, and refuses forged ones', async () => {
      const mine = await ring.giveConsent(termsHash);
      expect(mine.consents).toEqual([{ participantId: ana.did, decision: 'confirm', madeAt: MADE_AT }]);
      expect(await ring.giveConsent(termsHash)).toMatchObject({ consents: mine.consents });
      await ring.say(chainConsented, ring.consent(ben, termsHash), south);
      expect(await refusalOf(await ring.say(chainConsented, ring.consent(cal, termsHash, 'confirm', dia), east))).toBe('exchange.bad_signature');
      expect(await refusalOf(await ring.say(chainConsented, ring.consent(cal, 'B'.repeat(43)), east))).toBe('exchange.other_terms');
      expect(await refusalOf(await ring.say(chainConsented, ring.consent(cal, termsHash), south))).toBe('exchange.not_a_member');
      expect((await ring.view()).consents).toHaveLength(2);
      await ring.say(chainConsented, ring.consent(cal, termsHash), east);
      await ring.untilState('held');
      const [body, ...others] = await ring.wrote(chainCommitted);
      expect(others).toEqual([]);
      expect(body?.['consents']).toHaveLength(3);
      expect(await ring.wrote(chainAcknowledged)).toMatchObject([{ status: 'held', proposing_node: north }]);
    });

    it('commits when every home node holds, and only then lets legs start', async () => {
      await expect(ring.giveSignal(termsHash, 'ana-ben', 'started')).rejects.toMatchObject({ code: 'exchange.wrong_state' });
      await ring.acknowledge(south, termsHash, north);
      expect(await refusalOf(await ring.acknowledge(east, termsHash, east))).toBe('exchange.foreign_issuer');
      expect((await ring.view()).state).toBe('held');
      await ring.acknowledge(east, termsHash, north);
      await ring.untilState('executing');
      expect(await ring.wrote(chainDecided)).toMatchObject([{ outcome: 'commit', reason: 'all_held' }]);
      expect(await ring.accounts()).toEqual([{ reserved: '0', committed: '4' }, { reserved: '0', committed: '4' }]);
    });

    it('applies what comes before its cause when the cause comes', async () => {
      await ring.say(legSignalled, ring.signal(ben, termsHash, 'ana-ben', 'fulfilment', 'yes'), south);
      await ring.say(legSignalled, ring.signal(ben, termsHash, 'ben-cal', 'started'), south);
      await until('both to wait', async () => (await probe.sql('SELECT 1 FROM parked_entry')).length === 2);
      await ring.giveSignal(termsHash, 'ana-ben', 'started');
      const view = await ring.giveSignal(termsHash, 'ana-ben', 'delivered');
      expect(view.legs.map(({ state, recipientAnswer }) => [state, recipientAnswer])).toEqual([['delivered', 'yes'], ['started', null], ['agreed', null]]);
      expect(await probe.sql('SELECT 1 FROM parked_entry')).toEqual([]);
    });

    it('keeps its state over a restart', async () => {
      const before = await ring.view();
      await probe.restart();
      expect(await ring.view()).toEqual(before);
    });

    it('completes when every leg is fulfilled, and says so once', async () => {
      await ring.giveSignal(termsHash, 'ana-ben', 'fulfilment', 'yes');
      await ring.say(legSignalled, ring.signal(ben, termsHash, 'ben-cal', 'delivered'), south);
      await ring.say(legSignalled, ring.signal(ben, termsHash, 'ben-cal', 'fulfilment', 'yes'), south);
      await ring.say(legSignalled, ring.signal(cal, termsHash, 'ben-cal', 'fulfilment', 'partially'), east);
      for (const signal of ['started', 'delivered'] as const) await ring.say(legSignalled, ring.signal(cal, termsHash, 'cal-ana', signal), east);
      const last = await ring.say(legSignalled, ring.signal(cal, termsHash, 'cal-ana', 'fulfilment', 'yes'), east);
      await ring.until('to be delivered to ana', ({ legs }) => legs[2]?.providerAnswer === 'yes');
      expect(await ring.giveSignal(termsHash, 'cal-ana', 'fulfilment', 'yes')).toMatchObject({ state: 'completed', waitingFor: [] });
      await probe.deliver(legSignalled, ring.signal(cal, termsHash, 'cal-ana', 'fulfilment', 'yes'), last);
      await ring.say(legSignalled, ring.signal(cal, termsHash, 'cal-ana', 'fulfilment', 'yes'), east);
      const ended = await ring.untilEnded();
      expect(ended).toMatchObject({ outcome: 'completed', reason: null, termsHash });
      expect(ended.members.find(({ participantId }) => participantId === ben.did))
        .toEqual({ participantId: ben.did, homeNode: south, partners: [ana.did, cal.did], given: 'partially', isAtFault: false });
      expect(ended.listings).toHaveLength(6);
    });

    it('tells every step with its node and the entry that made it', async () => {
      await sealer.sealAll();
      const { steps } = await until('every step to have its entry', async () => {
        const timeline = await probe.ask(exchange.getTimeline, { chainId: ring.chainId }, callerOf(ana));
        return timeline.steps.every(({ entryId, step }) => entryId !== null || step === 'chain.completed') && timeline;
      });
      const counts = steps.reduce((all, { step }) => ({ ...all, [step]: (all[step] ?? 0) + 1 }), {} as Record<string, number>);
      expect(counts).toEqual({
        'chain.proposed': 1, 'chain.answered': 3, 'chain.consented': 3, 'chain.committed': 1, 'chain.acknowledged': 3, 'chain.decided': 1,
        'leg.signalled': 12, 'chain.completed': 1,
      });
      expect(steps[0]).toMatchObject({ node: north, entryId: expect.stringMatching(new RegExp(`^${north}:`)), sentence: expect.stringContaining('proposed a ring of 3 legs') });
      expect(await ring.endings()).toHaveLength(1);
    });

    it('aborts what a home node rejects, and gives back what it reserved', async () => {
      const rejected = new Ring(probe, 'rejected-ring');
      await rejected.openListings();
      await rejected.select();
      const { termsHash: hash } = await rejected.untilState('proposed');
      await sealer.sealAll();
      await rejected.answer(south, hash, { status: 'rejected', rejection_reason: 'offering gone' });
      await rejected.until('to be called off', ({ reason }) => reason === 'rejected');
      expect(await rejected.accounts()).toEqual([{ reserved: '0', committed: '0' }, { reserved: '0', committed: '0' }]);
      expect(await rejected.untilEnded()).toMatchObject({ outcome: 'aborted', reason: 'rejected' });
    });

    it('aborts when a member declines, also one that had confirmed', async () => {
      const { ring: left, termsHash: hash } = await confirming('left-ring');
      await left.giveConsent(hash);
      const view = await left.giveConsent(hash, { decision: 'decline', signature: left.consent(ana, hash, 'decline').signature, reason: 'my plans changed' });
      expect(view).toMatchObject({ state: 'aborted', reason: 'declined', consents: [{ decision: 'decline' }] });
      expect(await left.accounts()).toEqual([{ reserved: '0', committed: '0' }, { reserved: '0', committed: '0' }]);
      const { steps } = await probe.ask(exchange.getTimeline, { chainId: left.chainId }, OPERATOR);
      expect(steps.map(({ sentence }) => sentence)).toContainEqual(expect.stringContaining('declined: my plans changed'));
    });

    it('leaves a ring alone that another node proposes, and one that is no ring', async () => {
      const others = new Ring(probe, 'others-ring');
      await others.select(south);
      const { ring: next } = await confirming('next-ring');
      await expect(others.view()).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
      expect((await next.view()).state).toBe('confirming');
    });
  });

  describe('as a member\'s home', () => {
    const TERMS = 'terms_hash';
    async function proposedBySouth(chainId: string, anas?: string): Promise<{ readonly ring: Ring; readonly hash: string }> {
      const ring = new Ring(probe, chainId, anas);
      if (anas === undefined) await ring.openListings();
      const body = ring.proposal();
      await ring.say(chainProposed, body, south);
      await ring.untilState('proposed');
      return { ring, hash: String(body[TERMS]) };
    }

    /** Everything up to the certificate. */
    async function heldHere(chainId: string): Promise<{ readonly ring: Ring; readonly hash: string }> {
      const { ring, hash } = await proposedBySouth(chainId);
      for (const issuer of [south, east]) await ring.answer(issuer, hash);
      await ring.untilState('confirming');
      await ring.giveConsent(hash);
      await ring.certify(south, hash);
      await ring.untilState('held');
      return { ring, hash };
    }

    it('answers a proposal once with a reservation, and keeps fields of newer nodes', async () => {
      const { ring, hash } = await proposedBySouth('south-ring');
      const view = await ring.view();
      expect(view.terms.edges[0]).toMatchObject({ note_of_a_newer_node: 'kept' });
      await ring.say(chainProposed, ring.proposal(view.terms), south);
      await ring.answer(south, hash);
      await ring.until('to hear south', ({ answers }) => answers.length === 2);
      expect(await ring.wrote(chainAnswered)).toMatchObject([{ status: 'validated', terms_hash: hash }]);
    });

    it.each<[string, (ring: Ring) => Body, string]>([
      ['of another node', (ring) => ring.proposal({}, east), 'exchange.foreign_issuer'],
      ['with another hash', (ring) => ({ ...ring.proposal(), terms_hash: 'C'.repeat(43) }), 'exchange.other_terms'],
      ['that is no ring', (ring) => ring.proposal({ edges: (ring.proposal()['edges'] as Body[]).map((edge) => ({ ...edge, to_participant: ana.did })) }), 'exchange.malformed_proposal'],
      ['without its form', (ring) => ({ ...ring.proposal(), edges: [] }), 'message.malformed'],
    ])('refuses a proposal %s', async (what, bodyOf, code) => {
      const ring = new Ring(probe, `wrong-${what.replaceAll(' ', '-')}`);
      expect(await refusalOf(await ring.say(chainProposed, bodyOf(ring), south))).toBe(code);
      await expect(ring.view()).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
    });

    it('validates one of two chains that race for the same listing, and rejects the other', async () => {
      await new Ring(probe, 'race').openListings();
      const first = await proposedBySouth('race-one', 'race');
      const second = await proposedBySouth('race-two', 'race');
      expect(await first.ring.wrote(chainAnswered)).toMatchObject([{ status: 'validated' }]);
      const [answer] = await second.ring.wrote(chainAnswered);
      expect(answer).toMatchObject({ status: 'rejected', rejection_reason: expect.stringContaining('has only 0 HOUR left') });
      expect(await first.ring.accounts()).toEqual([{ reserved: '4', committed: '0' }, { reserved: '4', committed: '0' }]);
      await first.ring.decide(south, first.hash, 'abort', 'declined');
      await first.ring.untilState('aborted');
      const third = await proposedBySouth('race-three', 'race');
      expect((await third.ring.view()).answers).toMatchObject([{ node: north, status: 'validated' }]);
    });

    it('rejects a withdrawn and an unknown listing', async () => {
      const closed = new Ring(probe, 'closed');
      await closed.openListings();
      await probe.emit(matching.listingClosed, { listingId: 'closed-ana-gives', participantId: ana.did, closedAt: MADE_AT });
      await until('the account to close', async () => (await probe.sql(`SELECT 1 FROM capacity_account WHERE listing_id = 'closed-ana-gives' AND NOT is_open`)).length === 1);
      expect((await (await proposedBySouth('closed-ring', 'closed')).ring.view()).answers).toMatchObject([{ status: 'rejected', reason: 'offering closed-ana-gives is withdrawn' }]);
      expect((await (await proposedBySouth('nowhere-ring', 'nowhere')).ring.view()).answers).toMatchObject([{ status: 'rejected', reason: 'offering nowhere-ana-gives is unknown' }]);
    });

    it('keeps a listing closed whose closing came before its opening', async () => {
      const early = new Ring(probe, 'early');
      await probe.emit(matching.listingClosed, { listingId: 'early-ana-gives', participantId: ana.did, closedAt: MADE_AT });
      await until('the closing', async () => (await probe.sql(`SELECT 1 FROM capacity_account WHERE listing_id = 'early-ana-gives'`)).length === 1);
      await early.openListings();
      await until('the opening', async () => (await probe.sql(`SELECT 1 FROM capacity_account WHERE listing_id = 'early-ana-gives' AND capacity = 4 AND NOT is_open`)).length === 1);
      expect((await (await proposedBySouth('early-ring', 'early')).ring.view()).answers).toMatchObject([{ status: 'rejected', reason: 'offering early-ana-gives is withdrawn' }]);
    });

    it('ignores chains without a local member, with everything said about them', async () => {
      const ring = new Ring(probe, 'foreign-ring');
      const moved = (ring.proposal()['participants'] as Body[]).map((seat) => seat['home_node'] === north ? { ...seat, home_node: east } : seat);
      const body = ring.proposal({ participants: moved });
      await ring.answer(east, String(body[TERMS]));
      await until('the answer to wait', async () => (await probe.sql(`SELECT 1 FROM parked_entry WHERE chain_id = 'foreign-ring'`)).length === 1);
      await ring.say(chainProposed, body, south);
      await ring.say(chainAnswered, { chain_id: 'foreign-ring', responding_node: south, terms_hash: body[TERMS], status: 'validated', respondent_signature: STAND_IN }, south);
      await proposedBySouth('after-foreign');
      expect(await probe.sql(`SELECT 1 FROM parked_entry WHERE chain_id = 'foreign-ring'`)).toEqual([]);
      await expect(ring.view()).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
    });

    it('keeps only so much of one node that cannot be applied yet', async () => {
      const west = nodeIdOf('west');
      await probe.sql(`INSERT INTO parked_entry SELECT 'flood:' || n, 'flood', $1, 1000 + n, '{}', now() FROM generate_series(1, 10000) n`, [west]);
      const ring = new Ring(probe, 'unheard-ring');
      expect(await refusalOf(await ring.answer(west, 'F'.repeat(43)))).toBe('exchange.too_many_parked');
      await probe.sql(`DELETE FROM parked_entry WHERE chain_id = 'flood'`);
    });

    it('acknowledges a certificate only when every consent in it is genuine', async () => {
      const { ring, hash } = await proposedBySouth('certified-ring');
      const genuine = MEMBERS.map(({ wallet }) => ring.consent(wallet, hash));
      const forged = [ring.consent(ana, hash), ring.consent(ben, hash), ring.consent(cal, hash, 'confirm', dia)];
      const otherTerms = [ring.consent(ana, hash), ring.consent(ben, hash), ring.consent(cal, 'D'.repeat(43))];
      expect(await refusalOf(await ring.certify(south, hash, forged))).toBe('exchange.bad_signature');
      expect(await refusalOf(await ring.certify(south, hash, otherTerms))).toBe('exchange.incomplete_certificate');
      expect(await refusalOf(await ring.certify(south, hash, genuine.slice(0, 2)))).toBe('exchange.incomplete_certificate');
      expect(await refusalOf(await ring.certify(east, hash, genuine))).toBe('exchange.foreign_issuer');
      expect(await ring.wrote(chainAcknowledged)).toEqual([]);
      await ring.certify(south, hash, genuine);
      expect(await ring.untilState('held')).toMatchObject({ consents: [{}, {}, {}], acknowledgements: [{ node: north, status: 'held' }] });
    });

    it('starts no leg on the coordinator\'s word before every node is seen to hold', async () => {
      const { ring, hash } = await heldHere('careful-ring');
      await ring.acknowledge(south, hash, south);
      await ring.decide(south, hash, 'commit', 'all_held');
      await until('the decision to wait', async () => (await probe.sql(`SELECT 1 FROM parked_entry WHERE chain_id = 'careful-ring'`)).length === 1);
      await expect(ring.giveSignal(hash, 'ana-ben', 'started')).rejects.toMatchObject({ code: 'exchange.wrong_state' });
      await ring.acknowledge(east, hash, south);
      expect((await ring.untilState('executing')).acknowledgements).toHaveLength(3);
      expect(await refusalOf(await ring.decide(south, hash, 'abort', 'expired'))).toBe('exchange.contradiction');
      await probe.sql(`UPDATE chain SET lease = 'released' WHERE chain_id = 'careful-ring'`);
      await expect(probe.sql(`UPDATE chain SET decision = 'abort', state = 'aborted' WHERE chain_id = 'careful-ring'`)).rejects.toThrow('is decided once');
    });

    it('refuses decisions of others, and follows the coordinator\'s to abort', async () => {
      const { ring, hash } = await heldHere('aborted-ring');
      expect(await refusalOf(await ring.decide(east, hash, 'abort', 'expired'))).toBe('exchange.foreign_issuer');
      expect(await refusalOf(await ring.decide(south, hash, 'commit', 'expired'))).toBe('exchange.malformed_decision');
      await ring.decide(south, hash, 'abort', 'refused');
      expect(await ring.untilState('aborted')).toMatchObject({ reason: 'refused', waitingFor: [] });
      expect(await ring.accounts()).toEqual([{ reserved: '0', committed: '0' }, { reserved: '0', committed: '0' }]);
    });

    it('takes a whole chain in from entries that arrive in the worst order', async () => {
      const ring = new Ring(probe, 'late-ring');
      await ring.openListings();
      const body = ring.proposal();
      const hash = String(body[TERMS]);
      await ring.answer(east, hash);
      await ring.say(chainConsented, ring.consent(cal, hash), east);
      await ring.acknowledge(east, hash, south);
      await ring.say(legSignalled, ring.signal(cal, hash, 'cal-ana', 'started'), east);
      await until('east to wait', async () => (await probe.sql(`SELECT 1 FROM parked_entry WHERE chain_id = 'late-ring'`)).length === 4);
      await ring.say(chainProposed, body, south);
      await ring.answer(south, hash);
      await ring.say(chainConsented, ring.consent(ben, hash), south);
      await ring.until('to hear both', ({ consents }) => consents.length === 2);
      await ring.giveConsent(hash);
      await ring.certify(south, hash);
      await ring.acknowledge(south, hash, south);
      await ring.decide(south, hash, 'commit', 'all_held');
      const view = await ring.untilState('executing');
      expect(view.legs.map(({ state }) => state)).toEqual(['agreed', 'agreed', 'started']);
      expect(await probe.sql(`SELECT 1 FROM parked_entry WHERE chain_id = 'late-ring'`)).toEqual([]);
    });

    it('fails a chain whose recipient got nothing, once the other legs are settled', async () => {
      const { ring, hash } = await heldHere('failed-ring');
      for (const issuer of [south, east]) await ring.acknowledge(issuer, hash, south);
      await ring.decide(south, hash, 'commit', 'all_held');
      await ring.untilState('executing');
      const pairs = [[ana, ben, 'ana-ben'], [ben, cal, 'ben-cal'], [cal, ana, 'cal-ana']] as const;
      const give = (wallet: Wallet, legId: string, signal: 'started' | 'delivered' | 'fulfilment', answer: 'yes' | 'no' | null = null) =>
        wallet === ana ? ring.giveSignal(hash, legId, signal, answer) : ring.say(legSignalled, ring.signal(wallet, hash, legId, signal, answer), homeOf(wallet.did));
      for (const [provider, recipient, legId] of pairs) {
        await give(provider, legId, 'started');
        await give(provider, legId, 'delivered');
        await ring.until('to be delivered', ({ legs }) => legs.some((leg) => leg.legId === legId && leg.state === 'delivered'));
        await give(recipient, legId, 'fulfilment', legId === 'cal-ana' ? 'no' : 'yes');
        if (legId !== 'cal-ana') await give(provider, legId, 'fulfilment', 'yes');
      }
      expect(await ring.untilState('failed')).toMatchObject({ reason: 'disputed' });
      const ended = await ring.untilEnded();
      expect(ended.members.filter(({ isAtFault }) => isAtFault)).toMatchObject([{ participantId: cal.did, given: 'no' }]);
    });

    it('takes nothing under other terms into its records, whatever the service does', async () => {
      await expect(probe.sql(
        `INSERT INTO chain_step (chain_id, terms_hash, step, subject, at, node, sentence) VALUES ('failed-ring', 'other', 'chain.consented', 'x', now(), 'x', 'x')`,
      )).rejects.toThrow('foreign key');
      await expect(probe.sql(`UPDATE capacity_account SET committed = 5 WHERE listing_id = 'race-ana-gives'`)).rejects.toThrow('nothing_promised_twice');
      await expect(probe.sql(`UPDATE chain SET state = 'executing', decision = 'commit', lease = 'committed' WHERE chain_id = 'race-three'`)).rejects.toThrow('commitment_is_complete');
    });
  });

  describe('an operation', () => {
    let ring: Ring;
    let termsHash: string;
    beforeAll(async () => { ({ ring, termsHash } = await confirming('asked-ring')); });

    const otherTerms = 'E'.repeat(43);
    it('shows a chain to its members, to cooperatives and to operators only', async () => {
      expect((await ring.view(callerOf(ana))).chainId).toBe('asked-ring');
      expect((await ring.view({ did: dia.did, role: 'cooperative' })).chainId).toBe('asked-ring');
      await expect(ring.view(callerOf(dia))).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
      await expect(probe.ask(exchange.getChain, { chainId: 'asked-ring' })).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
      await expect(probe.ask(exchange.getTimeline, { chainId: 'asked-ring' }, callerOf(dia))).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
      await expect(probe.ask(exchange.getChain, { chainId: 'no-ring' }, OPERATOR)).rejects.toMatchObject({ code: 'exchange.chain_unknown' });
    });

    it('lists chains page by page, the newest first', async () => {
      const all = (await probe.ask(exchange.listChains, {}, callerOf(ana))).items.map(({ chainId }) => chainId);
      expect(all[0]).toBe('asked-ring');
      const first = await probe.ask(exchange.listChains, { limit: 2 }, OPERATOR);
      const second = await probe.ask(exchange.listChains, { limit: 200, cursor: first.nextCursor ?? '' }, OPERATOR);
      expect([...first.items, ...second.items].map(({ chainId }) => chainId)).toEqual(all);
      expect(second.nextCursor).toBeNull();
      expect((await probe.ask(exchange.listChains, {}, callerOf(dia))).items).toEqual([]);
      expect((await probe.ask(exchange.listChains, { state: 'completed' }, OPERATOR)).items.map(({ chainId }) => chainId)).toEqual(['bread-ring']);
      await expect(probe.ask(exchange.listChains, { cursor: toBase64url(new TextEncoder().encode('x')) }, OPERATOR)).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/cursor') });
    });

    // Each row has every fault of the rows below it too, as far as both are possible: the first that applies is answered.
    const late = new Date(Date.now() + 100 * HOUR_MS).toISOString();
    const sign = (statement: Json) => ana.sign('sep/consent/v1', statement);
    it.each<[string, () => Promise<ChainView>]>([
      ['exchange.chain_unknown', () => new Ring(probe, 'no-ring').giveConsent(otherTerms, { signature: STAND_IN }, callerOf(dia))],
      ['exchange.not_a_member', () => ring.giveConsent(otherTerms, { signature: STAND_IN }, callerOf(dia))],
      ['exchange.not_a_member', () => ring.giveConsent(otherTerms, { signature: STAND_IN }, callerOf(ben))],
      ['exchange.other_terms', () => ring.giveConsent(otherTerms, { signature: STAND_IN })],
      ['exchange.bad_signature', () => ring.giveConsent(termsHash, { signature: STAND_IN, madeAt: late })],
      ['exchange.bad_signature', () => ring.giveConsent(termsHash, { decision: 'decline' })],
      ['exchange.consent_expired', () => ring.giveConsent(termsHash, { madeAt: late, signature: sign(ring.statement(ana, termsHash, 'confirm', late)) })],
    ])('giveConsent answers %s', async (code, ask) => {
      await expect(ask()).rejects.toMatchObject({ code });
    });

    it('giveConsent answers exchange.wrong_state before every home node has validated, after a late consent is refused as expired', async () => {
      const waiting = new Ring(probe, 'waiting-ring');
      await waiting.openListings();
      await waiting.select();
      const { termsHash: hash } = await waiting.untilState('proposed');
      await expect(waiting.giveConsent(hash, { madeAt: late, signature: sign(waiting.statement(ana, hash, 'confirm', late)) })).rejects.toMatchObject({ code: 'exchange.consent_expired' });
      await expect(waiting.giveConsent(hash)).rejects.toMatchObject({ code: 'exchange.wrong_state' });
    });

    it('giveConsent answers exchange.consent_already_given to a second statement, even a late one', async () => {
      await ring.giveConsent(termsHash);
      await expect(ring.giveConsent(termsHash, { madeAt: late, signature: sign(ring.statement(ana, termsHash, 'confirm', late)) })).rejects.toMatchObject({ code: 'exchange.consent_already_given' });
      expect(await ring.wrote(chainConsented)).toHaveLength(1);
    });

    const signalOn = (chainId: string, input: Partial<z.input<typeof exchange.giveSignal.input>>, caller = callerOf(ana)) =>
      probe.ask(exchange.giveSignal, { chainId, legId: 'ana-ben', signal: 'started', madeAt: MADE_AT, signature: STAND_IN, ...input }, caller);
    const signed = (legId: string, signal: 'started' | 'delivered' | 'fulfilment', answer: 'yes' | null = null, madeAt = MADE_AT) => {
      const statement = { chain_id: 'asked-ring', leg_id: legId, terms_hash: termsHash, participant_id: ana.did, signal, answer, evidence_hash: null, made_at: madeAt };
      return { legId, signal, answer, madeAt, signature: ana.sign('sep/signal/v1', statement) };
    };
    it.each<[string, () => Promise<ChainView>]>([
      ['exchange.chain_unknown', () => signalOn('no-ring', { legId: 'none' }, callerOf(dia))],
      ['exchange.leg_unknown', () => signalOn('asked-ring', { legId: 'none' }, callerOf(dia))],
      ['exchange.not_your_leg', () => signalOn('asked-ring', { signal: 'fulfilment' }, callerOf(dia))],
      ['exchange.not_your_leg', () => signalOn('asked-ring', { legId: 'cal-ana' })],
      ['exchange.not_your_leg', () => signalOn('asked-ring', { legId: 'ben-cal' }, callerOf(ben))],
      ['exchange.bad_signature', () => signalOn('asked-ring', { signal: 'fulfilment' })],
      ['exchange.answer_missing', () => signalOn('asked-ring', signed('ana-ben', 'fulfilment'))],
      ['exchange.answer_missing', () => signalOn('asked-ring', signed('ana-ben', 'started', 'yes'))],
      ['exchange.wrong_state', () => signalOn('asked-ring', signed('ana-ben', 'started'))],
    ])('giveSignal answers %s', async (code, ask) => {
      await expect(ask()).rejects.toMatchObject({ code });
    });

    it('giveSignal answers exchange.signal_already_given to a second statement, and the same again to the same one', async () => {
      for (const [wallet, issuer] of [[ben, south], [cal, east]] as const) await ring.say(chainConsented, ring.consent(wallet, termsHash), issuer);
      await ring.untilState('held');
      for (const issuer of [south, east]) await ring.acknowledge(issuer, termsHash, north);
      await ring.untilState('executing');
      await expect(signalOn('asked-ring', signed('ana-ben', 'delivered'))).rejects.toMatchObject({ code: 'exchange.wrong_state', params: { state: 'agreed' } });
      const started = await signalOn('asked-ring', signed('ana-ben', 'started'));
      expect(await signalOn('asked-ring', signed('ana-ben', 'started'))).toEqual(started);
      await expect(signalOn('asked-ring', signed('ana-ben', 'started', null, late))).rejects.toMatchObject({ code: 'exchange.signal_already_given' });
      expect(await ring.wrote(legSignalled)).toHaveLength(1);
    });
  });

  it('opens no account of a listing that stays at home, so that whoever proposes a chain with it is told that it is unknown', async () => {
    const home = new Ring(probe, 'home-ring');
    await probe.emit(matching.listingOpened, {
      listingId: home.listing(ana, 'gives'), kind: 'offering', participantId: ana.did, homeNode: north, title: 'title at home', capability: 'care.home', quantity: { amount: '4', unit: 'HOUR' },
      free: '4', availableFrom: inHours(0), availableUntil: inHours(900), place: null, delivery: 'onsite', visibility: 'node', state: 'open', publishedAt: MADE_AT,
    });
    await new Ring(probe, 'after-home-ring').openListings();
    expect(await probe.sql('SELECT 1 FROM capacity_account WHERE listing_id = $1', [home.listing(ana, 'gives')])).toEqual([]);
  });

  it('tells other nodes of a listing what the selected ring says of it, and after the commitment no more than its member', async () => {
    const drafts = (await probe.sql<{ payload: { type: string } }>(`SELECT payload FROM outbox_message WHERE subject LIKE 'fedout.%'`)).map(({ payload }) => ({ type: payload.type, text: JSON.stringify(payload) }));
    const of = (...types: string[]) => drafts.filter(({ type }) => types.includes(type)).map(({ text }) => text);
    expect(drafts.filter(({ text }) => text.includes('at home'))).toEqual([]);
    const after = of('chain.committed', 'chain.acknowledged', 'chain.decided', 'leg.signalled');
    expect(after.filter((text) => /-(gives|needs)"/.test(text))).toEqual([]);
    expect(after.filter((text) => text.includes(ana.did))).not.toEqual([]);
    expect(of('chain.proposed').filter((text) => !/-gives"/.test(text))).toEqual([]);
    expect(of('chain.proposed')).not.toEqual([]);
  });

  it('leaves nothing reserved for a chain that has ended', async () => {
    expect(await probe.sql(`SELECT chain_id FROM reservation r JOIN chain c USING (chain_id) WHERE r.state = 'reserved' AND c.decision IS NOT NULL`)).toEqual([]);
    expect(await probe.sql(
      `SELECT listing_id FROM capacity_account a WHERE reserved <> (SELECT coalesce(sum(amount), 0) FROM reservation r WHERE r.listing_id = a.listing_id AND r.state = 'reserved')`,
    )).toEqual([]);
  });
});
