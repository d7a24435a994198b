import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeptFolder } from '@kula/testing-dev-network';
import { auditWhen } from './audit.js';
import { extent, MINUTES, timed } from './extent.js';
import { LogNetwork } from './log-network.js';
import type { LogNode } from './log-node.js';

const WRITTEN = extent(150, 3_000);

describe('a node put back to an older state of its disks', () => {
  let log: LogNetwork;
  let north: LogNode;
  let others: readonly LogNode[];

  const audit = (what: string) => auditWhen(what, { honest: log.nodes });

  beforeAll(async () => {
    // Checkpoints come often: what comes back reaches over several of them.
    log = await timed('start', () => LogNetwork.start({ names: ['north', 'south', 'east'], settings: { KULA_CHECKPOINT_ENTRIES: '100' } }));
    north = log.node('north');
    others = log.nodes.filter((node) => node !== north);
    await Promise.all(log.nodes.map((node) => node.draft(60)));
    await audit('before the copy');
    await north.node.stop();
    await north.node.copyAside('early', ['postgres', 'nats']);
    await north.startWhole();
    await Promise.all(log.nodes.map((node) => node.draft(WRITTEN)));
    await audit('after the copy');
  }, 10 * MINUTES);
  afterAll(async () => { await log?.stop(); }, MINUTES);

  it.each<[string, readonly KeptFolder[]]>([
    ['Postgres alone', ['postgres']],
    ['Postgres and JetStream', ['postgres', 'nats']],
    ['JetStream alone', ['nats']],
  ])('gets everything back from its peers and gives no number twice: %s', async (_, folders) => {
    const signed = await entriesOf(north, others[0]!);
    await north.crashWhole();
    await north.node.putBack('early', folders);
    await Promise.all(others.map((node) => node.draft(WRITTEN)));
    await north.startWhole();
    await north.draft(20);
    await audit(`restored ${folders.join(' and ')}`);
    for (const node of log.nodes) {
      const now = await entriesOf(north, node);
      expect(signed.filter((entry, index) => now[index] !== entry)).toEqual([]);
      expect(await node.number('federation', 'SELECT count(*) AS number FROM equivocation')).toBe(0);
    }
  }, 12 * MINUTES);
});

/** The log of an issuer as another node holds it. */
async function entriesOf(issuer: LogNode, holder: LogNode): Promise<string[]> {
  const rows = await holder.rows<{ seq: string; hash: string }>('federation', 'SELECT seq, hash FROM entry WHERE issuer = $1 ORDER BY seq', [issuer.nodeId]);
  return rows.map(({ seq, hash }) => `${seq} ${hash}`);
}
