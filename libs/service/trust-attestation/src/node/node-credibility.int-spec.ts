import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attestationIssued, chainAnswered, exchange, participantAnnounced, trust } from '@kula/contracts';
import { hashDocument, portableEd25519, signDocument, type Json } from '@kula/kernel-crypto';
import { keyOfName, nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { trustAttestationService } from '../trust-attestation-service.js';

type EndedChain = z.input<typeof exchange.chainEnded.payload>;
type Given = EndedChain['members'][number]['given'];
interface Place { readonly issuer: string; readonly seq: number }

const DAY = 24 * 3_600_000;
const MEMBER_SINCE = '2026-01-01T00:00:00Z';
const TERMS = hashDocument('terms');
const ana = walletOf('ana');

let probe: ServiceProbe;
beforeAll(async () => {
  probe = await ServiceProbe.start(trustAttestationService);
  await announce('north', ana);
});
afterAll(() => probe.stop());

const taken = async (consumer: string, messageId: string) => until(`${consumer} ${messageId} to be taken in`, async () =>
  (await probe.sql('SELECT 1 FROM inbox_message WHERE consumer = $1 AND message_id = $2', [consumer, messageId])).length > 0);
const entryTaken = (consumer: string, { issuer, seq }: Place) => taken(consumer, `${issuer}:${seq}`);

async function announce(node: string, wallet: Wallet): Promise<Wallet> {
  const statement = {
    participant_id: wallet.did, node_id: nodeIdOf(node), cooperative_id: walletOf('coop').did, handle: 'member', display_name: wallet.name, made_at: MEMBER_SINCE,
  };
  const entry = await probe.deliver(participantAnnounced, { statement, signature: wallet.sign('sep/participant/v1', statement) }, { issuer: nodeIdOf(node) });
  await entryTaken('announce', entry);
  return wallet;
}

async function attest(node: string, wallet: Wallet, rate: number, seq?: number): Promise<Place> {
  const document = {
    attestation_id: randomUUID(), issuing_node: nodeIdOf(node), participant_id: wallet.did, timestamp: new Date().toISOString(), expires_at: new Date(Date.now() + 100 * DAY).toISOString(),
    claims: { exchanges_completed: 4, satisfaction_rate: rate, partner_count: 4, member_since: MEMBER_SINCE, vouches_received: 0, trust_tier: 'probationary' as const },
  };
  const node_signature = signDocument(portableEd25519, keyOfName(`node ${node}`), 'sep/trust-attestation/v1', document as Json);
  const entry = await probe.deliver(attestationIssued, { ...document, node_signature }, { issuer: nodeIdOf(node), subject: wallet.did, ...(seq !== undefined && { seq }) });
  await entryTaken('attestations', entry);
  return entry;
}

async function agree(node: string, chainId: string, { as = node, status = 'validated', seq }: { as?: string; status?: 'validated' | 'rejected'; seq?: number } = {}): Promise<Place> {
  const entry = await probe.deliver(chainAnswered, {
    chain_id: chainId, responding_node: nodeIdOf(as), terms_hash: TERMS, status, respondent_signature: 'A'.repeat(86),
  }, { issuer: nodeIdOf(node), subject: chainId, ...(seq !== undefined && { seq }) });
  await entryTaken('chains', entry);
  return entry;
}

/** Ana and a member of another node exchanged; ana answers about what the other gave. */
async function end(chainId: string, node: string, wallet: Wallet, given: Given, change: Partial<EndedChain> = {}): Promise<void> {
  const messageId = randomUUID();
  await probe.emit(exchange.chainEnded, {
    chainId, termsHash: TERMS, outcome: 'completed', reason: null, endedAt: new Date().toISOString(), listings: [],
    members: [
      { participantId: ana.did, homeNode: nodeIdOf('north'), partners: [wallet.did], given: 'yes', isAtFault: false },
      { participantId: wallet.did, homeNode: nodeIdOf(node), partners: [ana.did], given, isAtFault: false },
    ],
    ...change,
  }, messageId);
  await taken('chain-ended', messageId);
}

async function exchangeWith(node: string, wallet: Wallet, given: Given): Promise<void> {
  const chainId = `c-${randomUUID()}`;
  await agree(node, chainId);
  await end(chainId, node, wallet, given);
}

const nodeOf = async (node: string) => (await probe.ask(trust.listNodeCredibility, { limit: 200 })).items.find(({ nodeId }) => nodeId === nodeIdOf(node));
const credit = async (node: string) => { const found = await nodeOf(node); return [found?.credibility, found?.experiences]; };
const profileOf = (wallet: Wallet) => probe.ask(trust.getTrustProfile, { participantId: wallet.did });
const refusalOf = async ({ issuer, seq }: Place) => (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;

describe('what a node is credited with', () => {
  it('rises when an exchange bears its attestation out, and all whom it attested rise with it', async () => {
    const [ben, mate] = [await announce('south', walletOf('ben')), await announce('south', walletOf('mate'))];
    await attest('south', ben, 1);
    await attest('south', mate, 1);
    expect(await credit('south')).toEqual([500_000, 0]);
    expect(await profileOf(mate)).toMatchObject({ standing: 625_000 });
    await exchangeWith('south', ben, 'yes');
    expect(await credit('south')).toEqual([600_000, 1]);
    await until('the standing of the other member', async () => (await profileOf(mate)).standing === 650_000);
    await until('matching to learn of it', async () => (await probe.published(trust.standingChanged)).some(({ participantId, standing, version }) =>
      participantId === mate.did && standing === 650_000 && version === 3));
  });

  it('falls further when an exchange contradicts its attestation', async () => {
    const cal = await announce('east', walletOf('cal'));
    await attest('east', cal, 1);
    await exchangeWith('east', cal, 'no');
    expect(await credit('east')).toEqual([285_714, 1]);
    await until('the standing of the member', async () => (await profileOf(cal)).standing === 571_428);
  });

  it('stays where nothing was attested before, but the experience counts', async () => {
    const dia = await announce('silent', walletOf('dia'));
    await exchangeWith('silent', dia, 'no');
    expect(await credit('silent')).toEqual([500_000, 1]);
  });

  it('is not moved by what the node attested after it had agreed to the exchange', async () => {
    const member = await announce('late', walletOf('member of late'));
    await attest('late', member, 0.5);
    await agree('late', 'c-late');
    await attest('late', member, 1);
    await end('c-late', 'late', member, 'yes');
    expect(await credit('late')).toEqual([500_000, 1]);
  });

  it('is the same whatever arrives first: attestation, agreement or the end of the exchange', async () => {
    const chainOf = (node: string) => `c-${node.replaceAll(' ', '-')}`;
    const steps = {
      attest: (node: string, member: Wallet) => attest(node, member, 1, 100),
      agree: (node: string) => agree(node, chainOf(node), { seq: 200 }),
      end: (node: string, member: Wallet) => end(chainOf(node), node, member, 'yes'),
    };
    const orders = [['attest', 'agree', 'end'], ['attest', 'end', 'agree'], ['agree', 'attest', 'end'], ['agree', 'end', 'attest'], ['end', 'attest', 'agree'], ['end', 'agree', 'attest']] as const;
    for (const order of orders) {
      const node = `node ${order.join(' ')}`;
      const member = await announce(node, walletOf(`member of ${node}`));
      for (const step of order) await steps[step](node, member);
      expect([order, ...(await credit(node))]).toEqual([order, 600_000, 1]);
    }
  });

  it('counts a chain once, however often its end is told', async () => {
    const member = await announce('twice', walletOf('member of twice'));
    await attest('twice', member, 1);
    await agree('twice', 'c-twice');
    await end('c-twice', 'twice', member, 'yes');
    await end('c-twice', 'twice', member, 'yes');
    expect(await credit('twice')).toEqual([600_000, 1]);
  });

  it('is not moved by members of the node answering for each other, nor by chains that were called off', async () => {
    const [one, other] = [await announce('inbred', walletOf('one')), await announce('inbred', walletOf('other'))];
    await attest('inbred', one, 1);
    await attest('inbred', other, 1);
    await agree('inbred', 'c-inbred');
    const home = nodeIdOf('inbred');
    await end('c-inbred', 'inbred', one, 'yes', { members: [
      { participantId: ana.did, homeNode: nodeIdOf('north'), partners: [other.did, one.did], given: 'yes', isAtFault: false },
      { participantId: one.did, homeNode: home, partners: [ana.did, other.did], given: 'yes', isAtFault: false },
      { participantId: other.did, homeNode: home, partners: [one.did, ana.did], given: 'partially', isAtFault: false },
    ] });
    expect(await credit('inbred')).toEqual([400_000, 1]);
    await agree('inbred', 'c-aborted');
    await end('c-aborted', 'inbred', one, null, { outcome: 'aborted', reason: 'declined' });
    expect(await credit('inbred')).toEqual([400_000, 1]);
  });

  it('counts no answer given in the name of another node, and none that rejected the chain', async () => {
    const member = await announce('named', walletOf('member of named'));
    await attest('named', member, 1);
    expect(await refusalOf(await agree('south', 'c-named', { as: 'named' }))).toBe('trust.foreign_answer');
    await agree('named', 'c-named', { status: 'rejected' });
    await end('c-named', 'named', member, 'yes');
    expect(await credit('named')).toEqual([500_000, 1]);
  });
});

describe('a node whose attestations are contradicted again and again', () => {
  const [liar, accomplice] = [walletOf('liar'), walletOf('accomplice')];

  it('loses its good standing after five experiences, and its members what was assumed of them', async () => {
    await announce('lying', liar);
    await announce('lying', accomplice);
    await attest('lying', liar, 1);
    await attest('lying', accomplice, 1);
    for (let count = 1; count <= 4; count += 1) await exchangeWith('lying', liar, 'no');
    expect(await nodeOf('lying')).toMatchObject({ credibility: 125_000, experiences: 4, inGoodStanding: true });
    await exchangeWith('lying', liar, 'no');
    expect(await nodeOf('lying')).toMatchObject({ credibility: 105_263, experiences: 5, inGoodStanding: false });
    await until('the accomplice to be a newcomer', async () => (await profileOf(accomplice)).tier === 'newcomer');
    expect(await profileOf(accomplice)).toMatchObject({ standing: 500_000, exchangesCompleted: 4, satisfactionRate: 1_000_000 });
  });

  it('is not heard any more: new attestations are refused, shown ones do not hold', async () => {
    expect(await refusalOf(await attest('lying', accomplice, 1))).toBe('trust.issuer_not_in_good_standing');
    const [attestation] = (await probe.ask(trust.listAttestations, { participantId: accomplice.did })).items;
    if (attestation === undefined) throw new Error('the accomplice was attested while the node was in good standing');
    const { isValid, checks } = await probe.ask(trust.verifyAttestation, { attestation });
    expect([isValid, checks.filter(({ passed }) => !passed).map(({ check }) => check)]).toEqual([false, ['issuer_in_good_standing']]);
  });

  it('is heard again when exchanges bear its old attestations out', async () => {
    for (let count = 1; count <= 3; count += 1) await exchangeWith('lying', accomplice, 'yes');
    expect(await nodeOf('lying')).toMatchObject({ credibility: 227_272, experiences: 8, inGoodStanding: true });
    expect(await refusalOf(await attest('lying', accomplice, 0.5))).toBeUndefined();
    await until('the accomplice to have a tier again', async () => (await profileOf(accomplice)).satisfactionRate === 500_000);
  });

  it('keeps its record over a restart', async () => {
    const before = await probe.ask(trust.listNodeCredibility, { limit: 200 });
    await probe.restart();
    expect(await probe.ask(trust.listNodeCredibility, { limit: 200 })).toEqual(before);
  });
});
