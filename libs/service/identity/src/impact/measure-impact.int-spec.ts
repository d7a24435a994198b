import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, federation, nodeAnnounced, participantAnnounced } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: walletOf('operator north').did,
};
const MADE_AT = '2027-01-01T00:00:00Z';
const [south, west] = [nodeIdOf('south'), nodeIdOf('west')];
const [millers, ben] = [walletOf('millers'), walletOf('ben')];
const impactOf = (nodeId: string) => probe.ask(federation.IMPACT_OPERATIONS.identity, { nodeId });
let probe: ServiceProbe;

describe('who of a node is known here', () => {
  beforeAll(async () => {
    probe = await ServiceProbe.start(identityService, SETTINGS);
    const of = { issuer: south };
    await probe.deliver(nodeAnnounced, {
      node_id: south, name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: walletOf('operator south').did, recovery_key_hash: null, protocol: 1,
    }, of);
    const cooperative = { cooperative_id: millers.did, node_id: south, name: 'Millers', place: null, made_at: MADE_AT };
    await probe.deliver(cooperativeAnnounced, { statement: cooperative, signature: millers.sign('sep/cooperative/v1', cooperative) }, of);
    const participant = { participant_id: ben.did, node_id: south, cooperative_id: millers.did, handle: 'ben', display_name: 'Ben', made_at: MADE_AT };
    await probe.deliver(participantAnnounced, { statement: participant, signature: ben.sign('sep/participant/v1', participant) }, of);
  });
  afterAll(async () => { await probe?.stop(); });

  it('are its members, by the addresses people know', async () => {
    const { items } = await until('the member to be known', async () => { const impact = await impactOf(south); return impact.items.length > 0 && impact; });
    expect(items).toEqual([{ what: 'members_affected', count: 1, sentence: '1 member in 1 cooperative of the node could not be reached.', examples: ['ben@south.example'] }]);
    expect((await impactOf(west)).items).toEqual([]);
  });
});
