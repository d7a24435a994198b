import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { ServiceProbe } from '@kula/testing-service-probe';
import { clearingService } from '../clearing-service.js';

const [north, south, east, west] = ['north', 'south', 'east', 'west'].map(nodeIdOf);
const impactOf = (nodeId = south) => probe.ask(federation.IMPACT_OPERATIONS.clearing, { nodeId: nodeId! });
let probe: ServiceProbe;

describe('what is owed with a node', () => {
  beforeAll(async () => {
    probe = await ServiceProbe.start(clearingService);
    const parties = [['ana', north], ['ben', south], ['cal', east]].map(([cooperative, homeNode]) => ({ cooperative, homeNode }));
    await probe.sql(`INSERT INTO arrangement VALUES ('agreed', 'active', 'HOUR', 0, $1, '{ana,ben,cal}', 1)`, [JSON.stringify(parties)]);
    for (const [id, debtor, creditor, remaining] of [['1', 'ana', 'ben', 5], ['2', 'ben', 'cal', 5], ['3', 'cal', 'ana', 5], ['4', 'ana', 'ben', 0]]) {
      await probe.sql(
        `INSERT INTO obligation VALUES ($1, 'agreed', $2, $3, 5, $4::numeric, '{}', 'x', $2, 's', 1, 's', 1, CASE WHEN $4::numeric = 0 THEN 'discharged' ELSE 'open' END, NULL, 1)`,
        [id, debtor, creditor, remaining],
      );
    }
  });
  afterAll(async () => { await probe?.stop(); });

  it('are obligations that are not discharged and have a party of the node', async () => {
    expect((await impactOf()).items).toEqual([{ what: 'open_obligations', count: 2, sentence: expect.stringMatching(/^2 obligations/), examples: ['1', '2'] }]);
    expect((await impactOf(west)).items).toEqual([]);
  });
});
