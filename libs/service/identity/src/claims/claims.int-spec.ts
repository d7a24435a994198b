import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  cooperativeAnnounced, cooperativeProfiled, identity, keyRotated, nodeAnnounced, nodeUpdated, participantAnnounced, type Caller, type FederationMessage,
} from '@kula/contracts';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const operator: Caller = { did: walletOf('operator north').did, role: 'operator' };
const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: operator.did,
};
const MADE_AT = '2027-01-01T00:00:00Z';
const [NORTH, WEST, EAST] = [nodeIdOf('north'), nodeIdOf('west'), nodeIdOf('east')];

let probe: ServiceProbe;
beforeAll(async () => { probe = await ServiceProbe.start(identityService, SETTINGS); });
afterAll(() => probe.stop());

type Place = { issuer: string; seq: number };

const nodeWords = (node: string, domain: string) => ({
  node_id: node, name: 'A Node', domain, gateway_url: `https://${domain}`, operator_id: walletOf('operator').did, protocol: 1 as const,
});
const announceNode = (issuer: string, domain: string, node = issuer) => probe.deliver(nodeAnnounced, { ...nodeWords(node, domain), recovery_key_hash: null }, { issuer });
const updateNode = (issuer: string, domain: string, node = issuer) => probe.deliver(nodeUpdated, nodeWords(node, domain), { issuer });
const rotateKey = (issuer: string, node = issuer) => probe.deliver(keyRotated, {
  node_id: node, key_no: 2, public_key: 'A'.repeat(43), recovery_key_hash: null, proof: 'A'.repeat(86),
}, { issuer });

interface Statement { node?: string; by?: Wallet; name?: string; seq?: number }
const from = (issuer: string, seq?: number) => ({ issuer, ...(seq !== undefined && { seq }) });

function cooperativeBody(wallet: Wallet, node: string, { by = wallet, name = wallet.name }: Statement = {}) {
  const statement = { cooperative_id: wallet.did, node_id: node, name, place: null, made_at: MADE_AT };
  return { statement, signature: by.sign('sep/cooperative/v1', statement) };
}
const announceCooperative = (issuer: string, wallet: Wallet, change: Statement = {}) =>
  probe.deliver(cooperativeAnnounced, cooperativeBody(wallet, change.node ?? issuer, change), from(issuer, change.seq));

function announceParticipant(issuer: string, [wallet, cooperative, handle]: [Wallet, Wallet, string], { node = issuer, by = wallet, seq }: Statement = {}) {
  const statement = { participant_id: wallet.did, node_id: node, cooperative_id: cooperative.did, handle, display_name: wallet.name, made_at: MADE_AT };
  return probe.deliver(participantAnnounced, { statement, signature: by.sign('sep/participant/v1', statement) }, from(issuer, seq));
}

function announceProfile(issuer: string, wallet: Wallet, node = issuer) {
  const statement = { cooperative_id: wallet.did, node_id: node, description: 'Bread', place: null, capabilities: [], units: [], contact: null, made_at: '2020-01-01T00:00:00Z' };
  return probe.deliver(cooperativeProfiled, { statement, signature: wallet.sign('sep/cooperative-profile/v1', statement) }, { issuer });
}

/** Waits until everything delivered so far has been taken in: one consumer takes the entries in order. */
async function settled(): Promise<void> {
  const { issuer, seq } = await announceNode(nodeIdOf('marker'), 'marker.example');
  await until('the marker', async () => (await probe.sql('SELECT 1 FROM inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length > 0);
}

const registry = () => probe.sql(`
  SELECT 'party' AS what, did AS id, home_node AS at, statement_hash AS says FROM party
  UNION ALL SELECT 'node', node_id, domain, name FROM node UNION ALL SELECT 'handle', participant_id, home_node, handle FROM participant
  UNION ALL SELECT 'profile', cooperative_id, made_at, statement_hash FROM cooperative_profile UNION ALL SELECT 'key', issuer, key_no::text, key_seq::text FROM issuer WHERE key_no > 1
  ORDER BY 1, 2, 3`);
const refusalOf = async ({ issuer, seq }: Place) =>
  (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;
const claimsOf = async (entry: Place) =>
  (await probe.ask(identity.listClaims, { limit: 200 }, operator)).items.filter((claim) => claim.entry.issuer === entry.issuer && claim.entry.seq === entry.seq);
const record = (nodeId: string) => probe.ask(identity.findNode, { nodeId });

const [mill, ana] = [walletOf('mill'), walletOf('ana')];

describe('a claim to what somebody else holds', () => {
  beforeAll(async () => {
    await announceNode(WEST, 'west.example');
    await announceNode(EAST, 'east.example');
    await announceCooperative(WEST, mill);
    await announceParticipant(WEST, [ana, mill, 'ana']);
    await announceProfile(WEST, mill);
    await settled();
    expect(await registry()).toContainEqual({ what: 'handle', id: ana.did, at: WEST, says: 'ana' });
    expect(await registry()).toContainEqual(expect.objectContaining({ what: 'profile', id: mill.did }));
    expect((await probe.ask(identity.listClaims, {}, operator)).items).toEqual([]);
  });

  const holdsId = { heldBy: WEST, heldAt: WEST };
  const holdsMill = { what: 'cooperative', name: mill.did, claimedBy: mill.did, claimedAt: EAST, heldBy: mill.did, heldAt: WEST };
  const holdsAna = { what: 'participant', name: ana.did, claimedBy: ana.did, claimedAt: EAST, heldBy: ana.did, heldAt: WEST };
  const bakery = walletOf('bakery');

  it.each<[string, string, () => Promise<Place>, object[]]>([
    ['a domain, by another key', 'identity.domain_taken', () => announceNode(nodeIdOf('impostor'), 'west.example'),
      [{ what: 'domain', name: 'west.example', claimedBy: nodeIdOf('impostor'), claimedAt: nodeIdOf('impostor'), ...holdsId }]],
    ['a domain, by an update', 'identity.domain_taken', () => updateNode(EAST, 'west.example'),
      [{ what: 'domain', name: 'west.example', claimedBy: EAST, claimedAt: EAST, ...holdsId }]],
    ['the domain of this node', 'identity.domain_taken', () => updateNode(EAST, 'north.example'),
      [{ what: 'domain', name: 'north.example', claimedBy: EAST, claimedAt: EAST, heldBy: NORTH, heldAt: NORTH }]],
    ['the id of a node', 'identity.foreign_statement', () => announceNode(EAST, 'fake.example', WEST), [{ what: 'node', name: WEST, claimedBy: EAST, claimedAt: EAST, ...holdsId }]],
    ['the id and the domain of a node', 'identity.foreign_statement', () => updateNode(EAST, 'west.example', WEST),
      [{ what: 'domain', name: 'west.example', claimedBy: EAST, claimedAt: EAST, ...holdsId }, { what: 'node', name: WEST, claimedBy: EAST, claimedAt: EAST, ...holdsId }]],
    ['the key of another node', 'identity.foreign_statement', () => rotateKey(EAST, WEST), [{ what: 'node', name: WEST, claimedBy: EAST, claimedAt: EAST, ...holdsId }]],
    ['a cooperative that has signed for two nodes', 'identity.cooperative_exists', () => announceCooperative(EAST, mill), [holdsMill]],
    ['a cooperative whose statement is for another node', 'identity.foreign_statement', () => announceCooperative(EAST, mill, { node: WEST }), [holdsMill]],
    ['a cooperative without its key', 'identity.bad_signature', () => announceCooperative(EAST, mill, { by: walletOf('thief') }), [holdsMill]],
    ['an unknown cooperative whose statement is for another node', 'identity.foreign_statement', () => announceCooperative(EAST, walletOf('unheard'), { node: WEST }),
      [{ what: 'cooperative', name: walletOf('unheard').did, claimedBy: walletOf('unheard').did, claimedAt: EAST, heldBy: walletOf('unheard').did, heldAt: WEST }]],
    ['the profile of a cooperative', 'identity.cooperative_unknown', () => announceProfile(EAST, mill), [holdsMill]],
    ['the profile of a cooperative, made for its node', 'identity.foreign_statement', () => announceProfile(EAST, mill, WEST), [holdsMill]],
    ['a participant as a cooperative', 'identity.cooperative_exists', () => announceCooperative(EAST, ana), [{ ...holdsAna, what: 'cooperative' }]],
    ['a participant', 'identity.participant_exists', async () => {
      await announceCooperative(EAST, bakery);
      return announceParticipant(EAST, [ana, bakery, 'ana']);
    }, [holdsAna]],
    ['a handle', 'identity.handle_taken', () => announceParticipant(WEST, [walletOf('second ana'), mill, 'ana']),
      [{ what: 'handle', name: 'ana', claimedBy: walletOf('second ana').did, claimedAt: WEST, heldBy: ana.did, heldAt: WEST }]],
  ])('is refused and reported: %s', async (_what, code, forge, expected) => {
    if (code === 'identity.participant_exists') await announceCooperative(EAST, bakery);
    await settled();
    const before = await registry();
    const entry = await forge();
    await settled();
    expect(await refusalOf(entry)).toBe(code);
    const reported = await claimsOf(entry);
    expect(reported).toEqual(expected.map((claim) => expect.objectContaining({ ...claim, refusedAs: code, entry: { ...entry, hash: expect.stringMatching(/^[\w-]{43}$/) } })));
    expect(await registry()).toEqual(before);
  });

  it.each<[string, string | undefined, () => Promise<Place>]>([
    ['the same statement again', undefined, () => announceCooperative(WEST, mill)],
    ['another statement of the holder', 'identity.cooperative_exists', () => announceCooperative(WEST, mill, { name: 'Millers' })],
    ['a did that one key uses twice at one node', 'identity.cooperative_exists', () => announceCooperative(WEST, ana)],
    ['a forged statement of somebody nobody knows', 'identity.bad_signature', () => announceCooperative(EAST, walletOf('nobody'), { by: walletOf('thief') })],
    ['a forged one that names another node', 'identity.bad_signature', () => announceCooperative(EAST, walletOf('nobody'), { by: walletOf('thief'), node: WEST })],
    ['a second cooperative of the same name at the same node', undefined, () => announceCooperative(WEST, walletOf('second mill'), { name: mill.name })],
    ['an update of the node itself', undefined, () => updateNode(WEST, 'west.example')],
  ])('is not: %s', async (_what, code, say) => {
    const entry = await say();
    await settled();
    expect([await refusalOf(entry), await claimsOf(entry)]).toEqual([code, []]);
  });

  it('counts in the record of the node that made it, once however often its entry comes, and stays over a restart', async () => {
    const claims = () => probe.sql<{ count: string }>('SELECT count(*) FROM disputed_claim WHERE issuer = $1', [EAST]);
    const { disputedClaims } = await record(EAST);
    const entry = await announceCooperative(EAST, mill);
    await probe.deliver(cooperativeAnnounced, cooperativeBody(mill, EAST), entry);
    await settled();
    await probe.restart();
    await probe.deliver(cooperativeAnnounced, cooperativeBody(mill, EAST), entry);
    await settled();
    expect(await record(EAST)).toMatchObject({ disputedClaims: disputedClaims + 1 });
    expect(await claims()).toEqual([{ count: String(disputedClaims + 1) }]);
    expect(await claimsOf(entry)).toHaveLength(1);
    expect(await record(WEST)).toMatchObject({ disputedClaims: 1 });
  });

  it('is reported when its entry has waited, and whoever came first among the issuers holds on', async () => {
    const [coop, first, second] = [walletOf('late coop'), walletOf('late first'), walletOf('late second')];
    const stray = await announceParticipant(EAST, [walletOf('stray'), coop, 'stray']);
    await announceParticipant(WEST, [first, coop, 'late']);
    const collision = await announceParticipant(WEST, [second, coop, 'late']);
    await announceCooperative(WEST, coop);
    const later = await announceCooperative(EAST, coop);
    await settled();
    expect([await refusalOf(stray), await claimsOf(stray)]).toEqual(['identity.cooperative_unknown', []]);
    expect(await claimsOf(collision)).toEqual([expect.objectContaining({ what: 'handle', claimedBy: second.did, heldBy: first.did })]);
    expect(await claimsOf(later)).toEqual([expect.objectContaining({ claimedAt: EAST, heldAt: WEST })]);
    expect(await probe.sql('SELECT 1 FROM awaiting_entry WHERE issuer = ANY ($1)', [[WEST, EAST]])).toEqual([]);
  });

  it('goes the other way where the claims arrive in another order', async () => {
    const coop = walletOf('early coop');
    await announceCooperative(EAST, coop);
    const later = await announceCooperative(WEST, coop);
    await settled();
    expect(await claimsOf(later)).toEqual([expect.objectContaining({ claimedAt: WEST, heldAt: EAST })]);
  });

  it('gets the coded problem where it is a registration here, and nothing is reported', async () => {
    const reports = async () => (await probe.sql('SELECT 1 FROM disputed_claim')).length;
    const before = await reports();
    const { signature } = cooperativeBody(mill, NORTH);
    await expect(probe.ask(identity.registerCooperative, { cooperativeId: mill.did, name: mill.name, madeAt: MADE_AT, signature }, operator))
      .rejects.toMatchObject({ code: 'identity.cooperative_exists' });
    expect(await reports()).toBe(before);
    expect(await probe.sent(cooperativeAnnounced as FederationMessage)).toEqual([]);
  });

  it('is listed with the latest first, page by page, and per node', async () => {
    const whole = (await probe.ask(identity.listClaims, { limit: 200 }, operator)).items;
    expect(whole.length).toBeGreaterThan(15);
    const found: typeof whole = [];
    for (let cursor: string | undefined; found.length < whole.length;) {
      const page: { items: typeof whole; nextCursor: string | null } = await probe.ask(identity.listClaims, { limit: 4, ...(cursor !== undefined && { cursor }) }, operator);
      found.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(found).toEqual(whole);
    expect((await probe.ask(identity.listClaims, { limit: 200, nodeId: WEST }, operator)).items).toEqual(whole.filter(({ claimedAt }) => claimedAt === WEST));
    await expect(probe.ask(identity.listClaims, { cursor: 'bm90IGEga2V5' }, operator)).rejects.toMatchObject({ code: 'message.malformed' });
  });
});

describe('a node that was refused', () => {
  it('is not in the registry, though what it claims is, and enters by an update with a free domain', async () => {
    const copycat = nodeIdOf('copycat');
    const refused = await announceNode(copycat, 'west.example');
    await settled();
    expect(await claimsOf(refused)).toHaveLength(1);
    await expect(record(copycat)).rejects.toMatchObject({ code: 'identity.node_unknown' });
    const coop = walletOf('waiting coop');
    await announceCooperative(copycat, coop);
    await updateNode(copycat, 'copycat.example');
    await until('the waiting cooperative', async () => (await probe.ask(identity.listCooperatives, { limit: 200 })).items.some(({ cooperativeId }) => cooperativeId === coop.did));
    expect(await record(copycat)).toMatchObject({ domain: 'copycat.example', disputedClaims: 1 });
  });
});
