import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase64url, signingBytes, toBase64url, type Json } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/testing-dev-network';
import { contracts } from '@kula/testing-story';
import type { z } from 'zod';
import { Market, swap, type Chain } from './federation/market.js';
import { MeetingNetwork, NAMES, type Name } from './federation/meeting-network.js';
import { tracesOf } from './federation/traces.js';
import { until } from './log/until.js';

const MINUTES = 60_000;

type Attestation = z.output<typeof contracts.trust.listAttestations.output>['items'][number];

let three: MeetingNetwork;
let market: Market;

/** Gives a node a new key while all its other services run, as an operator does. Answers the key. */
async function changeKey(name: Name, previous: string): Promise<Uint8Array> {
  const [node, key] = [three.node(name), randomBytes(32)];
  await node.kill('federation');
  node.configure({ KULA_NODE_KEY: toBase64url(key), KULA_NODE_KEY_PREVIOUS: previous });
  await node.startPart('federation');
  return key;
}

/** Waits until every node knows which key of a node is its present one. */
async function keyIsKnown(name: Name, keyNo: number): Promise<void> {
  await Promise.all(NAMES.map((at) => until(`${at} to show key ${keyNo} of ${name}`, async () =>
    (await three.operator(at).get(`/v1/nodes/${three.idOf(name)}`, contracts.identity.findNode)).keyNo === keyNo)));
}

/** The second key of east, which it has had since before anybody knew it. */
let secondKey: Uint8Array;

beforeAll(async () => {
  three = await MeetingNetwork.start();
  market = new Market(three);
}, 6 * MINUTES);
afterAll(async () => { await three?.stop(); }, MINUTES);

const bodyOf = (jws: string) => (JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { body: Record<string, Json> }).body;
const didsOf = (...members: readonly string[]) => members.map((member) => three.cast.actor(member).did);

/** The newest attestation of a member that a node holds. */
const attestationAt = (at: Name, member: string): Promise<Attestation> => until(`the attestation of ${member} at ${at}`, async () => {
  const { did } = three.cast.actor(member);
  return (await three.operator(at).all(`/v1/participants/${did}/attestations`, contracts.trust.listAttestations))[0];
});

/** What every node says to an attestation: its checks that failed. */
const faultsOf = (attestation: Attestation) => Promise.all(NAMES.map(async (at) => {
  const { checks } = await three.operator(at).post('/v1/attestation-checks', { attestation }, null, contracts.trust.verifyAttestation);
  return checks.filter(({ passed }) => !passed).map(({ check }) => check);
}));

describe('a node that meets others while they run', () => {
  const statesAt = async (at: Name) => (await three.operator(at).all('/v1/peers', contracts.federation.listPeers)).map(({ name, state }) => `${name} ${state}`).sort();

  it('may have changed its key before anybody knew it', async () => {
    await Promise.all([three.announce('north', 'south'), three.announce('east')]);
    secondKey = await changeKey('east', three.node('east').nodeKey);
    await until('the change to stand in its log', async () => (await three.entries('east', 'east')).at(-1)?.type === 'key.rotated');
  }, 5 * MINUTES);

  it('asks one of them for a link, whose operator hears of it and agrees', async () => {
    expect([await statesAt('north'), await statesAt('south'), await statesAt('east')]).toEqual([['south linked'], ['north linked'], []]);
    const asked = await three.operator('east').post('/v1/peers', { gatewayUrl: three.node('south').gatewayUrl, view: 'all' }, 'meet south', contracts.federation.requestLink);
    expect(asked).toMatchObject({ nodeId: three.idOf('south'), name: 'south', state: 'asked', link: { state: 'stopped' } });
    expect(await three.peersCommand('south', 'list')).toContain('east asks for a link: "approve east" or "decline east".');
    expect(await three.headOf('east', 'south')).toBe(0);
    expect(await three.peersCommand('south', 'approve', 'east')).toBe(`east (${three.idOf('east')}) is linked. Both agree.\n`);
    await Promise.all([three.sees('south', 'east', 'linked', 'following'), three.sees('east', 'south', 'linked', 'following')]);
  }, 5 * MINUTES);

  it('gets the log of a node it has no link to, and is read by it, through the one between them', async () => {
    await until('the logs of both ends to reach each other', async () =>
      await three.headOf('east', 'south') === await three.headOf('east') && await three.headOf('south', 'east') === await three.headOf('south'));
    expect([await three.headOf('east', 'north'), await three.headOf('north', 'east')]).toEqual([0, 0]);
    const admitted = await three.operator('north').post('/v1/relayed-nodes', { nodeId: three.idOf('east'), name: 'east' }, 'east', contracts.federation.admitIssuer);
    expect(admitted).toMatchObject({ state: 'linked', natsUrl: null, gatewayUrl: null });
    expect(await three.peersCommand('east', 'admit', three.idOf('north'), 'north')).toContain('north');
    const [first, ...others] = await three.settled();
    for (const logs of others) expect(logs).toEqual(first);
    expect([(await three.peer('north', 'east')).link.state, (await three.peer('east', 'north')).link.state]).toEqual(['stopped', 'stopped']);
  }, 5 * MINUTES);

  it('stands in the registry of all, with its cooperative, its members and its key', async () => {
    await keyIsKnown('east', 2);
    for (const at of NAMES) {
      const client = three.operator(at);
      await until(`${at} to know everybody`, async () => (await client.all('/v1/participants', contracts.identity.listParticipants)).length === three.cast.members.length);
      const hits = await client.all('/v1/registry', contracts.identity.searchRegistry);
      expect(hits.flatMap(({ node }) => node?.name ?? []).sort()).toEqual([...NAMES].sort());
      expect(hits.flatMap(({ cooperative }) => (cooperative === null ? [] : `${cooperative.name} at ${cooperative.place}`)).sort())
        .toEqual(['Harbour Cooperative at Northport', 'Hill Cooperative at Easthill', 'Valley Cooperative at Southvale']);
    }
  }, 5 * MINUTES);
});

describe('an operator who cuts a peer off', () => {
  const wishes = [...swap('bob', 'food.catering', 'admin.bookkeeping'), ...swap('dora', 'admin.bookkeeping', 'food.catering')];
  let chain: Chain;

  /** What is written at both ends while they do not hear each other. */
  const written = (round: string) => [
    { member: 'emil', kind: 'offering', capability: 'food.flour', title: `flour of ${round}` }, { member: 'jan', kind: 'offering', capability: 'transport.van', title: `van of ${round}` },
  ] as const;

  it('is told before what is bound up with it, and changes nothing by asking', async () => {
    await market.publish(...wishes);
    await market.areKnown(wishes);
    chain = await market.proposed('bob', 'dora');
    const said = JSON.parse(await three.peersCommand('south', 'impact', 'east', '--json')) as z.output<typeof contracts.federation.previewAction.output>;
    const counts = said.items.map(({ what, count }) => `${what} ${count}`);
    expect(counts).toEqual(expect.arrayContaining(['open_chains 1', 'members_affected 1', 'members_affected 4', 'listings_hidden 2']));
    expect(said.items.find(({ what }) => what === 'open_chains')?.examples).toEqual([chain.chainId]);
    expect(said).toMatchObject({ isReversible: true, unanswered: [] });
    expect(await three.peersCommand('south', 'impact', 'east')).toMatch(/^If east is cut off:\n[^]*1 ring that has not ended would stop[^]*taken back with "undo"\. Nothing was changed now\.\n$/);
    expect(await three.peer('south', 'east')).toMatchObject({ state: 'linked', link: { state: 'following' } });
  }, 5 * MINUTES);

  it.each<[string, string, string]>([
    ['suspend', 'suspended', 'resume'], ['block', 'blocked', 'undo'],
  ])('%ss it and takes that back: what both wrote meanwhile arrives, nothing is missing', async (action, state, back) => {
    expect(await three.peersCommand('south', action, 'east', '--reason', `${action} for a while`)).toContain(`is ${state}.`);
    expect(await three.sees('south', 'east', state, 'stopped')).toMatchObject({ reason: `${action} for a while` });
    await until('east to be refused', async () => (await three.peer('east', 'south')).link.lastError?.startsWith('credentials refused'));
    const before = { east: await three.headOf('east', 'south'), south: await three.headOf('south', 'east') };
    await market.publish(...written(action));
    if (action === 'suspend') await market.consent(chain.chainId, 'bob', 'dora');
    await until('both to have sealed what they wrote', async () => await three.headOf('east') > before.east && await three.headOf('south') > before.south);
    expect({ east: await three.headOf('east', 'south'), south: await three.headOf('south', 'east') }).toEqual(before);
    expect(await three.peersCommand('south', back, 'east')).toContain('is linked.');
    await market.areKnown(written(action));
    const [first, ...others] = await three.settled();
    for (const logs of others) expect(logs).toEqual(first);
    for (const log of first ?? []) expect(log.map(({ seq }) => seq)).toEqual(log.map((_entry, index) => index + 1));
  }, 8 * MINUTES);

  it('loses nothing of what was open: the ring is committed and carried out', async () => {
    await market.everywhere(chain, 'executing');
    await three.carryOut();
    expect(await market.everywhere(chain, 'completed')).toMatchObject({ reason: null });
  }, 6 * MINUTES);
});

describe('a ring of listings of which two stay at home', () => {
  const places = { alice: 'Quay Street seven', hana: 'Valley Lane fourteen', lea: 'Upper Hill Road three' };
  const offered = [
    ...swap('alice', 'legal.advice', 'craft.bookbinding', { place: places.alice, visibility: 'network' }), ...swap('hana', 'print.poster', 'legal.advice', { place: places.hana, visibility: 'summary' }),
    ...swap('lea', 'craft.bookbinding', 'print.poster', { place: places.lea, visibility: 'query' }),
  ];
  const kept = [{ member: 'hana', home: 'south' }, { member: 'lea', home: 'east' }] as const;
  const textsOf = (member: string) => offered.flatMap((wish) => (wish.member === member ? [wish.title, wish.place ?? wish.title] : []));
  let listingIds: Map<string, string>;
  let chain: Chain;

  it('begins with a link of everybody to everybody', async () => {
    const asked = await three.operator('east').post('/v1/peers', { gatewayUrl: three.node('north').gatewayUrl }, 'meet north', contracts.federation.requestLink);
    expect(asked.state).toBe('asked');
    expect(await three.peersCommand('north', 'approve', 'east')).toContain('is linked.');
    await Promise.all([three.sees('north', 'east', 'linked', 'following'), three.sees('east', 'north', 'linked', 'following')]);
  }, 5 * MINUTES);

  it('is not to be known: no title, place or member of them stands anywhere outside their home node', async () => {
    listingIds = new Map((await market.publish(...offered)).map(({ title, listingId }) => [title, listingId]));
    await market.areKnown(offered.filter(({ visibility }) => visibility === 'network'));
    const logs = (await three.settled()).flat(2);
    expect(logs.filter(({ type }) => type === 'listing.summarised').length).toBeGreaterThan(0);
    const told = JSON.stringify(logs.filter(({ topic }) => topic !== 'announce').map(({ jws }) => bodyOf(jws)));
    for (const { member, home } of kept) {
      // What is said of them at home proves that the looking finds it.
      expect(await tracesOf(three.node(home), textsOf(member))).toContain('matching_engine.listing');
      for (const at of NAMES.filter((name) => name !== home)) {
        expect([at, member, await tracesOf(three.node(at), textsOf(member))]).toEqual([at, member, []]);
        // Members are announced when they join; matching is told how far each is trusted, and nothing else of them.
        expect([at, member, await tracesOf(three.node(at), didsOf(member), ['matching-engine', 'exchange-manager'])]).toEqual([at, member, ['matching_engine.standing']]);
      }
      for (const text of [...textsOf(member), ...didsOf(member)]) expect(told).not.toContain(text);
    }
    expect(told).toContain(textsOf('alice')[0]);
  }, 5 * MINUTES);

  it('is found, its details are asked for, and it is proposed to all', async () => {
    chain = await market.proposed('alice', 'hana', 'lea');
    const proposer = NAMES.find((name) => three.idOf(name) === chain.proposingNode);
    const keepers = kept.filter(({ home }) => home !== proposer);
    // Only the home of one of the two can see the whole ring: it asks the other.
    expect(keepers).toHaveLength(1);
    for (const { member } of keepers) {
      for (const { title } of offered.filter((wish) => wish.member === member)) {
        const { items } = await three.cast.actor(member).client.get(`/v1/listings/${listingIds.get(title)}/disclosures`, contracts.matching.listDisclosures);
        expect(items).toEqual(expect.arrayContaining([expect.objectContaining({ nodeId: chain.proposingNode, told: 'details' })]));
      }
    }
    expect(chain.legs.map(({ description }) => description).sort()).toEqual(expect.arrayContaining([expect.stringContaining('hana'), expect.stringContaining('lea')]));
    for (const at of NAMES) expect(await tracesOf(three.node(at), didsOf('hana', 'lea'), ['exchange-manager'])).not.toEqual([]);
  }, 6 * MINUTES);

  it('is consented to, committed and carried out at every node', async () => {
    await market.consent(chain.chainId, 'alice', 'hana', 'lea');
    const committed = await market.everywhere(chain, 'executing');
    expect(committed.consents.map(({ participantId }) => participantId).sort()).toEqual(didsOf('alice', 'hana', 'lea').sort());
    await three.carryOut();
    await market.everywhere(chain, 'completed');
  }, 6 * MINUTES);

  it('has not told places even then', async () => {
    for (const { member, home } of kept) {
      for (const at of NAMES.filter((name) => name !== home)) {
        expect([at, member, await tracesOf(three.node(at), [places[member]], ['federation', 'exchange-manager'])]).toEqual([at, member, []]);
      }
    }
  }, 3 * MINUTES);
});

describe('a node that changes its key while the network runs', () => {
  let thirdKey: Uint8Array;
  const wishes = [...swap('kim', 'media.photography', 'food.catering'), ...swap('ivo', 'food.catering', 'media.photography')];
  let headBefore = 0;
  let earlier: Attestation;

  it('goes on under the new one: everybody knows it, and takes what it seals', async () => {
    earlier = await attestationAt('north', 'lea');
    expect(await faultsOf(earlier)).toEqual([[], [], []]);
    headBefore = await three.headOf('east');
    thirdKey = await changeKey('east', toBase64url(secondKey));
    await market.publish(...wishes);
    await market.areKnown(wishes);
    const logs = await three.settled();
    for (const [at, log] of logs.map(([, , ofEast], index) => [NAMES[index], ofEast ?? []] as const)) {
      const after = log.slice(headBefore);
      expect([at, after[0]?.type, after.length > 2]).toEqual([at, 'key.rotated', true]);
    }
    await keyIsKnown('east', 3);
  }, 6 * MINUTES);

  it('signs with it what is to be provable outside the log', async () => {
    const chain = await market.proposed('kim', 'ivo');
    await market.consent(chain.chainId, 'kim', 'ivo');
    await market.everywhere(chain, 'executing');
    await three.carryOut();
    const answers = (await three.entries('south', 'east')).filter(({ seq, type }) => seq > headBefore && type === 'chain.answered');
    expect(answers).toHaveLength(1);
    const { respondent_signature: signature, ...said } = bodyOf(answers[0]!.jws);
    expect(nodeEd25519.verify(nodeEd25519.publicKey(thirdKey), signingBytes('sep/chain-response/v1', said), fromBase64url(String(signature))!)).toBe(true);
  }, 8 * MINUTES);

  it('is believed by the others in what it attests now, and in what it attested before', async () => {
    for (const at of NAMES) {
      const attestation = await attestationAt(at, 'kim');
      expect(attestation).toMatchObject({ issuing_node: three.idOf('east'), claims: { exchanges_completed: 1 } });
      expect([at, await faultsOf(attestation)]).toEqual([at, [[], [], []]]);
    }
    expect(await faultsOf(earlier)).toEqual([[], [], []]);
    expect(await faultsOf({ ...earlier, expires_at: new Date(Date.parse(earlier.expires_at) + 1_000).toISOString() })).toEqual([['signature'], ['signature'], ['signature']]);
  }, 6 * MINUTES);

  it('may ask for a link again under it', async () => {
    const asked = await three.operator('east').post('/v1/peers', { gatewayUrl: three.node('south').gatewayUrl, view: 'all' }, 'meet south anew', contracts.federation.requestLink);
    expect(asked).toMatchObject({ nodeId: three.idOf('south'), state: 'linked' });
    await Promise.all([three.sees('south', 'east', 'linked', 'following'), three.sees('east', 'south', 'linked', 'following')]);
  }, 5 * MINUTES);
});

describe('what a node says of itself to anybody', () => {
  const statusOf = (at: Name) => three.operator(at).get('/v1/status', contracts.federation.getPublicStatus);
  const saying = (at: Name, state: string) => until(`${at} to be ${state}`, async () => {
    const status = await statusOf(at);
    return status.state === state && status;
  });

  it('names in plain words the peer that cannot be reached, and no address', async () => {
    expect(await saying('north', 'working')).toMatchObject({ name: 'north', sentence: 'Everything works.', peers: [{ name: 'east', state: 'connected' }, { name: 'south', state: 'connected' }] });
    three.network.cut('north', 'south');
    const status = await saying('north', 'behind');
    expect(status).toMatchObject({
      sentence: 'south cannot be reached or followed now; everything else goes on.', peers: [{ name: 'east', state: 'connected' }, { name: 'south', state: 'not reached; it is tried again and again' }],
    });
    expect(JSON.stringify(status)).not.toMatch(/127\.0\.0\.1|nats|tls:/);
    three.network.heal('north', 'south');
    expect((await saying('north', 'working')).peers.map(({ state }) => state)).toEqual(['connected', 'connected']);
  }, 8 * MINUTES);
});
