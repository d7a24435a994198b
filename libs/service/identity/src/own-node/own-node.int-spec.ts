import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FederationOutbox } from '@kula/platform-federation';
import { openDataSource, Outbox, provisionDatabase, UnitOfWork } from '@kula/platform-persistence';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, type TestBackend } from '@kula/testing-servers';
import type { DataSource } from 'typeorm';
import { CreateIdentityTables1767261600000 } from '../migrations/1767261600000-create-identity-tables.js';
import { ExtendRegistry1767348000000 } from '../migrations/1767348000000-extend-registry.js';
import { NodeRepository } from '../registry/persistence/node.repository.js';
import { OwnNode } from './own-node.js';
import { OwnUpdateRepository } from './own-update.repository.js';

const NORTH = nodeIdOf('north');
const settings = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'https://north.example', KULA_OPERATOR_ID: walletOf('dia').did,
};

let backend: TestBackend;
let dataSource: DataSource;
beforeAll(async () => {
  backend = await startBackend();
  const url = await backend.databaseUrl('own_node');
  await provisionDatabase(url, { identity: 'secret' });
  dataSource = await openDataSource(url, { schema: 'identity', entities: [], migrations: [CreateIdentityTables1767261600000, ExtendRegistry1767348000000] });
});
afterAll(async () => {
  await dataSource?.destroy();
  await backend?.stop();
});
beforeEach(() => dataSource.query('TRUNCATE node, own_update, outbox_message CASCADE'));

const introduce = (change: Partial<typeof settings> = {}) =>
  OwnNode.introduce(NORTH, { ...settings, ...change }, {
    unitOfWork: new UnitOfWork(dataSource), nodes: new NodeRepository(), updates: new OwnUpdateRepository(), outbox: new FederationOutbox(new Outbox()),
  });
const announced = (nodeId: string, domain: string) => dataSource.query(
  'INSERT INTO node (node_id, name, domain, gateway_url, operator_id, announced_seq) VALUES ($1, $2, $3, $4, $5, 1)',
  [nodeId, 'announced', domain, 'https://announced.example', walletOf('dia').did],
);
/** What comes back from the log replaces what was there. */
const comesBack = (seq: number, name: string) => dataSource.query('UPDATE node SET announced_seq = $2, name = $3 WHERE node_id = $1', [NORTH, seq, name]);
const drafts = async () => (await dataSource.query<{ payload: { type: string; subject: string; body: { name: string } } }[]>(
  'SELECT payload FROM outbox_message ORDER BY position')).map(({ payload }) => payload);
const draftedNames = async () => (await drafts()).map(({ body }) => body.name);
const names = async () => (await dataSource.query<{ name: string }[]>('SELECT name FROM node')).map(({ name }) => name);

describe('a node that introduces itself', () => {
  it('follows its settings while it has not announced itself', async () => {
    expect(await introduce()).toEqual({ nodeId: NORTH, operatorId: walletOf('dia').did });
    await introduce({ KULA_NODE_NAME: 'Far North' });
    expect(await names()).toEqual(['Far North']);
  });

  it('drafts nothing while its log has not begun: that begins with the settings', async () => {
    await introduce();
    await introduce({ KULA_NODE_NAME: 'Far North' });
    expect(await drafts()).toEqual([]);
  });

  it('stays what it announced when its settings change afterwards, and drafts one update of it however often it starts', async () => {
    await announced(NORTH, 'north.example');
    await Promise.all([1, 2, 3].map(() => introduce({ KULA_NODE_NAME: 'Far North' })));
    await introduce({ KULA_NODE_NAME: 'Far North' });
    expect(await names()).toEqual(['announced']);
    expect(await drafts()).toEqual([expect.objectContaining({
      type: 'node.updated', subject: NORTH,
      body: { node_id: NORTH, name: 'Far North', domain: 'north.example', gateway_url: 'https://north.example', operator_id: walletOf('dia').did, protocol: 1 },
    })]);
  });

  it('drafts nothing where its log says what the settings say', async () => {
    await announced(NORTH, 'north.example');
    await introduce({ KULA_NODE_NAME: 'announced', KULA_GATEWAY_URL: 'https://announced.example' });
    expect(await drafts()).toEqual([]);
  });

  it('drafts the way back as well, also while the first update is on its way', async () => {
    await announced(NORTH, 'north.example');
    const back = { KULA_NODE_NAME: 'announced', KULA_GATEWAY_URL: 'https://announced.example' };
    await introduce({ ...back, KULA_NODE_NAME: 'Far North' });
    await introduce(back);
    await comesBack(7, 'Far North');
    await comesBack(8, 'announced');
    await introduce(back);
    expect(await draftedNames()).toEqual(['Far North', 'announced']);
    await introduce({ ...back, KULA_NODE_NAME: 'Far North' });
    expect(await draftedNames()).toEqual(['Far North', 'announced', 'Far North']);
  });

  it('does not start with the domain of a known peer', async () => {
    await announced(nodeIdOf('south'), 'north.example');
    await expect(introduce()).rejects.toThrow(/KULA_NODE_DOMAIN: a known peer holds north\.example/);
    expect(await names()).toEqual(['announced']);
  });

  it('neither drafts nor starts where a known peer holds the domain that it wants to move to', async () => {
    await announced(NORTH, 'north.example');
    await announced(nodeIdOf('south'), 'south.example');
    await expect(introduce({ KULA_NODE_DOMAIN: 'south.example' })).rejects.toThrow(/KULA_NODE_DOMAIN: a known peer holds south\.example/);
    expect(await drafts()).toEqual([]);
  });
});

describe('the identity tables', () => {
  const tables = async () => (await dataSource.query<{ tablename: string }[]>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'identity' AND tablename IN ('party', 'registry_term') ORDER BY 1`)).map(({ tablename }) => tablename);

  it('can be taken down and made again', async () => {
    await dataSource.undoLastMigration();
    expect(await tables()).toEqual(['party']);
    await dataSource.undoLastMigration();
    expect(await tables()).toEqual([]);
    await dataSource.runMigrations();
    expect(await tables()).toEqual(['party', 'registry_term']);
  });

  it('make what was there before searchable', async () => {
    await dataSource.undoLastMigration();
    await announced(nodeIdOf('south'), 'south.example');
    const mill = walletOf('mill').did;
    await dataSource.query(`INSERT INTO party (did, kind, home_node, statement_hash, signature, made_at) VALUES ($1, 'cooperative', $2, 'h', 's', 'm')`, [mill, nodeIdOf('south')]);
    await dataSource.query(`INSERT INTO cooperative (cooperative_id, home_node, name, place) VALUES ($1, $2, 'Mühle', 'Riverside')`, [mill, nodeIdOf('south')]);
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT party_id, field, term FROM registry_term ORDER BY party_id, field, term')).toEqual([
      ...['announced', 'example', 'south'].map((term) => ({ party_id: '', field: 'name', term })),
      { party_id: mill, field: 'name', term: 'muhle' }, { party_id: mill, field: 'place', term: 'riverside' },
    ]);
  });
});
