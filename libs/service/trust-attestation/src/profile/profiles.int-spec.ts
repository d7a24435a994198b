import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attestationIssued, exchange, participantAnnounced, trust } from '@kula/contracts';
import { hashDocument, portableEd25519, signDocument, type Json } from '@kula/kernel-crypto';
import { keyOfName, nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { trustAttestationService } from '../trust-attestation-service.js';

type EndedChain = z.input<typeof exchange.chainEnded.payload>;
type Given = EndedChain['members'][number]['given'];

const DAY = 24 * 3_600_000;
const [north, south] = [nodeIdOf('north'), nodeIdOf('south')];
const LONG_AGO = '2026-01-01T00:00:00Z';

let probe: ServiceProbe;
beforeAll(async () => { probe = await ServiceProbe.start(trustAttestationService); });
afterAll(() => probe.stop());

async function announce(node: string, wallet: Wallet, { by = wallet, at = LONG_AGO, as = node }: { by?: Wallet; at?: string; as?: string } = {}): Promise<string> {
  const statement = {
    participant_id: wallet.did, node_id: nodeIdOf(as), cooperative_id: walletOf('coop').did, handle: 'member', display_name: wallet.name, made_at: at,
  };
  const { issuer, seq } = await probe.deliver(participantAnnounced, { statement, signature: by.sign('sep/participant/v1', statement) }, { issuer: nodeIdOf(node) });
  await taken('announce', `${issuer}:${seq}`);
  return `${issuer}:${seq}`;
}

const taken = (consumer: string, messageId: string) => until(`${consumer} ${messageId} to be taken in`, async () =>
  (await probe.sql('SELECT 1 FROM inbox_message WHERE consumer = $1 AND message_id = $2', [consumer, messageId])).length > 0);

/** A chain of two in which the provider, a member of north, gave and was answered for; the other lives where `node` says. */
const pairChain = (provider: Wallet, partner: Wallet, given: Given, change: Partial<EndedChain> = {}, isAtFault = false): EndedChain => ({
  chainId: `c-${randomUUID()}`, termsHash: hashDocument('terms'), outcome: 'completed', reason: null, endedAt: new Date().toISOString(), listings: [],
  members: [
    { participantId: provider.did, homeNode: north, partners: [partner.did], given, isAtFault },
    { participantId: partner.did, homeNode: south, partners: [provider.did], given: 'yes', isAtFault: false },
  ],
  ...change,
});

async function end(chain: EndedChain): Promise<void> {
  const messageId = randomUUID();
  await probe.emit(exchange.chainEnded, chain, messageId);
  await taken('chain-ended', messageId);
}

const profileOf = (wallet: Wallet) => probe.ask(trust.getTrustProfile, { participantId: wallet.did });
const standingsOf = async (wallet: Wallet) => (await probe.published(trust.standingChanged)).filter(({ participantId }) => participantId === wallet.did);
const draftsOf = async (wallet: Wallet) => (await probe.sent(attestationIssued)).filter(({ subject }) => subject === wallet.did).map(({ body }) => attestationIssued.body.partial({ node_signature: true }).parse(body));
const drafts = (wallet: Wallet, count: number) => until(`${count} attestations of ${wallet.name}`, async () => {
  const found = await draftsOf(wallet);
  return found.length === count && found;
});
const refusalOf = async (entryId: string) => (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [entryId]))[0]?.code;

describe('a profile', () => {
  it('is unknown before any announcement, then that of a newcomer, of whom matching learns', async () => {
    const ana = walletOf('ana');
    await expect(profileOf(ana)).rejects.toMatchObject({ code: 'trust.participant_unknown' });
    await announce('north', ana);
    expect(await profileOf(ana)).toEqual({
      participantId: ana.did, homeNode: north, tier: 'newcomer', exchangesCompleted: 0, exchangesFailed: 0, satisfactionRate: null, partnerCount: 0,
      memberSince: LONG_AGO, standing: 500_000, source: 'own_record',
    });
    await until('the first standing', async () => (await standingsOf(ana)).length === 1);
    expect(await standingsOf(ana)).toEqual([{ participantId: ana.did, standing: 500_000, tier: 'newcomer', version: 1 }]);
    expect(await probe.sql(`SELECT 1 FROM outbox_message WHERE subject LIKE 'fedout.%'`)).toEqual([]);
  });

  it('of a member of another node without attestation is that of a newcomer too', async () => {
    const dia = walletOf('dia');
    await announce('south', dia);
    expect(await profileOf(dia)).toMatchObject({ homeNode: south, tier: 'newcomer', satisfactionRate: null, standing: 500_000, source: 'attested', memberSince: LONG_AGO });
  });

  it('moves with every chain, is attested each time, and raises its version', async () => {
    const ben = walletOf('ben');
    await announce('north', ben);
    await end(pairChain(ben, walletOf('partner one'), 'yes'));
    expect(await profileOf(ben)).toMatchObject({ tier: 'newcomer', exchangesCompleted: 1, satisfactionRate: 1_000_000, partnerCount: 1, standing: 600_000 });
    await end(pairChain(ben, walletOf('partner two'), 'partially'));
    await end(pairChain(ben, walletOf('partner three'), 'yes'));
    expect(await profileOf(ben)).toMatchObject({ tier: 'probationary', exchangesCompleted: 3, exchangesFailed: 0, satisfactionRate: 833_333, partnerCount: 3, standing: 642_856 });

    const sent = await drafts(ben, 3);
    expect(sent.map(({ claims }) => claims)).toEqual([
      { exchanges_completed: 1, satisfaction_rate: 1, partner_count: 1, member_since: LONG_AGO, vouches_received: 0, trust_tier: 'newcomer' },
      { exchanges_completed: 2, satisfaction_rate: 0.75, partner_count: 2, member_since: LONG_AGO, vouches_received: 0, trust_tier: 'newcomer' },
      { exchanges_completed: 3, satisfaction_rate: 0.833333, partner_count: 3, member_since: LONG_AGO, vouches_received: 0, trust_tier: 'probationary' },
    ]);
    for (const { attestation_id: id, ...document } of sent) {
      expect(id).toBe(`t-${hashDocument(document as Json)}`);
      expect(document).toMatchObject({ issuing_node: north, participant_id: ben.did });
      expect(Date.parse(document.expires_at) - Date.parse(document.timestamp)).toBe(180 * DAY);
    }
    await until('four standings', async () => (await standingsOf(ben)).length === 4);
    expect((await standingsOf(ben)).map(({ standing, tier, version }) => [standing, tier, version])).toEqual([
      [500_000, 'newcomer', 1], [600_000, 'newcomer', 2], [583_333, 'newcomer', 3], [642_856, 'probationary', 4],
    ]);
  });

  it('counts a failed chain against the member at fault and nobody else', async () => {
    const [guilty, innocent] = [walletOf('guilty'), walletOf('innocent')];
    await announce('north', guilty);
    await announce('north', innocent);
    await end(pairChain(guilty, walletOf('partner'), 'no', { outcome: 'failed', reason: 'disputed' }, true));
    await end(pairChain(innocent, walletOf('partner'), 'yes', { outcome: 'failed', reason: 'disputed' }));
    expect(await profileOf(guilty)).toMatchObject({ exchangesCompleted: 0, exchangesFailed: 1, satisfactionRate: 0, standing: 500_000 });
    expect(await profileOf(innocent)).toMatchObject({ exchangesCompleted: 0, exchangesFailed: 0, satisfactionRate: 1_000_000, standing: 500_000 });
    expect((await drafts(guilty, 1))[0]?.claims).toMatchObject({ exchanges_completed: 0, satisfaction_rate: 0 });
  });

  it('counts a chain once, however often its end is told, and a chain that was called off not at all', async () => {
    const cal = walletOf('cal');
    await announce('north', cal);
    const chain = pairChain(cal, walletOf('partner'), 'yes');
    await end(chain);
    const before = await profileOf(cal);
    await end(chain);
    await end(pairChain(cal, walletOf('other partner'), null, { outcome: 'aborted', reason: 'declined' }));
    expect(await profileOf(cal)).toEqual(before);
    await drafts(cal, 1);
    expect((await standingsOf(cal)).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('has everything that was recorded before the announcement came', async () => {
    const early = walletOf('early');
    await end(pairChain(early, walletOf('partner'), 'yes'));
    await expect(profileOf(early)).rejects.toMatchObject({ code: 'trust.participant_unknown' });
    await announce('north', early);
    expect(await profileOf(early)).toMatchObject({ exchangesCompleted: 1, standing: 600_000 });
    await drafts(early, 1);
  });

  it('changes its tier when enough time has passed, and is attested anew', async () => {
    const young = walletOf('young');
    await announce('north', young, { at: new Date(Date.now() - DAY).toISOString() });
    for (const partner of ['one', 'two', 'three']) await end(pairChain(young, walletOf(partner), 'yes'));
    expect(await profileOf(young)).toMatchObject({ tier: 'newcomer', exchangesCompleted: 3, partnerCount: 3 });
    const [row] = await probe.sql<{ review_at: Date; member_since: string }>('SELECT review_at, member_since FROM participant WHERE participant_id = $1', [young.did]);
    expect(row?.review_at.getTime()).toBe(Date.parse(row?.member_since ?? '') + 30 * DAY);

    await probe.sql('UPDATE participant SET member_since = $2, review_at = now() WHERE participant_id = $1', [young.did, LONG_AGO]);
    await until('the tier to rise', async () => (await profileOf(young)).tier === 'probationary');
    expect((await drafts(young, 4)).at(-1)?.claims).toMatchObject({ trust_tier: 'probationary' });
  });

  it('is attested again before the last attestation runs out', async () => {
    const idle = walletOf('idle');
    await announce('north', idle);
    await end(pairChain(idle, walletOf('partner'), 'yes'));
    const [first] = await drafts(idle, 1);
    await probe.sql(`UPDATE participant SET claimed_at = now() - interval '150 days', review_at = now() WHERE participant_id = $1`, [idle.did]);
    const [, second] = await drafts(idle, 2);
    expect(second?.claims).toEqual(first?.claims);
    expect(second?.attestation_id).not.toBe(first?.attestation_id);
  });

  it('is assessed again by a service that brings other rules', async () => {
    const ruled = walletOf('ruled');
    await announce('north', ruled);
    await probe.sql(`UPDATE participant SET standing = 1, rules = 0 WHERE participant_id = $1`, [ruled.did]);
    await probe.restart();
    await until('the standing of the present rules', async () => (await profileOf(ruled)).standing === 500_000);
    expect((await probe.sql<{ rules: number }>('SELECT rules FROM participant WHERE participant_id = $1', [ruled.did]))[0]?.rules).toBe(1);
  });

  it('stands after a restart, and goes on', async () => {
    const lasting = walletOf('lasting');
    await announce('north', lasting);
    await end(pairChain(lasting, walletOf('partner'), 'yes'));
    const before = await profileOf(lasting);
    await probe.restart();
    expect(await profileOf(lasting)).toEqual(before);
    await end(pairChain(lasting, walletOf('partner'), 'yes'));
    expect(await profileOf(lasting)).toMatchObject({ exchangesCompleted: 2, partnerCount: 1, standing: 666_666 });
  });
});

describe('an own attestation', () => {
  it('is stored when it comes back from the log, and changes no standing', async () => {
    const self = walletOf('self');
    await announce('north', self);
    await end(pairChain(self, walletOf('partner'), 'yes'));
    const [draft] = await drafts(self, 1);
    expect(await probe.ask(trust.listAttestations, { participantId: self.did })).toEqual({ items: [], nextCursor: null });
    const before = await profileOf(self);
    const document = { ...draft, node_signature: signDocument(portableEd25519, keyOfName('node north'), 'sep/trust-attestation/v1', draft as Json) };
    const attestation = attestationIssued.body.parse(document);
    const { issuer, seq } = await probe.deliver(attestationIssued, attestation, { issuer: north, subject: self.did });
    await taken('attestations', `${issuer}:${seq}`);
    expect(await probe.ask(trust.listAttestations, { participantId: self.did })).toEqual({ items: [attestation], nextCursor: null });
    expect(await profileOf(self)).toEqual(before);
    expect(await probe.ask(trust.verifyAttestation, { attestation })).toMatchObject({ isValid: true });
    await drafts(self, 1);
    expect((await probe.ask(trust.listNodeCredibility, {})).items.map(({ nodeId }) => nodeId)).not.toContain(north);
  });
});

describe('an announcement of a participant', () => {
  it.each<[string, string, () => Promise<string>]>([
    ['the participant did not sign', 'trust.forged_announcement', () => announce('south', walletOf('victim'), { by: walletOf('thief') })],
    ['the participant signed for another node', 'trust.forged_announcement', () => announce('south', walletOf('victim'), { as: 'east' })],
    ['the participant lives elsewhere', 'trust.participant_elsewhere', () => announce('south', walletOf('settled'))],
  ])('is refused where %s', async (_why, code, attempt) => {
    await announce('north', walletOf('settled'));
    expect(await refusalOf(await attempt())).toBe(code);
    await expect(profileOf(walletOf('victim'))).rejects.toMatchObject({ code: 'trust.participant_unknown' });
    expect(await profileOf(walletOf('settled'))).toMatchObject({ homeNode: north });
  });
});
