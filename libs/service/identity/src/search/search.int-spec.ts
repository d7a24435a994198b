import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, cooperativeProfiled, identity, nodeAnnounced, nodeUpdated } from '@kula/contracts';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import type { z } from 'zod';
import { identityService } from '../identity-service.js';

const operator = walletOf('dia').did;
const SETTINGS = { KULA_NODE_NAME: 'Nördlingen', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: operator };

type Search = z.input<typeof identity.searchRegistry.input>;
type Page = z.output<typeof identity.searchRegistry.output>;
interface Profile { place?: string; capabilities?: string[]; units?: string[]; madeAt?: string }

let probe: ServiceProbe;
const nodeWords = (node: string, name: string, domain: string) =>
  ({ node_id: nodeIdOf(node), name, domain, gateway_url: `https://${domain}`, operator_id: operator, protocol: 1 as const });
const announceNode = (node: string, name: string, domain: string) => probe.deliver(nodeAnnounced, { ...nodeWords(node, name, domain), recovery_key_hash: null }, { issuer: nodeIdOf(node) });

function announceCooperative(node: string, name: string, place: string | null) {
  const wallet = walletOf(name);
  const statement = { cooperative_id: wallet.did, node_id: nodeIdOf(node), name, place, made_at: '2020-01-01T00:00:00Z' };
  return probe.deliver(cooperativeAnnounced, { statement, signature: wallet.sign('sep/cooperative/v1', statement) }, { issuer: nodeIdOf(node) });
}

function announceProfile(node: string, name: string, { place, capabilities = [], units = [], madeAt = '2020-01-01T00:00:00Z' }: Profile) {
  const wallet = walletOf(name);
  const statement = {
    cooperative_id: wallet.did, node_id: nodeIdOf(node), description: null, place: place ?? null, capabilities, units, contact: null, made_at: madeAt,
  };
  return probe.deliver(cooperativeProfiled, { statement, signature: wallet.sign('sep/cooperative-profile/v1', statement) }, { issuer: nodeIdOf(node) });
}

/** Waits until everything delivered so far has been taken in: one consumer takes the entries in order. */
async function settled(): Promise<void> {
  const { issuer, seq } = await announceNode('south', 'South Coast', 'coast.example');
  await until('the last entry', async () => (await probe.sql('SELECT 1 FROM inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length > 0);
}

const search = (query: Search) => probe.ask(identity.searchRegistry, query);
const nameOf = ({ cooperative, node }: Page['items'][number]) => cooperative?.name ?? node?.name ?? '';
const found = async (query: Search) => (await search({ limit: 200, ...query })).items.map(nameOf).sort();

beforeAll(async () => {
  probe = await ServiceProbe.start(identityService, SETTINGS);
  await settled();
  await announceCooperative('south', 'Bäckerei Sonne', 'Zürich');
  await announceCooperative('south', 'Sun Bakery', 'Riverside');
  await announceCooperative('south', 'Orchard', null);
  await announceNode('west', 'West Bakers', 'west.example');
  await announceCooperative('west', 'Carpenters', 'Riverside West');
  await announceProfile('south', 'Sun Bakery', { place: 'Harbour', capabilities: ['food.bread'], units: ['KGM'] });
  await announceProfile('south', 'Orchard', { capabilities: ['food.fruit.apples', 'care'], units: ['KGM', 'HOUR'] });
  await announceProfile('west', 'Carpenters', { capabilities: ['craft.wood'], units: ['HOUR'] });
  await settled();
});
afterAll(() => probe.stop());

const EVERYBODY = ['Bäckerei Sonne', 'Carpenters', 'Nördlingen', 'Orchard', 'South Coast', 'Sun Bakery', 'West Bakers'];

describe('a search of the registry', () => {
  it.each<[Search, string[]]>([
    [{}, EVERYBODY],
    [{ text: 'baker' }, ['Sun Bakery', 'West Bakers']], [{ text: 'BACKEREI' }, ['Bäckerei Sonne']], [{ text: 'bäck' }, ['Bäckerei Sonne']],
    [{ text: 'sonne bäck' }, ['Bäckerei Sonne']], [{ text: 'su' }, ['Sun Bakery']], [{ text: 'akery' }, []], [{ text: 'nordl' }, ['Nördlingen']],
    [{ text: 'north.ex' }, ['Nördlingen']], [{ text: 'coast' }, ['South Coast']], [{ text: '%' + 'a' }, []], [{ text: '_a' }, []],
    [{ place: 'river' }, ['Carpenters', 'South Coast', 'Sun Bakery', 'West Bakers']], [{ place: 'Riverside west' }, ['Carpenters', 'West Bakers']],
    [{ place: 'zurich' }, ['Bäckerei Sonne', 'South Coast']], [{ place: 'harbour', kind: 'cooperative' }, ['Sun Bakery']],
    [{ capability: 'food' }, ['Orchard', 'South Coast', 'Sun Bakery']], [{ capability: 'food.fruit' }, ['Orchard', 'South Coast']], [{ capability: 'food.fr' }, []],
    [{ capability: 'food', kind: 'node' }, ['South Coast']], [{ unit: 'HOUR', kind: 'cooperative' }, ['Carpenters', 'Orchard']], [{ unit: 'HOUR', capability: 'food' }, ['Orchard', 'South Coast']],
    [{ text: 'sun', place: 'harbour', capability: 'food.bread', unit: 'KGM', kind: 'cooperative' }, ['Sun Bakery']], [{ text: 'sun', unit: 'HOUR' }, []],
    [{ kind: 'node' }, ['Nördlingen', 'South Coast', 'West Bakers']],
  ])('for %j finds %j', async (query, expected) => { expect(await found(query)).toEqual(expected); });

  it('answers with the records as they are read otherwise', async () => {
    const { items: [cooperative] } = await search({ text: 'sun' });
    expect(cooperative).toEqual({ kind: 'cooperative', node: null, cooperative: await probe.ask(identity.getCooperative, { cooperativeId: walletOf('Sun Bakery').did }) });
    const { items: [node] } = await search({ text: 'coast' });
    expect(node).toEqual({ kind: 'node', cooperative: null, node: await probe.ask(identity.findNode, { nodeId: nodeIdOf('south') }) });
  });

  it.each<Search>([{}, { place: 'river' }, { kind: 'node' }, { kind: 'cooperative' }])('gives what %j finds once, page by page, cooperatives before nodes', async (query) => {
    const whole = (await search({ limit: 200, ...query })).items;
    expect(whole.map(({ kind }) => kind)).toEqual(whole.map(({ kind }) => kind).sort());
    for (const limit of [1, 2, 3, 4, 7]) {
      const pages: Page['items'] = [];
      let cursor: string | null = null;
      do {
        const page: Page = await search({ limit, ...query, ...(cursor !== null && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        pages.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null && pages.length <= whole.length);
      expect(pages).toEqual(whole);
    }
  });

  it.each<[string, object]>([
    ['a text without a word', { text: '…' }], ['nine words', { text: 'a b c d e f g h i' }], ['a capability that is none', { capability: 'Food' }], ['another kind', { kind: 'participant' }],
    ['a cursor of another listing', { cursor: 'bm90IGEga2V5' }],
  ])('refuses %s', async (_what, query) => {
    await expect(search(query as Search)).rejects.toEqual(expect.objectContaining({ code: 'message.malformed' }));
  });

  it('follows what changes, and forgets what is said no more', async () => {
    await announceProfile('south', 'Orchard', { place: 'Hilltop', capabilities: ['care'], madeAt: '2020-01-02T00:00:00Z' });
    await probe.deliver(nodeUpdated, nodeWords('west', 'Western Carpenters', 'west.example'), { issuer: nodeIdOf('west') });
    await settled();
    expect(await found({ capability: 'food.fruit' })).toEqual([]);
    expect(await found({ place: 'hill', capability: 'care' })).toEqual(['Orchard', 'South Coast']);
    expect([await found({ text: 'west bakers' }), await found({ text: 'west carp' })]).toEqual([[], ['Western Carpenters']]);
    await probe.restart();
    expect(await found({ text: 'west carp' })).toEqual(['Western Carpenters']);
  });
});
