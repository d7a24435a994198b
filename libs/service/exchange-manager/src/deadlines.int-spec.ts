import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chainAnswered, chainCommitted, chainProposed, exchange, matching, type Caller } from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { exchangeManagerService } from './index.js';

const [north, south] = [nodeIdOf('north'), nodeIdOf('south')];
const [ana, ben] = [walletOf('ana'), walletOf('ben')];
const CALLER: Caller = { did: ana.did, role: 'participant' };
const HOUR_MS = 3_600_000;
/** Four seconds to consent, two more until leases run out. */
const [CONSENT_HOURS, GRACE_HOURS] = [0.0011, 0.0006];
const STAND_IN = 'A'.repeat(86);
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe('deadlines', () => {
  let probe: ServiceProbe;
  let termsHash: string;
  let late: ReturnType<typeof proposal>;

  // All chains at once, so that their deadlines pass together: one coordinated here, two by south.
  beforeAll(async () => {
    probe = await ServiceProbe.start(exchangeManagerService, { KULA_CONSENT_HOURS: String(CONSENT_HOURS), KULA_LEASE_GRACE_HOURS: String(GRACE_HOURS) });
    for (const chainId of ['slow', 'kept', 'late']) await openListings(chainId);
    await proposeSlow();
    const kept = proposal('kept');
    await probe.deliver(chainProposed, kept, { issuer: south });
    await probe.deliver(chainCommitted, { chain_id: 'kept', terms_hash: kept.terms_hash, consents: [ana, ben].map((wallet) => consent('kept', kept.terms_hash, wallet)) }, { issuer: south });
    late = proposal('late');
    await probe.deliver(chainProposed, late, { issuer: south });
    await answer('late', late.terms_hash);
    await untilSeen('late', 'to be confirming', ({ state }) => state === 'confirming');
    await untilSeen('kept', 'to be held', ({ state }) => state === 'held');
  });
  afterAll(async () => { await probe?.stop(); });

  async function proposeSlow(): Promise<void> {
    await probe.emit(matching.ringSelected, {
      ringId: 'slow', state: 'selected', score: 900_000, legs: legs('slow'), reason: 'it closes', proposingNode: north, foundAt: inHours(0),
      executionStart: inHours(1), executionEnd: inHours(2),
    });
    ({ termsHash } = await untilSeen('slow', 'to be proposed', () => true));
    await until('the proposal to be published', async () => (await probe.sql('SELECT 1 FROM outbox_message WHERE published_at IS NULL')).length === 0);
    const [draft] = await probe.sent(chainProposed);
    await probe.deliver(chainProposed, { ...draft?.body, proposer_signature: STAND_IN } as never, { issuer: north });
    await answer('slow', termsHash);
  }

  async function openListings(chainId: string): Promise<void> {
    for (const [kind, what] of [['offering', 'gives'], ['need', 'needs']] as const) {
      await probe.emit(matching.listingOpened, {
        listingId: `${chainId}-ana-${what}`, kind, participantId: ana.did, homeNode: north, title: what, capability: 'food.bread', quantity: { amount: '4', unit: 'KGM' },
        free: '4', availableFrom: inHours(0), availableUntil: inHours(90), place: null, delivery: 'onsite', visibility: 'network', state: 'open', publishedAt: inHours(0),
      });
    }
    await until('the accounts to open', async () => (await probe.sql('SELECT 1 FROM capacity_account WHERE listing_id LIKE $1', [`${chainId}-%`])).length === 2);
  }

  const legs = (chainId: string) => [
    { legId: 'ana-ben', from: ana, fromNode: north, to: ben, toNode: south }, { legId: 'ben-ana', from: ben, fromNode: south, to: ana, toNode: north },
  ].map(({ legId, from, fromNode, to, toNode }) => ({
    legId, providerId: from.did, providerNode: fromNode, recipientId: to.did, recipientNode: toNode, offeringId: `${chainId}-${from.name}-gives`,
    needId: `${chainId}-${to.name}-needs`, description: `bread of ${from.name}`, quantity: { amount: '4', unit: 'KGM' }, score: 900_000, explanation: [],
  }));

  function proposal(chainId: string) {
    const participants = legs(chainId).flatMap((leg) => [
      { participant_id: leg.providerId, home_node: leg.providerNode, role: 'provider' as const, offering_id: leg.offeringId },
      { participant_id: leg.recipientId, home_node: leg.recipientNode, role: 'recipient' as const, need_id: leg.needId },
    ]);
    const edges = legs(chainId).map((leg) => ({
      leg_id: leg.legId, from_participant: leg.providerId, to_participant: leg.recipientId, match_score: leg.score, offering_id: leg.offeringId, need_id: leg.needId,
      description: leg.description, amount: leg.quantity.amount, unit: leg.quantity.unit,
    }));
    const terms = { chain_id: chainId, participants, edges, proposed_timeline: { consent_deadline: inHours(CONSENT_HOURS), execution_start: inHours(1), execution_end: inHours(2) } };
    return { ...terms, proposing_node: south, terms_hash: hashDocument(terms as Json), explanation: [], proposer_signature: STAND_IN };
  }

  const answer = (chainId: string, termsHash: string) => probe.deliver(chainAnswered, {
    chain_id: chainId, responding_node: south, terms_hash: termsHash, status: 'validated', respondent_signature: STAND_IN,
  }, { issuer: south });

  const untilSeen = (chainId: string, what: string, check: (chain: z.output<typeof exchange.chain>) => boolean) => until(`${chainId} ${what}`, async () => {
    const chain = await probe.ask(exchange.getChain, { chainId }, CALLER).catch(() => undefined);
    return chain !== undefined && check(chain) && chain;
  });

  const consent = (chainId: string, termsHash: string, wallet = ana) => {
    const statement = { chain_id: chainId, terms_hash: termsHash, participant_id: wallet.did, decision: 'confirm' as const, made_at: inHours(0) };
    return { statement, signature: wallet.sign('sep/consent/v1', statement) };
  };

  it('let the coordinator abort a chain whose consents did not come', async () => {
    const chain = await untilSeen('slow', 'to be called off', ({ state }) => state === 'aborted');
    expect(chain).toMatchObject({ reason: 'expired', consents: [], answers: [{ status: 'validated' }, { status: 'validated' }] });
    expect(await probe.sql(`SELECT reserved, state FROM capacity_account JOIN reservation USING (listing_id) WHERE chain_id = 'slow'`))
      .toEqual([{ reserved: '0', state: 'released' }, { reserved: '0', state: 'released' }]);
    const { statement, signature } = consent('slow', termsHash);
    const input = { chainId: 'slow', termsHash, decision: 'confirm' as const, madeAt: statement.made_at, signature };
    await expect(probe.ask(exchange.giveConsent, input, CALLER)).rejects.toMatchObject({ code: 'exchange.consent_expired' });
  });

  it('let a home node take back what it has not acknowledged, and only that', async () => {
    await until('the lease to lapse', async () => (await probe.sql(`SELECT 1 FROM chain WHERE chain_id = 'late' AND lease = 'lapsed'`)).length === 1);
    const { steps } = await probe.ask(exchange.getTimeline, { chainId: 'late' }, CALLER);
    expect(steps.at(-1)).toMatchObject({ step: 'lease.lapsed', node: north, entryId: null, sentence: expect.stringContaining('gave its reservation back') });
    expect(await probe.sql(`SELECT chain_id, reserved FROM capacity_account JOIN reservation USING (listing_id) WHERE chain_id <> 'slow' ORDER BY 1`)).toEqual([
      { chain_id: 'kept', reserved: '4' }, { chain_id: 'kept', reserved: '4' }, { chain_id: 'late', reserved: '0' }, { chain_id: 'late', reserved: '0' },
    ]);
    expect(await probe.sql(`SELECT state, lease FROM chain WHERE chain_id = 'kept'`)).toEqual([{ state: 'held', lease: 'reserved' }]);
    await expect(probe.sql(`UPDATE chain SET state = 'confirming', lease = 'released' WHERE chain_id = 'kept'`)).rejects.toThrow('is held until its coordinator decides');
  });

  it('let it refuse the commitment that comes too late', async () => {
    const consents = [ana, ben].map((wallet) => {
      const statement = { ...consent('late', late.terms_hash, wallet).statement, made_at: late.proposed_timeline.consent_deadline };
      return { statement, signature: wallet.sign('sep/consent/v1', statement) };
    });
    await probe.deliver(chainCommitted, { chain_id: 'late', terms_hash: late.terms_hash, consents }, { issuer: south });
    const chain = await untilSeen('late', 'to be refused', ({ acknowledgements }) => acknowledgements.length === 1);
    expect(chain).toMatchObject({ state: 'confirming', acknowledgements: [{ node: north, status: 'refused' }] });
    expect(chain.waitingFor).toEqual([expect.stringContaining('to call the chain off')]);
  });
});
