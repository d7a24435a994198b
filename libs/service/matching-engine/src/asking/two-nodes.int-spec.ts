import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { federation, matching, type Caller } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { matchingEngineService } from '../index.js';
import { ScriptedFederation } from './scripted-federation.js';

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const window = { availableFrom: inDays(1), availableUntil: inDays(60) };
const asMember = (name: string): Caller => ({ did: walletOf(name).did, role: 'participant' });
const operator: Caller = { did: walletOf('operator').did, role: 'operator' };

/** A real engine of a node, linked to another one: what either asks, the other answers. */
class LinkedNode {
  readonly nodeId: string;
  readonly federation = new ScriptedFederation();
  probe!: ServiceProbe;

  constructor(name: string) { this.nodeId = nodeIdOf(name); }

  async start(): Promise<void> {
    this.probe = await ServiceProbe.start(this.federation.watching(matchingEngineService), { KULA_MATCHING_INTERVAL_SECONDS: '0', KULA_NODE_ID: this.nodeId });
    await this.federation.start();
  }

  async stop(): Promise<void> {
    await this.federation.stop();
    await this.probe?.stop();
  }

  async link(other: LinkedNode): Promise<void> {
    this.federation.peers.set(other.nodeId, async ({ kind, body }) => {
      const operation = kind === 'matching.details' ? matching.answerDetails : matching.answerCandidates;
      return (await other.probe.ask(operation, { asker: this.nodeId, body })).body;
    });
    await this.probe.emit(federation.peerChanged, { nodeId: other.nodeId, state: 'linked', previous: null, isOpen: true, changedAt: inDays(0) });
    await until('the peer', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.peer_standing')).length === 1);
  }

  /** Listings of a member that are only shown to those who ask. */
  async settle(name: string, gives: string, needs: string): Promise<string[]> {
    const publish = async (kind: 'offering' | 'need', capability: string) => (await this.probe.ask(matching.publishListing, {
      kind, capability, title: `${capability} of ${name}`, quantity: { amount: '3', unit: 'HOUR' }, ...window, visibility: 'query', reference: `${kind}-${capability}`,
    }, asMember(name))).listingId;
    return [await publish('offering', gives), await publish('need', needs)];
  }

  search() { return this.probe.ask(matching.runSearch, {}, operator); }

  async proposed() {
    await until('the outbox to be empty', async () => (await this.probe.sql('SELECT 1 FROM matching_engine.outbox_message WHERE published_at IS NULL')).length === 0);
    return this.probe.published(matching.ringSelected);
  }

  async rings() { return (await this.probe.ask(matching.listRings, { limit: 200 }, operator)).items; }
}

describe('two nodes that show listings only to each other', () => {
  const [north, south] = [new LinkedNode('north'), new LinkedNode('south')];
  const nodes = [north, south];
  beforeAll(async () => {
    for (const node of nodes) await node.start();
    await north.link(south);
    await south.link(north);
  }, 60_000);
  afterAll(async () => { for (const node of nodes) await node.stop(); });

  const forget = async () => {
    for (const { probe } of nodes) await probe.sql(['listing', 'listing_summary', 'proposed_ring', 'proposed_ring_listing', 'ring', 'disclosure', 'asker_use'].map((table) => `TRUNCATE matching_engine.${table} CASCADE`).join('; '));
  };

  it('find the same ring by asking, and one of them proposes it with both members known', async () => {
    const before = await Promise.all(nodes.map(async (node) => (await node.proposed()).length));
    const ids = { ana: await north.settle('ana', 'legal', 'food'), ben: await south.settle('ben', 'food', 'legal') };
    for (const node of nodes) expect(await node.search()).toMatchObject({ ringsFound: 1, ringsSelected: 1, peersAsked: 1, peersSilent: [] });
    const [ofNorth, ofSouth] = [await north.rings(), await south.rings()];
    expect(ofNorth.map(({ ringId, proposingNode }) => [ringId, proposingNode])).toEqual(ofSouth.map(({ ringId, proposingNode }) => [ringId, proposingNode]));
    const events = (await Promise.all(nodes.map(async (node, at) => (await node.proposed()).slice(before[at])))).flat();
    expect(events.map(({ ringId, proposingNode }) => [ringId, proposingNode])).toEqual([[ofNorth[0]?.ringId, ofNorth[0]?.proposingNode]]);
    expect(events[0]?.legs.map(({ providerId, description }) => [providerId, description]).sort()).toEqual([
      [walletOf('ana').did, 'legal of ana (for: legal of ben)'], [walletOf('ben').did, 'food of ben (for: food of ana)'],
    ].sort());
    const [told, asked] = events[0]?.proposingNode === north.nodeId ? [{ node: south, name: 'ben' }, north] as const : [{ node: north, name: 'ana' }, south] as const;
    for (const listingId of ids[told.name]) {
      const { items } = await told.node.probe.ask(matching.listDisclosures, { listingId }, asMember(told.name));
      expect(items.map(({ nodeId, told: what }) => [nodeId, what]).sort()).toEqual([[asked.nodeId, 'details'], [asked.nodeId, 'summary']]);
    }
    const unseen = told.node === south ? ids.ana : ids.ben;
    for (const listingId of unseen) {
      const { items } = await asked.probe.ask(matching.listDisclosures, { listingId }, asMember(told.node === south ? 'ana' : 'ben'));
      expect(items.map(({ told: what }) => what)).toEqual(['summary']);
    }
  });

  it('leave a ring to the one that sees what its own members give each other', async () => {
    await forget();
    const before = (await south.proposed()).length;
    await north.settle('ana', 'legal', 'food');
    await south.settle('ben', 'food', 'design');
    await south.settle('cal', 'design', 'legal');
    expect(await north.search()).toMatchObject({ ringsFound: 0, peersAsked: 1 });
    expect(await south.search()).toMatchObject({ ringsFound: 1, ringsSelected: 1 });
    const [event, ...others] = (await south.proposed()).slice(before);
    expect([event?.proposingNode, others]).toEqual([south.nodeId, []]);
    expect(event?.legs.map(({ providerId }) => providerId).sort()).toEqual(['ana', 'ben', 'cal'].map((name) => walletOf(name).did).sort());
  });

  it('find nothing any more once one of them has withdrawn', async () => {
    await forget();
    await north.settle('dia', 'music', 'dance');
    const [gives = ''] = await south.settle('eve', 'dance', 'music');
    await south.probe.ask(matching.withdrawListing, { listingId: gives }, asMember('eve'));
    for (const node of nodes) expect(await node.search()).toMatchObject({ ringsFound: 0, peersSilent: [] });
  });
});
