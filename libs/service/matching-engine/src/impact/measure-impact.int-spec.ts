import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { ServiceProbe } from '@kula/testing-service-probe';
import { matchingEngineService } from '../matching-engine-service.js';

const [north, south, east, west] = ['north', 'south', 'east', 'west'].map(nodeIdOf);
const impactOf = (nodeId = south) => probe.ask(federation.IMPACT_OPERATIONS.matching, { nodeId: nodeId! });
let probe: ServiceProbe;

const listing = (id: string, home: string | undefined, state: string) => probe.sql(
  `INSERT INTO listing (listing_id, kind, participant_id, home_node, title, capability, amount, unit, free, available_from_ms, available_until_ms, delivery, visibility, state, published_at_ms, capacity_version, version)
   VALUES ($1, 'need', 'x', $2, $1, 'food', 1, 'PIECE', 1, 0, 1, 'remote', 'network', $3, 0, 0, 1)`, [id, home, state],
);
const summary = (id: string, home: string | undefined, validUntil: number | null) => probe.sql(
  `INSERT INTO listing_summary (listing_id, home_node, participant_ref, kind, capability, amount, unit, free, available_from_ms, available_until_ms, delivery, state, valid_until_ms)
   VALUES ($1, $2, 'x', 'need', 'food.bread', 1, 'PIECE', 1, 0, 1, 'remote', 'open', $3)`, [id, home, validUntil],
);

describe('which listings are bound up with a node', () => {
  beforeAll(async () => {
    probe = await ServiceProbe.start(matchingEngineService);
    for (const id of ['b', 'a']) await listing(id, south, 'open');
    await listing('c', south, 'withdrawn');
    await listing('d', east, 'open');
    await listing('e', north, 'open');
    await summary('f', south, null);
    await summary('g', south, 1);
  });
  afterAll(async () => { await probe?.stop(); });

  it('are its open ones, in full or in summary, without what it was only asked for', async () => {
    expect((await impactOf()).items).toEqual([{ what: 'listings_hidden', count: 3, sentence: expect.stringMatching(/^3 open listings/), examples: ['a', 'b', 'food.bread'] }]);
    expect((await impactOf(west)).items).toEqual([]);
  });
});
