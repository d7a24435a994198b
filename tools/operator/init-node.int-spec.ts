import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { didOfKey, fromBase64url, hashBytes, nodeIdOfKey } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { findNatsServer } from '@kula/testing-servers';
import { parse } from 'yaml';
import { parsePeers } from '../../libs/service/federation/src/peers/peers-file.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kula-operator-'));
const north = join(folder, 'north');
const south = join(folder, 'south');

const run = (tool: string, ...args: string[]) => spawnSync(process.execPath, [join(root, 'tools/operator', tool), ...args], { cwd: folder, encoding: 'utf8' });
const initNode = (dir: string, ...more: string[]) => run('init-node.mjs', '--dir', dir, '--name', 'Northport', '--domain', 'north.example', '--gateway-url', 'http://localhost:8080', ...more);
const addPeer = (dir: string, ...more: string[]) => run('add-peer.mjs', '--dir', dir, ...more);
const textIn = (...path: string[]) => readFileSync(join(...path), 'utf8');
const publicKeyOf = (privateKey: string) => nodeEd25519.publicKey(fromBase64url(privateKey) ?? new Uint8Array());
/** What the nats-server says of the configuration, with the folder of the certificate where it is here. */
const serverOn = (dir: string) => {
  const file = join(folder, 'tried-nats.conf');
  writeFileSync(file, textIn(dir, 'nats/nats.conf').replaceAll('/etc/kula-link', join(dir, 'link')));
  const tried = spawnSync(findNatsServer(), ['-t', '-c', file], { encoding: 'utf8' });
  rmSync(file);
  return tried;
};
const settingsOf = (dir: string) => Object.fromEntries([...textIn(dir, '.env').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

/** Everything in a folder: path, kind, mode and content. */
const contentsOf = (dir: string) => readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort().map((path) => {
  const stat = statSync(join(dir, path));
  return { path, mode: stat.mode & 0o777, text: stat.isFile() ? textIn(dir, path) : null };
});

let made: ReturnType<typeof run>;

beforeAll(() => {
  made = initNode(north);
  run('init-node.mjs', '--dir', south, '--name', 'Southfield', '--domain', 'south.example', '--gateway-url', 'http://localhost:8090', '--nats-port', '4223');
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('node:init', () => {
  it('makes a folder that its owner alone can read', () => {
    expect(made.status).toBe(0);
    expect(statSync(north).mode & 0o777).toBe(0o700);
    for (const { path, mode, text } of contentsOf(north)) expect([path, mode.toString(8)]).toEqual([path, text === null ? '700' : '600']);
  });

  it('makes every secret that compose mounts, and the one that reaches peers by peers.json', () => {
    const { secrets } = parse(textIn(root, 'docker-compose.yml'), { merge: true }) as { secrets: Record<string, unknown> };
    expect(readdirSync(join(north, 'secrets')).sort()).toEqual([...Object.keys(secrets), 'link-nkey'].sort());
  });

  it('makes no two secrets alike, and none twice', () => {
    const secrets = [north, south].flatMap((dir) => readdirSync(join(dir, 'secrets')).map((name) => textIn(dir, 'secrets', name)));
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('names the node by its key, and the operator by the key of the wallet', () => {
    const wallet = JSON.parse(textIn(north, 'operator-wallet.json')) as { did: string; privateKey: string };
    expect(settingsOf(north)).toMatchObject({
      KULA_NODE_ID: nodeIdOfKey(publicKeyOf(textIn(north, 'secrets/node-key').trim())), KULA_OPERATOR_ID: didOfKey(publicKeyOf(wallet.privateKey)),
    });
    expect(wallet.did).toBe(settingsOf(north)['KULA_OPERATOR_ID']);
    expect(made.stdout.split(wallet.privateKey)).toHaveLength(2);
  });

  it('shows the recovery key once and keeps its hash alone', () => {
    const recoveryKey = /recovery key {3}([\w-]{43})/.exec(made.stdout)?.[1] ?? '';
    expect(hashBytes(publicKeyOf(recoveryKey))).toBe(settingsOf(north)['KULA_RECOVERY_KEY_HASH']);
    expect(contentsOf(north).filter(({ text }) => text?.includes(recoveryKey))).toEqual([]);
  });

  it('shows no other secret', () => {
    const shown = readdirSync(join(north, 'secrets')).filter((name) => made.stdout.includes(textIn(north, 'secrets', name).trim()));
    expect(shown).toEqual([]);
  });

  it('says what to do next', () => {
    expect(made.stdout).toContain('docker compose --env-file north/.env up -d --build');
    expect(made.stdout).toContain('npm run node:peer -- --dir north');
  });

  it('writes a configuration that the real nats-server accepts', () => {
    expect(serverOn(north)).toMatchObject({ status: 0, stderr: expect.stringContaining('is valid') as unknown });
  });

  it('begins without peers', () => {
    expect(parsePeers(textIn(north, 'federation/peers.json'), settingsOf(north)['KULA_NODE_ID'] ?? '')).toEqual([]);
  });

  it('keeps the folder out of version control', () => { expect(textIn(north, '.gitignore')).toBe('*\n'); });

  it('refuses a folder that is there and changes nothing', () => {
    const before = contentsOf(folder);
    const again = initNode(north);
    expect(again).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/north is there already\. Nothing was changed/) as unknown });
    expect(contentsOf(folder)).toEqual(before);
  });

  it.each([
    [['--domain', 'North Example'], /--domain "North Example": must be a host name/], [['--name', ''], /--name "": must not be empty/],
    [['--gateway-url', 'north.example'], /--gateway-url "north.example": must be an http or https address/], [['--nats-port', '0'], /--nats-port "0": must be a port/],
    [['--nats-port', '99999'], /must be a port/], [['--nats-url', 'https://north.example'], /--nats-url .*: must be a NATS address/], [['--network', 'a b'], /--network "a b"/],
    [['--tls', 'made', '--nats-url', 'nats://north.example:4222'], /--nats-url and --tls contradict/], [['--tls', 'none', '--nats-url', 'tls://north.example:4222'], /contradict/],
    [['--tls', 'some'], /--tls "some": must be made, brought or none/], [['--colour', 'red'], /--colour/],
  ])('refuses %j in words and leaves nothing behind', (more, reason) => {
    const before = readdirSync(folder).sort();
    const refused = initNode(join(folder, 'east'), ...more);
    expect(refused).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(reason) as unknown });
    expect(refused.stderr).not.toMatch(/\n {4}at /);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('names what was not said', () => {
    expect(run('init-node.mjs', '--name', 'Northport')).toMatchObject({ status: 1, stderr: expect.stringMatching(/--dir, --domain, --gateway-url are missing/) as unknown });
  });

  it('makes a certificate for the address peers dial, which the card carries and no other file than its own holds the key of', () => {
    const { tlsCa = '', natsUrl } = JSON.parse(textIn(north, 'card.json')) as Record<string, string>;
    expect(natsUrl).toBe('tls://nats.north.example:4222');
    expect(new X509Certificate(tlsCa).checkHost('nats.north.example')).toBe('nats.north.example');
    for (const file of ['link/cert.pem', 'federation/link-ca.pem']) expect(textIn(north, file)).toBe(tlsCa);
    expect(contentsOf(north).filter(({ text }) => text?.includes('PRIVATE KEY')).map(({ path }) => path)).toEqual(['link/key.pem']);
    expect(settingsOf(north)).toMatchObject({ KULA_LINK_NATS_URL: natsUrl, LINK_CA_FILE: '/etc/kula/link-ca.pem', NATS_URL: 'nats://nats.north.example:4222' });
  });

  it.each([
    [['--tls', 'brought'], 'tls://nats.north.example:4222', 'cert_file: "/etc/kula-link/cert.pem"'], [['--nats-url', 'tls://192.0.2.7:4222', '--tls', 'brought'], 'tls://192.0.2.7:4222', 'cert_file'],
    [['--tls', 'none'], 'nats://nats.north.example:4222', 'nkey'], [['--nats-url', 'nats://192.0.2.7:4222'], 'nats://192.0.2.7:4222', 'nkey'],
  ])('takes an empty folder, and leaves the certificate to others with %j', (more, natsUrl, configured) => {
    const east = mkdtempSync(join(folder, 'east-'));
    expect(initNode(east, ...more).status).toBe(0);
    expect(textIn(east, 'nats/nats.conf')).toContain(configured);
    expect(textIn(east, 'nats/nats.conf').includes('tls {')).toBe(natsUrl.startsWith('tls:'));
    expect(settingsOf(east)).toMatchObject({ KULA_LINK_NATS_URL: natsUrl, LINK_CA_FILE: '' });
    expect(textIn(east, 'secrets/nats-url')).toMatch(/^nats:\/\/node:/);
    expect(JSON.parse(textIn(east, 'card.json'))).not.toHaveProperty('tlsCa');
    expect(readdirSync(join(east, 'link'))).toEqual([]);
    rmSync(east, { recursive: true });
  });
});

describe('node:peer', () => {
  const southCard = () => JSON.parse(textIn(south, 'card.json')) as Record<string, string>;
  const files = () => [textIn(north, 'federation/peers.json'), textIn(north, 'node.json'), readdirSync(join(north, 'federation'))];

  it('prints the card of the node and changes nothing where no peer is named', () => {
    const before = contentsOf(north);
    expect(JSON.parse(addPeer(north).stdout)).toEqual(JSON.parse(textIn(north, 'card.json')));
    expect(contentsOf(north)).toEqual(before);
  });

  it.each([
    ['its own card', () => [join(north, 'card.json')], /card of this node itself/],
    ['a card that is not there', () => ['nobody.json'], /nobody\.json is missing/],
    ['a file that is no card', () => [join(north, '.env')], /is no card: it is not JSON/],
  ])('refuses %s', (_, card, reason) => {
    const before = contentsOf(north);
    const refused = addPeer(north, '--card', ...card());
    expect(refused).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(reason) as unknown });
    expect(contentsOf(north)).toEqual(before);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a node id that is none', { nodeId: 'z6MkSouth' }, /node id: must be a node id/], ['a node id of no key', { nodeId: `z6Mk${'z'.repeat(44)}` }, /node id: must be a node id/],
    ['a public NKey with a wrong letter', { publicNkey: `U${'A'.repeat(55)}` }, /public NKey: must be the public NKey of a user/],
    ['an address that is none', { natsUrl: 'south.example' }, /NATS URL: must be a NATS address/],
    ['an address with a password', { natsUrl: 'nats://node:hush@south.example:4222' }, /NATS URL: must not hold a user or a password/],
    ['a name of two lines', { name: 'South\nfield' }, /name: must be one line/], ['a certificate that is none', { tlsCa: 'PEM' }, /certificate: must be a certificate, PEM/],
    ['a certificate without TLS', { natsUrl: 'nats://south.example:4222' }, /certificate: goes with a tls:\/\/ address only/],
  ])('refuses %s, and writes nothing', (_, change, reason) => {
    const before = contentsOf(north);
    const card = join(folder, 'wrong-card.json');
    writeFileSync(card, JSON.stringify({ ...southCard(), ...change }));
    expect(addPeer(north, '--card', card)).toMatchObject({ status: 1, stderr: expect.stringMatching(reason) as unknown });
    rmSync(card);
    expect(contentsOf(north)).toEqual(before);
  });

  it('names what was not said of the peer', () => {
    expect(addPeer(north, '--node-id', southCard()['nodeId'] ?? '').stderr).toMatch(/public NKey: is missing\n {2}NATS URL: is missing/);
  });

  it('adds the peer for the federation service alone: the nats-server is not told', () => {
    const { nodeId = '', publicNkey = '', natsUrl, tlsCa } = southCard();
    const config = textIn(north, 'nats/nats.conf');
    const added = addPeer(north, '--card', join(south, 'card.json'));
    expect(added.status).toBe(0);
    expect(JSON.parse(added.stdout)).toEqual(JSON.parse(textIn(north, 'card.json')));
    expect(added.stderr).toContain(`Southfield (${nodeId}) is a peer of Northport now. A node that runs sees it by itself`);
    expect(textIn(north, 'nats/nats.conf')).toBe(config);
    expect(parsePeers(textIn(north, 'federation/peers.json'), settingsOf(north)['KULA_NODE_ID'] ?? '')).toEqual([
      expect.objectContaining({ nodeId, name: 'Southfield', natsUrl, publicNkey, nkeySeed: textIn(north, 'secrets/link-nkey').trim(), tls: { caFile: `/etc/kula/${nodeId}.pem` } }),
    ]);
    expect(textIn(north, 'federation', `${nodeId}.pem`)).toBe(tlsCa);
    for (const name of readdirSync(join(north, 'federation'))) expect([name, statSync(join(north, 'federation', name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it('does the same once more without harm, and refuses another key for the same peer', () => {
    const before = files();
    expect(addPeer(north, '--card', join(south, 'card.json')).status).toBe(0);
    expect(files()).toEqual(before);
    const { publicNkey: other = '' } = JSON.parse(textIn(north, 'card.json')) as Record<string, string>;
    const { nodeId = '', natsUrl = '', publicNkey = '' } = southCard();
    for (const said of [['--public-nkey', other, '--tls-ca', join(south, 'link/cert.pem')], ['--public-nkey', publicNkey], ['--public-nkey', publicNkey, '--tls-ca', join(north, 'link/cert.pem')]]) {
      const refused = addPeer(north, '--node-id', nodeId, '--nats-url', natsUrl, ...said);
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/Southfield is a peer already, with another key, address or certificate\. Nothing was changed/) as unknown });
    }
    expect(addPeer(north, '--node-id', nodeId, '--nats-url', natsUrl, '--public-nkey', publicNkey, '--tls-ca', join(south, 'link/cert.pem')).status).toBe(0);
    expect(files()).toEqual(before);
  });

  it('takes a peer said one by one, named by its address where nobody names it', () => {
    const { nodeId = '', publicNkey = '', natsUrl = '' } = JSON.parse(textIn(north, 'card.json')) as Record<string, string>;
    expect(addPeer(south, '--node-id', nodeId, '--public-nkey', publicNkey, '--nats-url', natsUrl).status).toBe(0);
    expect(parsePeers(textIn(south, 'federation/peers.json'), settingsOf(south)['KULA_NODE_ID'] ?? '')).toEqual([expect.objectContaining({ nodeId, name: 'nats.north.example' })]);
  });

  it('takes a peer out of both files, by its name, and refuses a name nobody has', () => {
    const refused = addPeer(north, '--remove', 'Eastwick');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/No peer is called Eastwick\. Peers are:\n {2}Southfield z6Mk/) as unknown });
    expect(addPeer(north, '--remove', 'Southfield', '--card', join(south, 'card.json')).stderr).toMatch(/not both at once/);
    expect(addPeer(north, '--remove', 'Southfield')).toMatchObject({ status: 0, stderr: expect.stringMatching(/is no peer of Northport now/) as unknown });
    expect(readdirSync(join(north, 'federation')).sort()).toEqual(['link-ca.pem', 'peers.json']);
    expect(parsePeers(textIn(north, 'federation/peers.json'), settingsOf(north)['KULA_NODE_ID'] ?? '')).toEqual([]);
  });

  it('says where there is no node', () => {
    expect(addPeer(join(folder, 'west'))).toMatchObject({ status: 1, stderr: expect.stringMatching(/west holds no node/) as unknown });
  });
});

describe('the init job', () => {
  const addresses = Object.fromEntries(['gateway', 'federation', 'identity', 'matching-engine', 'exchange-manager', 'trust-attestation', 'agreement-manager', 'clearing']
    .map((service) => [`KULA_DATABASE_URL_${service.toUpperCase().replaceAll('-', '_')}`, `postgres://${service.replaceAll('-', '_')}:hush@postgres:5432/kula`]));
  const superuser = { POSTGRES_URL: 'postgres://postgres@127.0.0.1:1/kula', POSTGRES_PASSWORD: 'hush' };
  const provision = (env: Record<string, string>) => spawnSync(process.execPath, [join(root, 'tools/operator/provision.mjs')], { env, encoding: 'utf8' });

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing is said', {}, /POSTGRES_URL: the address of the superuser/],
    ['a service has no address', { ...superuser, ...addresses, KULA_DATABASE_URL_CLEARING: '' }, /clearing .*\n {2}KULA_DATABASE_URL: a Postgres address/],
    ['a service would use the login of another', { ...superuser, ...addresses, KULA_DATABASE_URL_CLEARING: 'postgres://identity:hush@postgres:5432/kula' }, /clearing database must name the login clearing/],
    ['nobody answers', { ...superuser, ...addresses }, /not provisioned: .*ECONNREFUSED/],
  ])('ends with the reason, and without a password, where %s', (_, env, reason) => {
    const ended = provision(env);
    expect(ended).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(reason) as unknown });
    expect(ended.stderr).not.toContain('hush');
  });
});
