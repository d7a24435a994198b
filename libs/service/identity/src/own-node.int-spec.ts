import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataSource, provisionDatabase, UnitOfWork } from '@kula/platform-persistence';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { startBackend, type TestBackend } from '@kula/testing-servers';
import type { DataSource } from 'typeorm';
import { CreateIdentityTables1767261600000 } from './migrations/1767261600000-create-identity-tables.js';
import { OwnNode } from './own-node.js';
import { NodeRepository } from './registry/persistence/node.repository.js';

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
  dataSource = await openDataSource(url, { schema: 'identity', entities: [], migrations: [CreateIdentityTables1767261600000] });
});
afterAll(async () => {
  await dataSource?.destroy();
  await backend?.stop();
});
beforeEach(() => dataSource.query('DELETE FROM node'));

const introduce = (change: Partial<typeof settings> = {}) =>
  OwnNode.introduce(NORTH, { ...settings, ...change }, { unitOfWork: new UnitOfWork(dataSource), nodes: new NodeRepository() });
const announced = (nodeId: string, domain: string) => dataSource.query(
  'INSERT INTO node (node_id, name, domain, gateway_url, operator_id, announced_seq) VALUES ($1, $2, $3, $4, $5, 1)',
  [nodeId, 'announced', domain, 'https://announced.example', walletOf('dia').did],
);
const names = async () => (await dataSource.query<{ name: string }[]>('SELECT name FROM node')).map(({ name }) => name);

describe('a node that introduces itself', () => {
  it('follows its settings while it has not announced itself', async () => {
    expect(await introduce()).toEqual({ nodeId: NORTH, operatorId: walletOf('dia').did });
    await introduce({ KULA_NODE_NAME: 'Far North' });
    expect(await names()).toEqual(['Far North']);
  });

  it('stays what it announced when its settings change afterwards', async () => {
    await announced(NORTH, 'north.example');
    await introduce({ KULA_NODE_NAME: 'Far North' });
    expect(await names()).toEqual(['announced']);
  });

  it('does not start with the domain of a known peer', async () => {
    await announced(nodeIdOf('south'), 'north.example');
    await expect(introduce()).rejects.toThrow(/KULA_NODE_DOMAIN: a known peer holds north\.example/);
    expect(await names()).toEqual(['announced']);
  });
});

describe('the identity tables', () => {
  it('can be taken down and made again', async () => {
    const tables = async () => (await dataSource.query<unknown[]>(`SELECT 1 FROM pg_tables WHERE schemaname = 'identity' AND tablename = 'party'`)).length;
    await dataSource.undoLastMigration();
    expect(await tables()).toBe(0);
    await dataSource.runMigrations();
    expect(await tables()).toBe(1);
  });
});
