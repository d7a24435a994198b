import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, identity, nodeAnnounced, participantAnnounced, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const operator: Caller = { did: walletOf('operator north').did, role: 'operator' };
const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: operator.did,
};
const MADE_AT = '2027-01-01T00:00:00Z';

let probe: ServiceProbe;
beforeAll(async () => { probe = await ServiceProbe.start(identityService, SETTINGS); });
afterAll(() => probe.stop());

interface Forgery { by?: Wallet; node?: string; name?: string; seq?: number }

const announceNode = (issuer: string, domain: string, { node = nodeIdOf(issuer), seq }: Forgery = {}) => probe.deliver(nodeAnnounced, {
  node_id: node, name: issuer, domain, gateway_url: `https://${domain}`, operator_id: walletOf(`operator ${issuer}`).did, recovery_key_hash: null, protocol: 1,
}, { issuer: nodeIdOf(issuer), ...(seq !== undefined && { seq }) });

function announceCooperative(issuer: string, wallet: Wallet, { by = wallet, node = nodeIdOf(issuer), name = wallet.name, seq }: Forgery = {}) {
  const statement = { cooperative_id: wallet.did, node_id: node, name, place: null, made_at: MADE_AT };
  const from = { issuer: nodeIdOf(issuer), ...(seq !== undefined && { seq }) };
  return probe.deliver(cooperativeAnnounced, { statement, signature: by.sign('sep/cooperative/v1', statement) }, from);
}

function announceParticipant(issuer: string, [wallet, cooperative, handle]: [Wallet, Wallet, string], { by = wallet, node = nodeIdOf(issuer), seq }: Forgery = {}) {
  const statement = { participant_id: wallet.did, node_id: node, cooperative_id: cooperative.did, handle, display_name: wallet.name, made_at: MADE_AT };
  const from = { issuer: nodeIdOf(issuer), ...(seq !== undefined && { seq }) };
  return probe.deliver(participantAnnounced, { statement, signature: by.sign('sep/participant/v1', statement) }, from);
}

const found = async <Answer>(question: Promise<Answer>): Promise<Answer | undefined> => question.catch((error: { code?: string }) => {
  if (error.code?.endsWith('_unknown')) return undefined;
  throw error;
});
const participant = (wallet: Wallet) => found(probe.ask(identity.getParticipant, { participantId: wallet.did }));
const cooperative = (wallet: Wallet) => found(probe.ask(identity.getCooperative, { cooperativeId: wallet.did }));

/** Waits until everything delivered so far has been taken in: one consumer takes the entries in order. */
async function settled(): Promise<void> {
  const { issuer, seq } = await announceNode('marker', 'marker.example');
  await until('the marker', async () => (await probe.sql('SELECT 1 FROM inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length > 0);
}

const registry = () => probe.sql(`
  SELECT did, kind, home_node, statement_hash FROM party ORDER BY did`);
async function refusalOf({ issuer, seq }: { issuer: string; seq: number }): Promise<string | undefined> {
  await settled();
  const [row] = await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]);
  return row?.code;
}

describe('announcements of another node', () => {
  const [orchard, cal] = [walletOf('orchard'), walletOf('cal')];

  it('fill the registry', async () => {
    await announceNode('south', 'south.example');
    await announceCooperative('south', orchard);
    await announceParticipant('south', [cal, orchard, 'cal']);
    await until('cal', () => participant(cal));
    expect(await participant(cal)).toEqual({
      participantId: cal.did, handle: 'cal', address: 'sep://cal@south.example', displayName: 'cal', cooperativeId: orchard.did,
      homeNode: nodeIdOf('south'), isLocal: false, joinedAt: MADE_AT,
    });
    expect(await cooperative(orchard)).toMatchObject({ homeNode: nodeIdOf('south'), isLocal: false });
  });

  it('change nothing when they are delivered again or written twice', async () => {
    const before = await registry();
    await announceNode('south', 'south.example', { seq: 1 });
    await announceCooperative('south', orchard, { seq: 2 });
    await announceParticipant('south', [cal, orchard, 'cal'], { seq: 3 });
    const again = [await announceCooperative('south', orchard), await announceParticipant('south', [cal, orchard, 'cal'])];
    for (const entry of again) expect(await refusalOf(entry)).toBeUndefined();
    expect(await registry()).toEqual(before);
  });

  it.each([
    'node cooperative participant', 'node participant cooperative', 'cooperative node participant',
    'cooperative participant node', 'participant node cooperative', 'participant cooperative node',
  ])('lead to the same registry in the order %s', async (order) => {
    const [host, coop, member] = [`host of ${order}`, walletOf(`coop of ${order}`), walletOf(`member of ${order}`)];
    const domain = `${order.replaceAll(' ', '-')}.example`;
    const announce: Record<string, () => Promise<unknown>> = {
      node: () => announceNode(host, domain),
      cooperative: () => announceCooperative(host, coop),
      participant: () => announceParticipant(host, [member, coop, 'member']),
    };
    for (const part of order.split(' ')) await announce[part]?.();
    await settled();
    expect(await participant(member)).toMatchObject({ address: `sep://member@${domain}`, cooperativeId: coop.did, homeNode: nodeIdOf(host) });
    expect(await cooperative(coop)).toMatchObject({ homeNode: nodeIdOf(host) });
    expect(await probe.sql('SELECT seq FROM awaiting_entry WHERE issuer = $1', [nodeIdOf(host)])).toEqual([]);
  });

  it('are kept over a restart while their cause is missing', async () => {
    const [coop, member] = [walletOf('coop of a restart'), walletOf('member of a restart')];
    await announceParticipant('south', [member, coop, 'restart']);
    await settled();
    expect(await participant(member)).toBeUndefined();
    await probe.restart();
    await announceCooperative('south', coop);
    await until('the member', () => participant(member));
  });
});

describe('a node', () => {
  it('moves to another domain by a later announcement, and its participants with it; an earlier one changes nothing', async () => {
    const [coop, member] = [walletOf('moving coop'), walletOf('moving member')];
    await announceNode('mover', 'old.example');
    await announceCooperative('mover', coop);
    await announceParticipant('mover', [member, coop, 'member']);
    await announceNode('mover', 'new.example', { seq: 9 });
    await announceNode('mover', 'older.example', { seq: 5 });
    await settled();
    expect(await participant(member)).toMatchObject({ address: 'sep://member@new.example' });
  });

  it('enters with what waited for it once it announces a domain that is free', async () => {
    const coop = walletOf('waiting coop');
    expect(await refusalOf(await announceNode('copycat', 'north.example'))).toBe('identity.domain_taken');
    await announceCooperative('copycat', coop);
    await settled();
    expect(await cooperative(coop)).toBeUndefined();
    await announceNode('copycat', 'copycat.example');
    await until('the waiting cooperative', () => cooperative(coop));
    expect(await probe.ask(identity.getNode, {})).toMatchObject({ nodeId: nodeIdOf('north'), domain: 'north.example' });
  });
});

describe('a forged announcement', () => {
  const [genuine, member] = [walletOf('genuine coop'), walletOf('genuine member')];

  beforeAll(async () => {
    await announceNode('west', 'west.example');
    await announceNode('east', 'east.example');
    await announceCooperative('west', genuine);
    await announceParticipant('west', [member, genuine, 'genuine']);
    await until('the genuine member', () => participant(member));
  });

  it.each<[string, string, () => Promise<{ issuer: string; seq: number }>]>([
    ['identity.foreign_statement', 'of a node in the name of another', () => announceNode('east', 'fake.example', { node: nodeIdOf('west') })],
    ['identity.domain_taken', 'of a domain that another node has', () => announceNode('east', 'west.example')],
    ['identity.foreign_statement', 'of a cooperative that joined another node', () => announceCooperative('east', genuine, { node: nodeIdOf('west') })],
    ['identity.bad_signature', 'of a cooperative by the key of another', () => announceCooperative('east', walletOf('victim'), { by: walletOf('thief') })],
    ['identity.cooperative_exists', 'of a cooperative that lives elsewhere', () => announceCooperative('east', genuine)],
    ['identity.cooperative_exists', 'of a cooperative under another name', () => announceCooperative('west', genuine, { name: 'Another' })],
    ['identity.cooperative_exists', 'of a participant as a cooperative', () => announceCooperative('west', member)],
    ['identity.foreign_statement', 'of a participant that joined another node', () => announceParticipant('east', [member, genuine, 'genuine'], { node: nodeIdOf('west') })],
    ['identity.bad_signature', 'of a participant by the key of another', () => announceParticipant('west', [walletOf('victim'), genuine, 'victim'], { by: walletOf('thief') })],
    ['identity.bad_signature', 'of a participant by its cooperative', () => announceParticipant('west', [walletOf('victim'), genuine, 'victim'], { by: genuine })],
    ['identity.cooperative_unknown', 'of a member of a cooperative that lives elsewhere', () => announceParticipant('east', [walletOf('stray'), genuine, 'stray'])],
    ['identity.cooperative_unknown', 'of a member of a participant', () => announceParticipant('west', [walletOf('stray'), member, 'stray'])],
    ['identity.participant_exists', 'of a participant under another handle', () => announceParticipant('west', [member, genuine, 'another'])],
    ['identity.participant_exists', 'of a cooperative as a participant', () => announceParticipant('west', [genuine, genuine, 'coop'])],
    ['identity.handle_taken', 'of a second holder of a handle', () => announceParticipant('west', [walletOf('second'), genuine, 'genuine'])],
  ])('is refused as %s: one %s', async (code, _what, forge) => {
    const before = await registry();
    expect(await refusalOf(await forge())).toBe(code);
    expect(await registry()).toEqual(before);
  });

  it('is refused when it has waited, and its cause stands', async () => {
    const [coop, stray, second] = [walletOf('late coop'), walletOf('late stray'), walletOf('late second')];
    const waiting = await announceParticipant('east', [stray, coop, 'stray']);
    await announceParticipant('west', [walletOf('late first'), coop, 'late']);
    const collision = await announceParticipant('west', [second, coop, 'late']);
    await announceCooperative('west', coop);
    expect(await refusalOf(waiting)).toBe('identity.cooperative_unknown');
    expect(await refusalOf(collision)).toBe('identity.handle_taken');
    expect(await cooperative(coop)).toMatchObject({ homeNode: nodeIdOf('west') });
    expect(await participant(walletOf('late first'))).toMatchObject({ handle: 'late' });
    expect([await participant(stray), await participant(second)]).toEqual([undefined, undefined]);
  });

  it('does not wait when its signature is wrong', async () => {
    const forged = await announceParticipant('west', [walletOf('victim'), walletOf('unknown coop'), 'victim'], { by: walletOf('thief') });
    expect(await refusalOf(forged)).toBe('identity.bad_signature');
    expect(await probe.sql('SELECT seq FROM awaiting_entry WHERE cause = $1', [`cooperative:${walletOf('unknown coop').did}`])).toEqual([]);
  });
});

describe('own announcements that come back', () => {
  const [bakery, ana] = [walletOf('bakery'), walletOf('ana')];

  it('change nothing where the registration is known', async () => {
    const statement = { cooperative_id: bakery.did, node_id: nodeIdOf('north'), name: 'bakery', place: null, made_at: MADE_AT };
    await probe.ask(identity.registerCooperative, {
      cooperativeId: bakery.did, name: 'bakery', madeAt: MADE_AT, signature: bakery.sign('sep/cooperative/v1', statement),
    }, operator);
    const before = await registry();
    expect(await refusalOf(await announceCooperative('north', bakery))).toBeUndefined();
    expect(await registry()).toEqual(before);
  });

  it('bring a lost registration back, with the right to the same answer', async () => {
    await announceParticipant('north', [ana, bakery, 'ana']);
    const restored = await until('ana', () => participant(ana));
    expect(restored).toMatchObject({ isLocal: true, address: 'sep://ana@north.example' });
    const statement = { participant_id: ana.did, node_id: nodeIdOf('north'), cooperative_id: bakery.did, handle: 'ana', display_name: 'ana', made_at: MADE_AT };
    expect(await probe.ask(identity.registerParticipant, {
      participantId: ana.did, cooperativeId: bakery.did, handle: 'ana', displayName: 'ana', madeAt: MADE_AT, signature: ana.sign('sep/participant/v1', statement),
    }, operator)).toEqual(restored);
    expect(await probe.sent(participantAnnounced)).toEqual([]);
  });
});
