import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attestationIssued, nodeAnnounced, participantAnnounced, trust } from '@kula/contracts';
import { portableEd25519, signDocument, type Json } from '@kula/kernel-crypto';
import { keyOfName, nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { trustAttestationService } from '../trust-attestation-service.js';
import type { AttestationDocument } from './attestation-document.js';

const DAY = 24 * 3_600_000;
const MEMBER_SINCE = '2026-01-01T00:00:00Z';
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY).toISOString();

let probe: ServiceProbe;
beforeAll(async () => {
  probe = await ServiceProbe.start(trustAttestationService);
  for (const node of ['north', 'south', 'east']) await announceNode(node);
});
afterAll(() => probe.stop());

const announceNode = async (node: string, as = node) => taken('announce', await probe.deliver(nodeAnnounced, {
  node_id: nodeIdOf(as), name: node, domain: `${node}.example`, gateway_url: `https://${node}.example`, operator_id: walletOf(`operator ${node}`).did,
  recovery_key_hash: null, protocol: 1,
}, { issuer: nodeIdOf(node) }));

async function announce(node: string, wallet: Wallet): Promise<void> {
  const statement = {
    participant_id: wallet.did, node_id: nodeIdOf(node), cooperative_id: walletOf('coop').did, handle: 'member', display_name: wallet.name, made_at: MEMBER_SINCE,
  };
  await taken('announce', await probe.deliver(participantAnnounced, { statement, signature: wallet.sign('sep/participant/v1', statement) }, { issuer: nodeIdOf(node) }));
}

interface Wording {
  id?: string; by?: string; rate?: number; exchanges?: number; tier?: 'newcomer' | 'probationary' | 'anchor'; issuedAt?: string; expiresAt?: string;
}

/** What a node attests of a participant, genuine unless `by` says who really signed it. */
function attestationOf(node: string, wallet: Wallet, wording: Wording = {}): AttestationDocument {
  const { id = 'one', by = node, rate = 1, exchanges = 4, tier = 'probationary', issuedAt = daysFromNow(-1), expiresAt = daysFromNow(179) } = wording;
  const document = {
    attestation_id: id, issuing_node: nodeIdOf(node), participant_id: wallet.did, timestamp: issuedAt, expires_at: expiresAt,
    claims: { exchanges_completed: exchanges, satisfaction_rate: rate, partner_count: exchanges, member_since: MEMBER_SINCE, vouches_received: 0, trust_tier: tier, languages: ['en'] },
    remark: { said: ['by', 'a', 'newer', 'node'] },
  };
  return { ...document, node_signature: signDocument(portableEd25519, keyOfName(`node ${by}`), 'sep/trust-attestation/v1', document as Json) };
}

interface Place { readonly issuer: string; readonly seq: number }
const taken = async (consumer: string, { issuer, seq }: Place) => until(`${consumer} ${seq} to be taken in`, async () =>
  (await probe.sql('SELECT 1 FROM inbox_message WHERE consumer = $1 AND message_id = $2', [consumer, `${issuer}:${seq}`])).length > 0);
async function publish(node: string, document: AttestationDocument, seq?: number): Promise<Place> {
  const place = await probe.deliver(attestationIssued, document, { issuer: nodeIdOf(node), subject: document.participant_id, ...(seq !== undefined && { seq }) });
  await taken('attestations', place);
  return place;
}
const refusalOf = async ({ issuer, seq }: Place) => (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;
const profileOf = (wallet: Wallet) => probe.ask(trust.getTrustProfile, { participantId: wallet.did });
const attestationsOf = async (wallet: Wallet) => (await probe.ask(trust.listAttestations, { participantId: wallet.did })).items;
const nodeOf = async (node: string) => (await probe.ask(trust.listNodeCredibility, { limit: 200 })).items.find(({ nodeId }) => nodeId === nodeIdOf(node));
const standingsOf = async (wallet: Wallet) => (await probe.published(trust.standingChanged)).filter(({ participantId }) => participantId === wallet.did);

describe('an attestation of another node', () => {
  it('is stored as it was received and moves what matching assumes', async () => {
    const cal = walletOf('cal');
    await announce('south', cal);
    const received = (await nodeOf('south'))?.attestationsReceived ?? 0;
    const document = attestationOf('south', cal);
    await publish('south', document);
    expect(await attestationsOf(cal)).toEqual([document]);
    expect(await profileOf(cal)).toEqual({
      participantId: cal.did, homeNode: nodeIdOf('south'), tier: 'probationary', exchangesCompleted: 4, exchangesFailed: 0, satisfactionRate: 1_000_000, partnerCount: 4,
      memberSince: MEMBER_SINCE, standing: 625_000, source: 'attested',
    });
    expect(await nodeOf('south')).toEqual({ nodeId: nodeIdOf('south'), credibility: 500_000, attestationsReceived: received + 1, experiences: 0, inGoodStanding: true });
    await until('two standings', async () => (await standingsOf(cal)).length === 2);
    expect((await standingsOf(cal)).map(({ standing, tier, version }) => [standing, tier, version])).toEqual([[500_000, 'newcomer', 1], [625_000, 'probationary', 2]]);
  });

  it('changes nothing when it is delivered again or published twice', async () => {
    const twin = walletOf('twin');
    await announce('south', twin);
    const document = attestationOf('south', twin, { id: 'twin' });
    const first = await publish('south', document);
    const before = [await profileOf(twin), await nodeOf('south')];
    await publish('south', document, first.seq);
    expect(await refusalOf(await publish('south', document))).toBeUndefined();
    expect(await attestationsOf(twin)).toEqual([document]);
    expect([await profileOf(twin), await nodeOf('south')]).toEqual(before);
  });

  it('gives way to a later one of the same node', async () => {
    const later = walletOf('later');
    await announce('south', later);
    await publish('south', attestationOf('south', later, { id: 'later-1', rate: 1 }));
    await publish('south', attestationOf('south', later, { id: 'later-2', rate: 0, exchanges: 8 }));
    expect((await attestationsOf(later)).map(({ attestation_id: id }) => id)).toEqual(['later-2', 'later-1']);
    expect(await profileOf(later)).toMatchObject({ satisfactionRate: 0, exchangesCompleted: 8, standing: 333_334 });
  });

  it('credits no tier that its own figures do not come to', async () => {
    const boaster = walletOf('boaster');
    await announce('south', boaster);
    await publish('south', attestationOf('south', boaster, { id: 'boast', tier: 'anchor', exchanges: 3 }));
    expect(await profileOf(boaster)).toMatchObject({ tier: 'probationary' });
  });

  it('that comes before the announcement is kept and applied after it, also over a restart', async () => {
    const [early, other] = [walletOf('early'), walletOf('other early')];
    const document = attestationOf('south', early, { id: 'early' });
    const place = await publish('south', document);
    await publish('south', attestationOf('south', other, { id: 'other-early' }));
    await expect(profileOf(early)).rejects.toMatchObject({ code: 'trust.participant_unknown' });
    expect(await refusalOf(place)).toBeUndefined();
    await probe.restart();
    await announce('south', early);
    await until('the waiting attestation', async () => (await profileOf(early)).exchangesCompleted === 4);
    expect(await attestationsOf(early)).toEqual([document]);
    await announce('south', other);
    await until('the other one', async () => (await attestationsOf(other)).length === 1);
  });

  it('is not lost where the announcement comes while it is being set aside', async () => {
    const racer = walletOf('racer');
    const marker = nodeIdOf('marker');
    // Nothing can be set aside until the announcement, and the marker behind it in the same stream, have been taken in.
    const barrier = probe.sql(`DO $$ BEGIN
      LOCK TABLE awaiting_entry IN EXCLUSIVE MODE;
      FOR attempt IN 1..1000 LOOP
        EXIT WHEN EXISTS (SELECT 1 FROM inbox_message WHERE consumer = 'announce' AND message_id = '${marker}:1');
        PERFORM pg_sleep(0.01);
      END LOOP;
    END $$`);
    const locks = (isGranted: boolean) => until(`a lock that is ${isGranted ? '' : 'not '}granted`, async () => (await probe.sql(
      `SELECT 1 FROM pg_locks WHERE relation = 'awaiting_entry'::regclass AND mode IN ('ExclusiveLock', 'RowExclusiveLock') AND granted = $1`, [isGranted])).length > 0);
    await locks(true);
    await probe.deliver(attestationIssued, attestationOf('south', racer, { id: 'race' }), { issuer: nodeIdOf('south'), subject: racer.did });
    await locks(false);
    await announce('south', racer);
    await announceNode('marker');
    await barrier;
    await until('the attestation', async () => (await attestationsOf(racer)).length === 1);
  });

  it('is refused after waiting where another node announces the participant', async () => {
    const claimed = walletOf('claimed');
    const place = await publish('east', attestationOf('east', claimed, { id: 'claimed' }));
    await announce('south', claimed);
    expect(await until('the refusal', () => refusalOf(place))).toBe('trust.not_home_node');
    expect(await attestationsOf(claimed)).toEqual([]);
  });

  it('counts until it expires', async () => {
    const fading = walletOf('fading');
    await announce('south', fading);
    await publish('south', attestationOf('south', fading, { id: 'fading' }));
    expect(await profileOf(fading)).toMatchObject({ standing: 625_000 });
    const [row] = await probe.sql<{ due: boolean }>('SELECT p.review_at = a.expires_at AS due FROM participant p JOIN attestation a USING (participant_id) WHERE participant_id = $1', [fading.did]);
    expect(row?.due).toBe(true);
    await probe.sql(`UPDATE attestation SET expires_at = now() WHERE participant_id = $1`, [fading.did]);
    await probe.sql(`UPDATE participant SET review_at = now() WHERE participant_id = $1`, [fading.did]);
    await until('the standing to be neutral', async () => (await profileOf(fading)).standing === 500_000);
    expect(await profileOf(fading)).toMatchObject({ tier: 'newcomer', exchangesCompleted: 0, satisfactionRate: null, memberSince: MEMBER_SINCE });
  });
});

describe('a forged attestation', () => {
  const [genuine, neighbour] = [walletOf('genuine'), walletOf('neighbour')];
  const good = attestationOf('south', genuine, { id: 'genuine' });

  beforeAll(async () => {
    await announce('south', genuine);
    await announce('east', neighbour);
    await publish('south', good);
  });

  it.each<[string, string, string, () => AttestationDocument]>([
    ['signed by another node', 'south', 'trust.forged_attestation', () => attestationOf('south', genuine, { id: 'forged', by: 'east' })],
    ['published by another node', 'east', 'trust.foreign_attestation', () => good],
    ['with other claims', 'south', 'trust.forged_attestation', () => ({ ...good, attestation_id: 'altered', claims: { ...good.claims, exchanges_completed: 400 } })],
    ['with another member nobody here knows', 'south', 'trust.forged_attestation', () => ({ ...good, attestation_id: 'altered', remark: 'another' })],
    ['about a participant of another node', 'south', 'trust.not_home_node', () => attestationOf('south', neighbour, { id: 'neighbour' })],
    ['that has expired', 'south', 'trust.attestation_expired', () => attestationOf('south', genuine, { id: 'expired', issuedAt: daysFromNow(-181), expiresAt: daysFromNow(-1) })],
    ['under an id that is taken', 'south', 'trust.attestation_exists', () => attestationOf('south', genuine, { id: 'genuine', rate: 0.5 })],
    ['about nobody known, signed by another node', 'south', 'trust.forged_attestation', () => attestationOf('south', walletOf('nobody'), { id: 'nobody', by: 'east' })],
  ])('is refused: one %s', async (_what, node, code, forge) => {
    const before = [await profileOf(genuine), await attestationsOf(genuine), await attestationsOf(neighbour)];
    expect(await refusalOf(await publish(node, forge()))).toBe(code);
    expect([await profileOf(genuine), await attestationsOf(genuine), await attestationsOf(neighbour)]).toEqual(before);
  });

  it('does not wait for anybody', async () => {
    expect(await probe.sql(`SELECT 1 FROM awaiting_entry WHERE cause = $1`, [`participant:${walletOf('nobody').did}`])).toEqual([]);
  });
});

describe('verifyAttestation', () => {
  const shown = walletOf('shown');
  const failedChecks = async (attestation: AttestationDocument) => {
    const { isValid, checks } = await probe.ask(trust.verifyAttestation, { attestation });
    const failed = checks.filter(({ passed }) => !passed).map(({ check }) => check);
    expect(checks.map(({ check }) => check)).toEqual(['issuer_known', 'issuer_in_good_standing', 'signature', 'not_expired']);
    expect(checks.every(({ sentence }) => sentence.length > 10)).toBe(true);
    expect(isValid).toBe(failed.length === 0);
    return failed;
  };

  beforeAll(() => announce('south', shown));

  it.each<[string, string[], () => AttestationDocument]>([
    ['a genuine one that was never published', [], () => attestationOf('south', shown)],
    ['one that has expired', ['not_expired'], () => attestationOf('south', shown, { issuedAt: daysFromNow(-200), expiresAt: daysFromNow(-20) })],
    ['one that another node signed', ['signature'], () => attestationOf('south', shown, { by: 'east' })],
    ['one whose claims were altered', ['signature'], () => { const good = attestationOf('south', shown); return { ...good, claims: { ...good.claims, satisfaction_rate: 0.5 } }; }],
    ['one of a node where the participant does not live', ['issuer_known'], () => attestationOf('east', shown)],
    ['one of a node nobody knows', ['issuer_known', 'issuer_in_good_standing'], () => attestationOf('stranger', shown)],
    ['one with half a character', ['signature'], () => ({ ...attestationOf('south', shown), remark: '\ud800' })],
    ['one of a node id that is no key', ['issuer_known', 'issuer_in_good_standing', 'signature'], () => ({ ...attestationOf('south', shown), issuing_node: `z6Mk${'1'.repeat(44)}` })],
  ])('judges %s', async (_what, failed, make) => expect(await failedChecks(make())).toEqual(failed));

  it('leaves no trace of what was shown', async () => expect(await attestationsOf(shown)).toEqual([]));
});

describe('listings', () => {
  it('give attestations newest first, page by page, and refuse another listing\'s cursor', async () => {
    const listed = walletOf('listed');
    await announce('south', listed);
    for (const id of ['l-1', 'l-2', 'l-3']) await publish('south', attestationOf('south', listed, { id }));
    const first = await probe.ask(trust.listAttestations, { participantId: listed.did, limit: 2 });
    const second = await probe.ask(trust.listAttestations, { participantId: listed.did, limit: 2, cursor: first.nextCursor ?? '' });
    expect([first, second].map(({ items }) => items.map(({ attestation_id: id }) => id))).toEqual([['l-3', 'l-2'], ['l-1']]);
    expect(second.nextCursor).toBeNull();
    await expect(probe.ask(trust.listAttestations, { participantId: listed.did, cursor: 'AAAA' })).rejects.toMatchObject({ code: 'message.malformed' });
    await expect(probe.ask(trust.listNodeCredibility, { cursor: first.nextCursor ?? '' })).rejects.toMatchObject({ code: 'message.malformed' });
  });

  it('give every other node once, page by page, and never this one', async () => {
    const [all, first] = [await probe.ask(trust.listNodeCredibility, {}), await probe.ask(trust.listNodeCredibility, { limit: 1 })];
    const second = await probe.ask(trust.listNodeCredibility, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items]).toEqual(all.items);
    expect(all.items.map(({ nodeId }) => nodeId).sort()).toEqual([nodeIdOf('south'), nodeIdOf('east'), nodeIdOf('marker')].sort());
  });

  it('do not believe a node that announces itself as another', async () => {
    await announceNode('west', 'phantom');
    expect(await nodeOf('phantom')).toBeUndefined();
    expect(await nodeOf('west')).toBeUndefined();
  });
});
