import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contracts } from '@kula/testing-story';
import { mustBeEqual, NetworkOfThree, outcomeOf } from './network-of-three.js';

const MINUTES = 60_000;

describe('the story between three nodes', () => {
  let three: NetworkOfThree;
  let told: Awaited<ReturnType<NetworkOfThree['play']>>;

  beforeAll(async () => {
    three = await NetworkOfThree.start();
    told = await three.play(async ({ name }) => {
      // The link between two nodes is away while listings are published, and heals in the middle.
      if (name !== 'publish') return;
      three.network.cut('north', 'east');
      setTimeout(() => three.network.heal('north', 'east'), 2_000);
    });
  }, 5 * MINUTES);
  afterAll(async () => { await three?.stop(); });

  it('leaves every node with the same log, members, listings, agreement and clearing result', () => {
    const [first, ...others] = mustBeEqual(told);
    for (const other of others) expect(other).toEqual(first);
    expect(outcomeOf(told)).toMatchObject({ participants: 12, networkListings: 26, agreement: 'active' });
  });

  it('commits and completes exactly the rings that serve most people', async () => {
    const { chains } = outcomeOf(told);
    expect(Object.values(chains)).toEqual(['completed', 'completed', 'completed', 'completed']);
    const { cast } = told.stage;
    const members = await Promise.all(['alice', 'emil', 'lea', 'ivo', 'kim'].map(async (key) => (await cast.actor(key).client.all('/v1/chains', contracts.exchange.listChains)).length));
    expect(members).toEqual([2, 1, 1, 0, 0]);
  });

  it('closes the ring of the seed document across nodes: Alice to Carol to Bob to Alice', async () => {
    const { cast } = told.stage;
    const chains = await cast.actor('alice').client.all('/v1/chains', contracts.exchange.listChains);
    const chain = chains.find(({ legs: { length } }) => length === 3);
    const legs = chain?.legs.map(({ providerId, recipientId }) => `${cast.byDid(providerId).key} to ${cast.byDid(recipientId).key}`).sort();
    expect(legs).toEqual(['alice to carol', 'bob to alice', 'carol to bob']);
    expect(chain?.consents).toHaveLength(3);
    expect(chain?.acknowledgements.map(({ status }) => status)).toEqual(['held', 'held']);
  });

  it('nets the seed\'s example to 60, not 120, at every node', async () => {
    const { cast } = told.stage;
    for (const actor of cast.cooperatives) {
      const { result, state } = await actor.client.get(`/v1/clearing-runs/${cast.dataset.clearingRun}`, contracts.clearing.getClearingRun);
      const name = (did: string) => cast.byDid(did).key;
      expect([state, result?.grossTotal, result?.cleared, result?.netTotal]).toEqual(['settled', '240', '180', '60']);
      expect(Object.fromEntries(result?.remaining.map(({ debtor, creditor, after }) => [`${name(debtor)} to ${name(creditor)}`, after]) ?? []))
        .toEqual({ 'harbour to valley': '40', 'valley to hill': '20', 'hill to harbour': '0' });
      expect(Object.fromEntries(result?.positions.map(({ party, position }) => [name(party), position]) ?? [])).toEqual({ harbour: '-40', valley: '20', hill: '20' });
    }
  });

  it('keeps a listing of visibility "node" at home', async () => {
    const { cast } = told.stage;
    const counts = await Promise.all(cast.nodes.map(async (node) => {
      const listings = await cast.operatorOf(node).all('/v1/listings', contracts.matching.listListings);
      return listings.filter(({ visibility }) => visibility === 'node').length;
    }));
    expect(counts).toEqual([0, 0, 1]);
  });

  it('moves what nodes assume of members and of each other', async () => {
    const { cast } = told.stage;
    const north = cast.operatorOf(cast.nodeNamed('north'));
    const bob = await north.get(`/v1/participants/${cast.actor('bob').did}/trust`, contracts.trust.getTrustProfile);
    const kim = await north.get(`/v1/participants/${cast.actor('kim').did}/trust`, contracts.trust.getTrustProfile);
    expect(bob).toMatchObject({ source: 'attested', exchangesCompleted: 2, satisfactionRate: 1_000_000 });
    expect(bob.standing).toBeGreaterThan(kim.standing);
    const credited = await north.all('/v1/node-credibility', contracts.trust.listNodeCredibility);
    expect(credited.find(({ nodeId }) => nodeId === cast.nodeNamed('south').nodeId)?.credibility).toBeGreaterThan(500_000);
  });

  it('may be played again without changing anything', async () => {
    const before = mustBeEqual(told);
    expect(mustBeEqual(await three.play())).toEqual(before);
  }, 2 * MINUTES);
});
