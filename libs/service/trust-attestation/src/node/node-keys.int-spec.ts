import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attestationIssued, keyRecovered, keyRotated, nodeAnnounced, participantAnnounced, trust } from '@kula/contracts';
import { portableEd25519, signDocument, toBase64url, type Json } from '@kula/kernel-crypto';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { AttestationDocument } from '../attestation/attestation-document.js';
import { trustAttestationService } from '../trust-attestation-service.js';

const DAY = 24 * 3_600_000;
const [north, south] = [nodeIdOf('north'), nodeIdOf('south')];
const cal = walletOf('cal');
const KEYS = ['node south', 'second key of south', 'third key of south'] as const;
const publicKeyOf = (name: string) => toBase64url(portableEd25519.publicKey(keyOfName(name)));
const since = new Date(Date.now() - DAY).toISOString();

let probe: ServiceProbe;
beforeAll(async () => {
  probe = await ServiceProbe.start(trustAttestationService);
  await taken('announce', await probe.deliver(nodeAnnounced, {
    node_id: south, name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: walletOf('operator').did, recovery_key_hash: null, protocol: 1,
  }, { issuer: south }));
  const statement = { participant_id: cal.did, node_id: south, cooperative_id: walletOf('coop').did, handle: 'cal', display_name: 'Cal', made_at: since };
  await taken('announce', await probe.deliver(participantAnnounced, { statement, signature: cal.sign('sep/participant/v1', statement) }, { issuer: south }));
});
afterAll(() => probe.stop());

interface Place { readonly issuer: string; readonly seq: number }

const taken = async (consumer: string, { issuer, seq }: Place) => until(`${consumer} ${seq} to be taken in`, async () =>
  (await probe.sql('SELECT 1 FROM inbox_message WHERE consumer = $1 AND message_id = $2', [consumer, `${issuer}:${seq}`])).length > 0);
const refusalOf = async ({ issuer, seq }: Place) => (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;

/** What south attests of its member, signed with one of its keys. */
function attestation(id: string, key: string): AttestationDocument {
  const document = {
    attestation_id: id, issuing_node: south, participant_id: cal.did, timestamp: since, expires_at: new Date(Date.now() + 100 * DAY).toISOString(),
    claims: { exchanges_completed: 1, satisfaction_rate: 1, partner_count: 1, member_since: since, vouches_received: 0, trust_tier: 'newcomer' as const },
  };
  return { ...document, node_signature: signDocument(portableEd25519, keyOfName(key), 'sep/trust-attestation/v1', document as Json) };
}

/** The entry is sealed with a key; undefined: an earlier release handed it over, which did not say with which. */
async function issued(document: AttestationDocument, sealedWith: string | undefined): Promise<string | undefined> {
  const place = await probe.deliver(attestationIssued, document, { issuer: south, subject: cal.did, ...(sealedWith !== undefined && { issuerKey: publicKeyOf(sealedWith) }) });
  await taken('attestations', place);
  return refusalOf(place);
}

const isGenuine = async (document: AttestationDocument) =>
  (await probe.ask(trust.verifyAttestation, { attestation: document })).checks.find(({ check }) => check === 'signature')?.passed;

const key = { recovery_key_hash: null, proof: 'A'.repeat(86) };

describe('a node that changes its key', () => {
  const [first, unpublished] = [attestation('first', KEYS[0]), attestation('kept-to-itself', KEYS[0])];

  it('is known by the key in its id until then', async () => {
    expect(await issued(first, undefined)).toBeUndefined();
    expect(await issued(attestation('forged', KEYS[1]), undefined)).toBe('trust.forged_attestation');
    expect([await isGenuine(first), await isGenuine(unpublished), await isGenuine(attestation('shown', KEYS[1]))]).toEqual([true, true, false]);
  });

  it('is believed in what it signs with the key that it seals the entry with, and in nothing else', async () => {
    const place = await probe.deliver(keyRotated, { node_id: south, key_no: 2, public_key: publicKeyOf(KEYS[1]), ...key }, { issuer: south, issuerKey: publicKeyOf(KEYS[0]) });
    await taken('announce', place);
    expect(await issued(attestation('second', KEYS[1]), KEYS[1])).toBeUndefined();
    expect(await issued(attestation('by-the-old-key', KEYS[0]), KEYS[1])).toBe('trust.forged_attestation');
    expect(await issued(attestation('by-another', KEYS[2]), KEYS[1])).toBe('trust.forged_attestation');
  });

  it('is believed by what is shown only where that is signed with its present key, or has come in its log', async () => {
    expect([await isGenuine(first), await isGenuine(attestation('shown', KEYS[1]))]).toEqual([true, true]);
    // Whoever has got hold of the old key could have written it today.
    expect(await isGenuine(unpublished)).toBe(false);
    expect(await isGenuine({ ...first, timestamp: new Date().toISOString() })).toBe(false);
    expect(await isGenuine({ ...first, note: '\ud800' })).toBe(false);
  });

  it('goes on in the same way after it has recovered from the loss of its key, whatever is handed over again', async () => {
    await taken('announce', await probe.deliver(keyRecovered, {
      node_id: south, key_no: 3, public_key: publicKeyOf(KEYS[2]), recovery_public_key: 'A'.repeat(43), recovery_signature: 'A'.repeat(86), ...key,
    }, { issuer: south }));
    await taken('announce', await probe.deliver(keyRotated, { node_id: south, key_no: 2, public_key: publicKeyOf(KEYS[1]), ...key }, { issuer: south }));
    expect(await issued(attestation('third', KEYS[2]), KEYS[2])).toBeUndefined();
    expect([await isGenuine(attestation('shown', KEYS[2])), await isGenuine(attestation('shown', KEYS[1])), await isGenuine(first)]).toEqual([true, false, true]);
  });

  it('speaks for its own key alone', async () => {
    const place = await probe.deliver(keyRotated, { node_id: south, key_no: 9, public_key: publicKeyOf('thief'), ...key }, { issuer: nodeIdOf('east') });
    await taken('announce', place);
    expect(await refusalOf(place)).toBe('trust.forged_announcement');
    expect(await isGenuine(attestation('shown', KEYS[2]))).toBe(true);
  });

  it('may be this one', async () => {
    await taken('announce', await probe.deliver(keyRotated, { node_id: north, key_no: 2, public_key: publicKeyOf('second key of north'), ...key }, { issuer: north }));
    const document = { ...attestation('own', 'unused'), issuing_node: north };
    const { node_signature: _unused, ...unsigned } = document;
    expect(await isGenuine({ ...unsigned, node_signature: signDocument(portableEd25519, keyOfName('second key of north'), 'sep/trust-attestation/v1', unsigned as Json) })).toBe(true);
  });
});
