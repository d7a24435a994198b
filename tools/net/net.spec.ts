import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'net-'));
const result = join(folder, 'result.json');
const run = (...args: string[]) => spawnSync(process.execPath, [join(root, 'tools/net/net.mjs'), ...args], { encoding: 'utf8' });

function net(name: string, content: string | Uint8Array, ...options: string[]) {
  rmSync(result, { force: true });
  const input = join(folder, name);
  writeFileSync(input, content);
  return run(input, result, ...options);
}
const read = () => JSON.parse(readFileSync(result, 'utf8'));

const owes = (id: string, [debtor, creditor]: readonly (string | undefined)[], amount: unknown, more = {}) => ({ id, debtor, creditor, amount, currency: 'EUR', ...more });
const SEED_EXAMPLE = [owes('1', ['ana', 'ben'], '100'), owes('2', ['ben', 'cal'], '80'), owes('3', ['cal', 'ana'], '60')];
const json = (obligations: readonly unknown[], more = {}) => JSON.stringify({ obligations, ...more });

beforeAll(() => { spawnSync(process.execPath, [join(root, 'tools/workspace/build.mjs'), '--quiet']); });
afterAll(() => rmSync(folder, { recursive: true }));

describe('netting a file', () => {
  it('writes what remains, the certificate and the figures', () => {
    expect(net('in.json', json(SEED_EXAMPLE)).status).toBe(0);
    expect(read()).toEqual({
      mode: 'setoff',
      remaining: [{ id: '1', remaining: '40' }, { id: '2', remaining: '20' }, { id: '3', remaining: '0' }],
      transfers: [], claims: [],
      potentials: { EUR: { ana: 2, ben: 1, cal: 0 } },
      perCurrency: { EUR: { gross: '240', cleared: '180', remaining: '60', netInternalDebt: '40', net: { ana: '-40', ben: '20', cal: '20' } } },
    });
  });
  it('reads the same from quoted and unquoted CSV, in any order', () => {
    net('in.json', json(SEED_EXAMPLE));
    const expected = readFileSync(result, 'utf8');
    net('in.csv', '\ufeffid,debtor,creditor,amount,currency,dueAt\r\n3,cal,ana,60,EUR,\r\n"1",ana,"ben",100,EUR,\r\n2,ben,cal,80,EUR,');
    expect(readFileSync(result, 'utf8')).toBe(expected);
  });
  it('keeps commas, quotes and line ends inside quoted fields', () => {
    net('in.csv', 'currency,amount,creditor,debtor,id\nEUR,5,"ben ""b"", jr","a\r\nna","x\n1"\n');
    expect(read().potentials).toEqual({ EUR: { 'a\r\nna': 1, 'ben "b", jr': 0 } });
    expect(read().remaining).toEqual([{ id: 'x\n1', remaining: '5' }]);
  });
  it('reports what pairs alone would clear', () => {
    net('in.json', json([...SEED_EXAMPLE, owes('4', ['ben', 'ana'], '30')]), '--mode', 'bilateral');
    expect(read()).toMatchObject({ mode: 'bilateral', potentials: {}, perCurrency: { EUR: { cleared: '60' } } });
  });
  it('takes further units of account by name', () => {
    const hours = json([owes('1', ['ana', 'ben'], '5', { currency: 'HOUR' })]);
    expect(net('in.json', hours).stderr).toContain('/obligations/0/currency: net.currency_unknown: currency "HOUR" is not registered');
    expect(net('in.json', hours, '--units', 'HOUR').status).toBe(0);
  });
});

describe('refusing a file', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['in.json', '{', 'net.file_malformed'],
    ['in.json', '[]', 'net.file_malformed'],
    ['in.json', Buffer.from([0xff]), 'not UTF-8'],
    ['in.csv', '', 'line 1: the header line is missing'],
    ['in.csv', 'id,id\n', 'line 1: a column stands twice'],
    ['in.csv', 'id,debtor,creditor,amount,currency\n1,ana,ben,5\n', 'line 2: 4 fields under 5 columns'],
    ['in.csv', 'id,debtor,creditor,amount,currency\n1,ana,"ben,5,EUR\n', 'line 2: a quote is not closed'],
    ['in.csv', 'id,debtor,creditor,amount\n1,ana,ben,5\n', '/obligations/0/currency: net.field_missing'],
    ['in.json', json([7]), '/obligations/0: net.field_malformed'],
    ['in.json', json([owes('1', ['ana', undefined], '5')]), '/obligations/0/creditor: net.field_missing'],
    ['in.json', json([owes('1', ['ana', ''], '5')]), '/obligations/0/creditor: net.field_missing'],
    ['in.json', json([owes('1', ['ana', 'ben'], 5)]), '/obligations/0/amount: net.field_malformed'],
    ['in.json', json([owes('1', ['ana', 'ben'], '05')]), '/obligations/0/amount: net.amount_malformed'],
    ['in.json', json([owes('1', ['ana', 'ben'], '9223372036854775808')]), '/obligations/0/amount: net.amount_too_large'],
    ['in.json', json([owes('1', ['ana', 'ben'], '5', { currency: 'eur' })]), '/obligations/0/currency: net.currency_unknown'],
    ['in.json', json([owes('1', ['ana', 'ben'], '5', { dueAt: 'soon' })]), '/obligations/0/dueAt: netting.due_at_malformed'],
    ['in.json', json([owes('1', ['ana', 'ana'], '5')]), '/obligations/0/creditor: netting.self_obligation'],
    ['in.json', json([...SEED_EXAMPLE, owes('2', ['ana', 'ben'], '5')]), '/obligations/3/id: netting.id_duplicate'],
    ['in.json', json(SEED_EXAMPLE, { acceptances: [{ debtor: 'ana', creditor: 'cal', limit: '-1', currency: 'EUR' }] }), '/acceptances/0/limit: net.amount_malformed'],
    ['in.json', json(SEED_EXAMPLE, { liquidity: [{ party: 'ana', amount: '1' }] }), '/liquidity/0/currency: net.field_missing'],
  ])('%s: %s ends with exit 2 and writes nothing', (name, content, reason) => {
    const { status, stderr } = net(name, content);
    expect(stderr).toContain(reason);
    expect(status).toBe(2);
    expect(existsSync(result)).toBe(false);
  });
  it.each([
    ['constrained', 'net.mode_not_built'], ['novation', 'net.mode_not_built'], ['liquidity', 'net.mode_not_built'], ['toString', 'net.mode_unknown'],
  ])('mode %s ends with exit 2', (mode, code) => {
    const { status, stderr } = net('in.json', json(SEED_EXAMPLE), '--mode', mode);
    expect(stderr).toContain(code);
    expect(status).toBe(2);
    expect(existsSync(result)).toBe(false);
  });
  it('asks for two files', () => expect(run('in.json')).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: net INPUT') }));
});
