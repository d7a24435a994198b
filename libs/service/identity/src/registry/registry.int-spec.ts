import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, identity, nodeAnnounced, participantAnnounced, type Caller } from '@kula/contracts';
import { verifyDocument, type Json } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const operator: Caller = { did: walletOf('operator north').did, role: 'operator' };
const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: operator.did,
};
const MADE_AT = '2027-01-01T00:00:00Z';
const [bakery, mill, garden] = [walletOf('bakery'), walletOf('mill'), walletOf('garden')];
const as = (wallet: Wallet, role: Caller['role']): Caller => ({ did: wallet.did, role });
const refusal = (code: string) => expect.objectContaining({ code });

let probe: ServiceProbe;
beforeAll(async () => {
  probe = await ServiceProbe.start(identityService, SETTINGS);
  await probe.ask(identity.registerCooperative, cooperativeOf(bakery, 'Bakery'), operator);
});
afterAll(() => probe.stop());

interface Signing { by?: Wallet; node?: string; domain?: `sep/${string}/v${number}` }

function cooperativeOf(wallet: Wallet, name: string, { by = wallet, node = nodeIdOf('north'), domain = 'sep/cooperative/v1' }: Signing = {}) {
  const statement = { cooperative_id: wallet.did, node_id: node, name, place: 'Riverside', made_at: MADE_AT };
  return { cooperativeId: wallet.did, name, place: 'Riverside', madeAt: MADE_AT, signature: by.sign(domain, statement) };
}

function participantOf(wallet: Wallet, cooperative: Wallet, handle = wallet.name, { by = wallet, node = nodeIdOf('north'), domain = 'sep/participant/v1' }: Signing = {}) {
  const statement = { participant_id: wallet.did, node_id: node, cooperative_id: cooperative.did, handle, display_name: 'A Name', made_at: MADE_AT };
  return { participantId: wallet.did, cooperativeId: cooperative.did, handle, displayName: 'A Name', madeAt: MADE_AT, signature: by.sign(domain, statement) };
}

describe('this node', () => {
  it('is known from the settings until its own announcement comes back, and from that afterwards', async () => {
    const fromSettings = { nodeId: nodeIdOf('north'), name: 'North', domain: 'north.example', gatewayUrl: 'http://127.0.0.1:4000', operatorId: operator.did, isSelf: true };
    expect(await probe.ask(identity.getNode, {})).toEqual(fromSettings);
    await probe.deliver(nodeAnnounced, {
      node_id: nodeIdOf('north'), name: 'North Side', domain: 'north.example', gateway_url: 'https://north.example', operator_id: operator.did,
      recovery_key_hash: null, protocol: 1,
    }, { issuer: nodeIdOf('north'), seq: 1 });
    const announced = await until('the own announcement', async () => {
      const node = await probe.ask(identity.getNode, {});
      return node.name === 'North Side' && node;
    });
    expect(announced).toEqual({ ...fromSettings, name: 'North Side', gatewayUrl: 'https://north.example' });
    await probe.restart();
    expect(await probe.ask(identity.getNode, {})).toEqual(announced);
  });
});

describe('registering a cooperative', () => {
  const input = cooperativeOf(mill, 'Mill');

  it('shows it, and announces what its own key signed', async () => {
    const registered = await probe.ask(identity.registerCooperative, input, operator);
    expect(registered).toEqual({ cooperativeId: mill.did, name: 'Mill', place: 'Riverside', homeNode: nodeIdOf('north'), isLocal: true, joinedAt: MADE_AT, profile: null });
    expect(await probe.ask(identity.getCooperative, { cooperativeId: mill.did })).toEqual(registered);
    const draft = await until('the announcement', async () => (await probe.sent(cooperativeAnnounced)).find(({ subject }) => subject === mill.did));
    const { statement, signature } = cooperativeAnnounced.body.parse(draft.body);
    expect(verifyDocument(nodeEd25519, { signer: mill.did, domain: 'sep/cooperative/v1', document: statement as Json, signature })).toBe(true);
    expect(statement.node_id).toBe(nodeIdOf('north'));
  });

  it('answers the same to everybody who repeats it, also at the same time, and announces it once', async () => {
    const ask = () => probe.ask(identity.registerCooperative, cooperativeOf(garden, 'Garden'), operator);
    const answers = [...await Promise.all(Array.from({ length: 6 }, ask)), await ask()];
    expect(answers).toEqual(answers.map(() => expect.objectContaining({ cooperativeId: garden.did, name: 'Garden' })));
    const after = cooperativeOf(walletOf('dairy'), 'Dairy');
    await probe.ask(identity.registerCooperative, after, operator);
    const drafts = await until('what was announced last', async () => {
      const sent = await probe.sent(cooperativeAnnounced);
      return sent.some(({ subject }) => subject === after.cooperativeId) && sent;
    });
    expect(drafts.filter(({ subject }) => subject === garden.did)).toHaveLength(1);
  });

  it.each([
    ['identity.bad_signature', 'the key of somebody else', cooperativeOf(mill, 'Mill', { by: bakery })],
    ['identity.bad_signature', 'a signature for another node', cooperativeOf(mill, 'Mill', { node: nodeIdOf('south') })],
    ['identity.bad_signature', 'a signature for another purpose', cooperativeOf(mill, 'Mill', { domain: 'sep/participant/v1' })],
    ['identity.bad_signature', 'another name than the signed one, before looking whether it exists', { ...input, name: 'Millers' }],
    ['identity.cooperative_exists', 'another statement', cooperativeOf(mill, 'Millers')],
    ['identity.cooperative_exists', 'the key of the operator', cooperativeOf(walletOf('operator north'), 'North')],
    ['message.malformed', 'a name that no database holds', cooperativeOf(walletOf('nul'), 'N\0ul')],
    ['message.malformed', 'a name of two lines', cooperativeOf(walletOf('lines'), 'Two\nlines')],
  ])('answers %s to %s', async (code, _what, wrong) => {
    await expect(probe.ask(identity.registerCooperative, wrong, operator)).rejects.toEqual(refusal(code));
    expect(await probe.ask(identity.getCooperative, { cooperativeId: mill.did })).toMatchObject({ name: 'Mill' });
  });

  it('answers identity.cooperative_unknown to a question about one that nobody announced', async () => {
    await expect(probe.ask(identity.getCooperative, { cooperativeId: walletOf('nobody').did })).rejects.toEqual(refusal('identity.cooperative_unknown'));
  });
});

describe('registering a participant', () => {
  const ana = walletOf('ana');
  const southern = walletOf('southern');

  beforeAll(async () => {
    await probe.deliver(nodeAnnounced, {
      node_id: nodeIdOf('south'), name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: walletOf('operator south').did,
      recovery_key_hash: null, protocol: 1,
    }, { issuer: nodeIdOf('south') });
    const statement = { cooperative_id: southern.did, node_id: nodeIdOf('south'), name: 'Southern', place: null, made_at: MADE_AT };
    await probe.deliver(cooperativeAnnounced, { statement, signature: southern.sign('sep/cooperative/v1', statement) }, { issuer: nodeIdOf('south') });
    await until('the southern cooperative', async () => (await probe.ask(identity.listCooperatives, {})).items.some(({ cooperativeId }) => cooperativeId === southern.did));
  });

  it('gives it an address at this node, and announces what its own key signed', async () => {
    const registered = await probe.ask(identity.registerParticipant, participantOf(ana, bakery), as(bakery, 'cooperative'));
    expect(registered).toEqual({
      participantId: ana.did, handle: 'ana', address: 'sep://ana@north.example', displayName: 'A Name', cooperativeId: bakery.did,
      homeNode: nodeIdOf('north'), isLocal: true, joinedAt: MADE_AT,
    });
    expect(await probe.ask(identity.getParticipant, { participantId: ana.did })).toEqual(registered);
    expect(await probe.ask(identity.registerParticipant, participantOf(ana, bakery), as(bakery, 'cooperative'))).toEqual(registered);
    await probe.ask(identity.registerParticipant, participantOf(walletOf('ben'), bakery), operator);
    const drafts = await until('both announcements', async () => {
      const sent = await probe.sent(participantAnnounced);
      return sent.length === 2 && sent;
    });
    expect(drafts.map(({ subject }) => subject)).toEqual([ana.did, walletOf('ben').did]);
    const { statement, signature } = participantAnnounced.body.parse(drafts[0]?.body);
    expect(verifyDocument(nodeEd25519, { signer: ana.did, domain: 'sep/participant/v1', document: statement, signature })).toBe(true);
  });

  // Each row puts one more thing right: all that follow are still wrong, so the table walks the refusals in their order.
  it.each([
    ['identity.bad_signature', participantOf(ana, southern, 'ben', { by: bakery }), as(mill, 'cooperative')],
    ['identity.bad_signature', participantOf(ana, southern, 'ben', { node: nodeIdOf('south') }), as(mill, 'cooperative')],
    ['identity.bad_signature', participantOf(ana, southern, 'ben', { domain: 'sep/cooperative/v1' }), as(mill, 'cooperative')],
    ['identity.cooperative_unknown', participantOf(ana, walletOf('nobody'), 'ben'), as(mill, 'cooperative')],
    ['identity.cooperative_unknown', participantOf(ana, southern, 'ben'), as(mill, 'cooperative')],
    ['identity.cooperative_unknown', participantOf(ana, walletOf('ben'), 'ben'), as(mill, 'cooperative')],
    ['identity.not_your_cooperative', participantOf(ana, bakery, 'ben'), as(mill, 'cooperative')],
    ['identity.not_your_cooperative', participantOf(ana, bakery, 'ben'), as(ana, 'participant')],
    ['identity.not_your_cooperative', participantOf(ana, bakery, 'ben'), null],
    ['identity.participant_exists', participantOf(ana, bakery, 'ben'), as(bakery, 'cooperative')],
    ['identity.participant_exists', participantOf(mill, bakery, 'ben'), as(bakery, 'cooperative')],
    ['identity.participant_exists', participantOf(walletOf('operator north'), bakery, 'ben'), as(bakery, 'cooperative')],
    ['identity.handle_taken', participantOf(walletOf('cal'), bakery, 'ben'), as(bakery, 'cooperative')],
  ])('answers %s first', async (code, input, caller) => {
    await expect(probe.ask(identity.registerParticipant, input, caller)).rejects.toEqual(refusal(code));
    const { items } = await probe.ask(identity.listParticipants, { cooperativeId: bakery.did });
    expect(items.map(({ handle }) => handle).sort()).toEqual(['ana', 'ben']);
  });

  it('refuses to make a cooperative of a participant', async () => {
    await expect(probe.ask(identity.registerCooperative, cooperativeOf(ana, 'Ana'), operator)).rejects.toEqual(refusal('identity.cooperative_exists'));
  });

  it('gives a handle to exactly one of those who ask at the same time', async () => {
    const names = ['wren 1', 'wren 2', 'wren 3', 'wren 4'].map(walletOf);
    const answers = await Promise.allSettled(names.map((wallet) => probe.ask(identity.registerParticipant, participantOf(wallet, mill, 'wren'), operator)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toEqual(refusal('identity.handle_taken'));
    expect((await probe.ask(identity.listParticipants, { cooperativeId: mill.did })).items).toHaveLength(1);
  });

  it('answers identity.participant_unknown to a question about one that nobody announced', async () => {
    await expect(probe.ask(identity.getParticipant, { participantId: walletOf('nobody').did })).rejects.toEqual(refusal('identity.participant_unknown'));
  });
});

describe('the listings', () => {
  it('give every party once, page by page, whatever the size of the pages', async () => {
    const whole = (await probe.ask(identity.listCooperatives, {})).items.map(({ cooperativeId }) => cooperativeId);
    expect(whole).toEqual([bakery, mill, garden, walletOf('dairy'), walletOf('southern')].map(({ did }) => did).sort());
    for (const limit of [1, 2, 3, 5]) {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: { cooperativeId: string }[]; nextCursor: string | null } =
          await probe.ask(identity.listCooperatives, { limit, ...(cursor !== null && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items.map(({ cooperativeId }) => cooperativeId));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(found).toEqual(whole);
    }
  });

  it('name all known nodes, this one marked', async () => {
    const { items } = await probe.ask(identity.listNodes, {});
    expect(items.map(({ domain, isSelf }) => [domain, isSelf]).sort()).toEqual([['north.example', true], ['south.example', false]]);
  });

  it.each([['nodes', identity.listNodes], ['cooperatives', identity.listCooperatives], ['participants', identity.listParticipants]] as const)(
    'of %s refuse a cursor they never gave', async (_what, operation) => {
      await expect(probe.ask(operation as typeof identity.listNodes, { cursor: 'bm90IGEga2V5' })).rejects.toEqual(refusal('message.malformed'));
    });
});
