import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { ServiceProbe } from '@kula/testing-service-probe';
import { exchangeManagerService } from '../exchange-manager-service.js';

const [north, south, east, west] = ['north', 'south', 'east', 'west'].map(nodeIdOf);
const impactOf = (nodeId = south) => probe.ask(federation.IMPACT_OPERATIONS.exchange, { nodeId: nodeId! });
let probe: ServiceProbe;

/** A replica as far as the measure looks at it. */
const ring = (chainId: string, state: string, homes: readonly (string | undefined)[]) => probe.sql(
  `INSERT INTO chain (chain_id, version, proposing_node, terms_hash, consent_deadline, state, decision, lease, member_count, certified_count, home_node_count, held_count, replica)
   VALUES ($1, 1, 'x', 'x', now(), $2, $3, 'none', 2, $4, 2, $4, $5)`,
  [chainId, state, state === 'executing' || state === 'completed' ? 'commit' : null, state === 'executing' || state === 'completed' ? 2 : 0,
    JSON.stringify({ terms: { participants: homes.flatMap((home) => ['provider', 'recipient'].map((role) => ({ participant_id: `member of ${home}`, home_node: home, role }))) } })],
);

describe('what of the rings is bound up with a node', () => {
  beforeAll(async () => {
    probe = await ServiceProbe.start(exchangeManagerService);
    await ring('a', 'proposed', [north, south]);
    await ring('b', 'executing', [north, south, east]);
    await ring('c', 'completed', [north, south]);
    await ring('d', 'proposed', [north, east]);
  });
  afterAll(async () => { await probe?.stop(); });

  it('are rings that have not ended and the own members in them', async () => {
    expect((await impactOf()).items).toEqual([
      { what: 'open_chains', count: 2, sentence: expect.stringMatching(/^2 rings that have not ended/), examples: ['a', 'b'] },
      { what: 'members_affected', count: 1, sentence: expect.stringMatching(/^1 member of this node/), examples: [`member of ${north}`] },
    ]);
    expect((await impactOf(west)).items).toEqual([]);
  });
});
