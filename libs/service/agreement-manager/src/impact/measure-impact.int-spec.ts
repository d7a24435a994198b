import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { ServiceProbe } from '@kula/testing-service-probe';
import { agreementManagerService } from '../agreement-manager-service.js';

const [north, south, east, west] = ['north', 'south', 'east', 'west'].map(nodeIdOf);
const impactOf = (nodeId = south) => probe.ask(federation.IMPACT_OPERATIONS.agreement, { nodeId: nodeId! });
let probe: ServiceProbe;

const agreement = (id: string, state: string, homes: readonly (string | undefined)[]) => probe.sql(
  `INSERT INTO agreement (agreement_id, state, terms, terms_hash, drafted_by, is_proposed, signatures, actions, parties, version) VALUES ($1, $2, $3, 'x', 'x', $4, '[]', '[]', '{}', 1)`,
  [id, state, JSON.stringify({ parties: homes.map((home) => ({ cooperative_id: `of ${home}`, home_node: home })) }), state !== 'draft'],
);

describe('which agreements are bound up with a node', () => {
  beforeAll(async () => {
    probe = await ServiceProbe.start(agreementManagerService);
    await agreement('a', 'active', [north, south]);
    await agreement('b', 'suspended', [south, south]);
    await agreement('c', 'terminated', [north, south]);
    await agreement('d', 'draft', [north, south]);
    await agreement('e', 'active', [north, east]);
  });
  afterAll(async () => { await probe?.stop(); });

  it('are those that are open and have a party there, each once', async () => {
    expect((await impactOf()).items).toEqual([{ what: 'open_agreements', count: 2, sentence: expect.stringMatching(/^2 agreements/), examples: ['a', 'b'] }]);
    expect((await impactOf(west)).items).toEqual([]);
  });
});
