import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identity, keyRecovered, keyRotated, nodeAnnounced, nodeUpdated } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: walletOf('dia').did,
};
const NORTH = nodeIdOf('north');

let probe: ServiceProbe;
beforeAll(async () => { probe = await ServiceProbe.start(identityService, SETTINGS); });
afterAll(() => probe.stop());

const words = (name: string, domain: string) => ({ name, domain, gateway_url: `https://${domain}`, operator_id: walletOf(`operator ${name}`).did, protocol: 1 as const });
const announce = (issuer: string, name: string, domain: string, seq = 1) => probe.deliver(nodeAnnounced, { node_id: issuer, ...words(name, domain), recovery_key_hash: null }, { issuer, seq });
const update = (issuer: string, name: string, domain: string, seq: number, node = issuer) => probe.deliver(nodeUpdated, { node_id: node, ...words(name, domain) }, { issuer, seq });
const key = { public_key: 'A'.repeat(43), recovery_key_hash: null, proof: 'A'.repeat(86) };
const rotate = (issuer: string, keyNo: number, seq: number) => probe.deliver(keyRotated, { node_id: issuer, key_no: keyNo, ...key }, { issuer, seq });
const recover = (issuer: string, keyNo: number, seq: number) =>
  probe.deliver(keyRecovered, { node_id: issuer, key_no: keyNo, ...key, recovery_public_key: 'A'.repeat(43), recovery_signature: 'A'.repeat(86) }, { issuer, seq });
const record = (nodeId: string) => probe.ask(identity.findNode, { nodeId });

/** Waits until everything delivered so far has been taken in: one consumer takes the entries in order. */
async function settled(): Promise<void> {
  const { issuer, seq } = await probe.deliver(nodeAnnounced, { node_id: nodeIdOf('marker'), ...words('Marker', 'marker.example'), recovery_key_hash: null }, { issuer: nodeIdOf('marker') });
  await until('the marker', async () => (await probe.sql('SELECT 1 FROM inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length > 0);
}

describe('an update of a node', () => {
  it('replaces name, domain, address and operator, stays over a restart and frees the old domain', async () => {
    const [mover, heir] = [nodeIdOf('mover'), nodeIdOf('heir')];
    await announce(mover, 'Old', 'old.example');
    await update(mover, 'New', 'new.example', 4);
    await announce(heir, 'Heir', 'old.example');
    await settled();
    const updated = { nodeId: mover, name: 'New', domain: 'new.example', gatewayUrl: 'https://new.example', operatorId: walletOf('operator New').did, isSelf: false };
    expect(await record(mover)).toMatchObject(updated);
    expect(await record(heir)).toMatchObject({ domain: 'old.example', disputedClaims: 0 });
    await probe.restart();
    expect(await record(mover)).toMatchObject(updated);
    expect((await probe.ask(identity.listNodes, {})).items).toContainEqual(expect.objectContaining(updated));
  });

  it('of a later place wins in whatever order they come, and an earlier one claims nothing', async () => {
    const [late, holder] = [nodeIdOf('late'), nodeIdOf('holder')];
    await update(late, 'Latest', 'latest.example', 9);
    await announce(holder, 'Holder', 'earlier.example');
    await update(late, 'Earlier', 'earlier.example', 5);
    await announce(late, 'First', 'first.example', 1);
    await settled();
    expect(await record(late)).toMatchObject({ name: 'Latest', domain: 'latest.example', disputedClaims: 0 });
    expect(await probe.sql('SELECT 1 FROM refused_entry WHERE entry_id LIKE $1', [`${late}:%`])).toEqual([]);
  });

  it('changes nothing where another node says it, after the genuine one has passed', async () => {
    const [genuine, forger] = [nodeIdOf('genuine'), nodeIdOf('forger')];
    await announce(genuine, 'Genuine', 'genuine.example');
    await announce(forger, 'Forger', 'forger.example');
    await update(genuine, 'Genuine Still', 'genuine.example', 2);
    await update(forger, 'Stolen', 'stolen.example', 2, genuine);
    await settled();
    expect(await record(genuine)).toMatchObject({ name: 'Genuine Still', domain: 'genuine.example' });
    expect(await record(forger)).toMatchObject({ name: 'Forger', disputedClaims: 1 });
  });
});

describe('the key of a node', () => {
  it('is the first one until an entry says otherwise, and then the one of the last entry, whatever the order and the repetitions', async () => {
    const [steady, rotating] = [nodeIdOf('steady'), nodeIdOf('rotating')];
    await announce(steady, 'Steady', 'steady.example');
    await rotate(rotating, 2, 3);
    await recover(rotating, 4, 8);
    await rotate(rotating, 3, 6);
    await recover(rotating, 4, 8);
    await announce(rotating, 'Rotating', 'rotating.example');
    await settled();
    expect([(await record(steady)).keyNo, (await record(rotating)).keyNo]).toEqual([1, 4]);
  });
});

describe('this node', () => {
  it('sends one update to its log where that says something else than its settings, however often it starts', async () => {
    await announce(NORTH, 'Far North', 'north.example');
    await settled();
    await probe.restart();
    await probe.restart();
    const settings = { node_id: NORTH, name: 'North', domain: 'north.example', gateway_url: 'http://127.0.0.1:4000', operator_id: walletOf('dia').did, protocol: 1 };
    const [draft] = await until('the update', async () => {
      const sent = await probe.sent(nodeUpdated);
      return sent.length > 0 && sent;
    });
    expect(draft).toMatchObject({ topic: 'announce', subject: NORTH, body: settings });
    expect(await record(NORTH)).toMatchObject({ name: 'Far North' });
    await probe.deliver(nodeUpdated, nodeUpdated.body.parse(draft?.body), { issuer: NORTH, seq: 2 });
    await until('the update to come back', async () => (await record(NORTH)).name === 'North');
    await probe.restart();
    expect(await probe.sql(`SELECT 1 FROM outbox_message WHERE payload ->> 'type' = 'node.updated'`)).toHaveLength(1);
  });
});
