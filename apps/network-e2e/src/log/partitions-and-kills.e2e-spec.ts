import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditWhen } from './audit.js';
import { extent, MINUTES, timed } from './extent.js';
import { LogNetwork } from './log-network.js';
import type { LogNode } from './log-node.js';
import { until } from './until.js';

/** Entries that each side writes while the link is cut. */
const PARTED = extent(1_000, 10_000);
const KILLS = 3;

describe('three nodes, one of them reached through a relay only', () => {
  let log: LogNetwork;
  let north: LogNode;
  let middle: LogNode;
  let south: LogNode;

  const audit = (what: string) => auditWhen(what, { honest: log.nodes });
  /** Every node drafts; once the struck node seals, it is struck. */
  const strike = async (node: LogNode, drafts: number, blow: (struck: LogNode) => Promise<void>) => {
    const before = await node.held(node.nodeId);
    const drafting = Promise.all(log.nodes.map((each) => each.draft(drafts)));
    await until(`${node.name} to seal`, async () => (await node.held(node.nodeId)) > before);
    await blow(node);
    await drafting;
  };

  beforeAll(async () => {
    log = await timed('start', async () => LogNetwork.start({ names: ['north', 'middle', 'south'], links: [['north', 'middle'], ['middle', 'south']], view: 'all', durable: true }));
    [north, middle, south] = [log.node('north'), log.node('middle'), log.node('south')];
  }, 5 * MINUTES);
  afterAll(async () => { await log?.stop(); }, MINUTES);

  it('hold the same after a cut during which both sides went on writing', async () => {
    await Promise.all(log.nodes.map((node) => node.draft(10)));
    await audit('before the cut');
    log.network.cut('north', 'middle');
    await timed('drafting', () => Promise.all([north.draft(PARTED), south.draft(PARTED)]));
    await timed('sealing', () => until('both sides to have sealed', async () => (await middle.held(south.nodeId)) === PARTED + 10 && (await north.held(north.nodeId)) === PARTED + 10));
    expect(await middle.held(north.nodeId)).toBe(10);
    expect(await north.held(south.nodeId)).toBe(10);
    log.network.heal('north', 'middle');
    await timed('convergence of the logs after the heal', () => until('the logs to be everywhere', async () => (await north.held(south.nodeId)) === PARTED + 10 && (await south.held(north.nodeId)) === PARTED + 10));
    await audit('after the heal');
  }, 15 * MINUTES);

  it('lose nothing when nats-server is killed while entries are being published', async () => {
    for (const node of [north, middle, south]) await strike(node, extent(300, 3_000), (struck) => struck.crash('nats'));
    await audit('after kills of nats-server');
  }, 15 * MINUTES);

  it('lose nothing when the federation service is killed in the middle of a batch', async () => {
    for (const node of [north, middle, middle]) await strike(node, extent(300, 4_000), (struck) => struck.crash('federation'));
    await audit('after kills of the federation service');
  }, 15 * MINUTES);

  it('apply an entry once though the consumer is killed inside its transaction', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await north.draft(30);
      await north.draft(1, { holdMs: 2_000 });
      await north.draft(30);
      await until('the consumer to be inside a transaction', async () => (await south.number('counting',
        'SELECT count(*) AS number FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() AND state = \'active\' AND query LIKE \'SELECT pg_sleep%\'')) > 0);
      await south.crash('counting');
    }
    await audit('after kills of the consumer');
  }, 15 * MINUTES);

  it('lose nothing when Postgres is killed while entries are sealed, stored and applied', async () => {
    for (const node of [north, middle]) await strike(node, extent(300, 3_000), (struck) => struck.crash('postgres'));
    await audit('after kills of Postgres');
  }, 15 * MINUTES);
});
