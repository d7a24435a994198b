import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeSettings, gatewayListen, quoted } from '../tools/operator/compose-settings.mjs';
import { SERVICE_NAMES } from '../tools/operator/services.mjs';
import {
  hasApp, interpolated, isTree, listIn, overlaid, ownSettings, ROOT, settingOf, sharedSettings, textAt, textsIn, treeIn, variablesIn, version, yamlAt,
  type Tree,
} from './deployment-files.js';

const services = SERVICE_NAMES as readonly string[];
const PINNED = /^[a-z0-9./-]+:[a-z]*\.?\d[\w.-]*$/;

const settingsOf = (domain: string, ports: { readonly gateway: number; readonly nats: number }): string => composeSettings({
  name: domain, domain, gatewayUrl: `http://localhost:${ports.gateway}`, gatewayListen: `127.0.0.1:${ports.gateway}`, natsListen: `0.0.0.0:${ports.nats}`,
  folder: `./${domain}`, user: { uid: 1000, gid: 1000 }, natsHost: `nats.${domain}`, natsUrl: `tls://nats.${domain}:4222`, tls: 'made', network: 'kula',
  nodeId: `z6Mk${'a'.repeat(44)}`, operatorId: `did:key:z6Mk${'b'.repeat(44)}`, recoveryKeyHash: 'c'.repeat(43),
});
/** The plain lines of such a file: names and values without quotes. */
const valuesIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^([A-Z_]+)=([^'"\n]*)$/gm)].map(([, name = '', value = '']) => [name, value]));

const northText = settingsOf('north.example', { gateway: 8080, nats: 4222 });
const north = valuesIn(northText);
const south = valuesIn(settingsOf('south.example', { gateway: 8090, nats: 4223 }));
const base = yamlAt('docker-compose.yml');
const overlay = yamlAt('deploy/compose.second-node.yml');
const composed = treeIn(base, 'services') as Readonly<Record<string, Tree>>;
const names = Object.keys(composed);
const inCompose = (name: string): Tree => composed[name] ?? {};
const secretNames = (service: Tree): string[] => listIn<string | Tree>(service, 'secrets').map((secret) => (isTree(secret) ? String(secret['source']) : secret));
const secretTargets = (service: Tree): string[] => listIn<string | Tree>(service, 'secrets').map((secret) => (isTree(secret) ? String(secret['target']) : secret));

describe('the Dockerfile', () => {
  const lines = textAt('deploy/Dockerfile').replaceAll(/\\\n/g, ' ').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const instructions = lines.map((line) => ({ verb: line.trim().split(' ')[0] ?? '', rest: line.trim().split(/\s+/).slice(1) }));
  const of = (verb: string) => instructions.filter((instruction) => instruction.verb === verb).map(({ rest }) => rest);
  const lastStage = instructions.slice(instructions.findLastIndex(({ verb }) => verb === 'FROM'));

  it('knows each of its instructions', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'ARG', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'];
    expect(instructions.filter(({ verb }) => !known.includes(verb))).toEqual([]);
  });

  it('builds on Node 24 of Debian bookworm by name', () => {
    expect(new Set(of('FROM').map(([image]) => image))).toEqual(new Set(['node:24-bookworm-slim']));
  });

  it('copies only what is there', () => {
    const stages = of('FROM').flatMap(([, as, name]) => (as === 'AS' && name !== undefined ? [name] : []));
    for (const words of of('COPY')) {
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1).map((source) => source.replace(/^\/kula\/?/, ''));
      expect(sources.length).toBeGreaterThan(0);
      if (from === undefined) for (const source of sources) expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
      else expect(stages).toContain(from);
    }
  });

  it('runs as a user without rights, with a health check on /readyz, and starts Node itself', () => {
    const verbs = lastStage.map(({ verb }) => verb);
    expect(lastStage.find(({ verb }) => verb === 'USER')?.rest).toEqual(['10001:10001']);
    expect(verbs.indexOf('USER')).toBeLessThan(verbs.indexOf('CMD'));
    expect(lastStage.find(({ verb }) => verb === 'HEALTHCHECK')?.rest.join(' ')).toMatch(/CMD \["node", "-e", "fetch\(`http:\/\/127\.0\.0\.1:.*\/readyz`\)/);
    expect(JSON.parse(lastStage.find(({ verb }) => verb === 'CMD')?.rest.join(' ') ?? '')).toEqual(['node', 'app/main.js']);
  });

  it('makes an image of every service and of the node, and of nothing else', () => {
    const [, allowed = ''] = /case " ([a-z -]+) " in/.exec(lines.join('\n')) ?? [];
    expect(allowed.split(' ')).toEqual([...services, 'node']);
    expect([...services, 'node'].filter((name) => !hasApp(name))).toEqual([]);
  });

  it('installs by the lock file, without the scripts of packages, and leaves out what only developers run', () => {
    const commands = of('RUN').map((words) => words.join(' '));
    expect(commands).toContainEqual(expect.stringMatching(/^npm ci .*--ignore-scripts/));
    expect(commands).toContainEqual(expect.stringMatching(/^npm prune .*--omit=dev .*--ignore-scripts/));
  });

  it('carries every file the init job imports', () => {
    const copied = of('COPY').flat().join(' ');
    const imported = [...textAt('tools/operator/provision.mjs').matchAll(/from '\.\/([^']+)'/g)].map(([, file = '']) => file);
    expect(imported).toEqual(['services.mjs']);
    for (const file of ['provision.mjs', ...imported]) expect(copied).toContain(`tools/operator/${file}`);
  });
});

describe('the .dockerignore', () => {
  const rules = textAt('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => ({
    isLetThrough: line.startsWith('!'),
    pattern: new RegExp(`^${line.replace('!', '').replaceAll('.', '\\.').replaceAll('**/', '(.*/)?').replaceAll(/(?<!\.)\*/g, '[^/]*')}(/|$)`),
  }));
  const isSent = (path: string): boolean => rules.findLast(({ pattern }) => pattern.test(path))?.isLetThrough ?? true;

  it.each([
    'package.json', 'package-lock.json', 'apps/gateway/src/main.ts', 'libs/platform/host/package.json', 'tools/workspace/build.mjs', 'tools/operator/provision.mjs',
  ])('sends %s', (path) => { expect([isSent(path), existsSync(join(ROOT, path))]).toEqual([true, true]); });

  it.each([
    'node/secrets/node-key', 'node/.env', '.env', '.git/config', '.cache/nats-server/current', 'node_modules/pg/package.json', 'apps/gateway/node_modules/a/b.js',
    'libs/contracts/dist/index.js', 'libs/contracts/src/core/a.spec.ts', 'libs/contracts/src/a.int-spec.ts', 'tools/bootstrap/start.mjs', 'deploy/Dockerfile',
  ])('keeps %s back', (path) => { expect(isSent(path)).toBe(false); });
});

describe('docker-compose.yml', () => {
  it('is one whole node', () => {
    expect(new Set(names)).toEqual(new Set(['postgres', 'nats', 'init', ...services]));
  });

  it.each(names)('runs %s from an image that is named exactly', (name) => {
    expect(inCompose(name)['image']).toMatch(PINNED);
    expect(inCompose(name)['image']).not.toMatch(/latest/);
  });

  it.each(['init', ...services])('builds the image of %s from an app', (name) => {
    const app = name === 'init' ? 'node' : name;
    expect(treeIn(inCompose(name), 'build')).toEqual({ context: '.', dockerfile: 'deploy/Dockerfile', args: { APP: app } });
    expect(inCompose(name)).toMatchObject({ image: `kula-${app}:${version()}`, pull_policy: 'build' });
    expect(hasApp(app)).toBe(true);
  });

  it.each(names)('gives %s no right it does not need', (name) => {
    expect(inCompose(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(inCompose(name)['user']).toMatch(/^\$\{NODE_USER:\?/);
    expect(Object.keys(inCompose(name)).filter((key) => ['privileged', 'cap_add', 'network_mode', 'pid', 'ipc', 'devices'].includes(key))).toEqual([]);
  });

  it.each(names.filter((name) => name !== 'init'))('watches over %s and starts it again', (name) => {
    expect(inCompose(name)['restart']).toBe('unless-stopped');
    const [kind, ...command] = listIn<string>(treeIn(inCompose(name), 'healthcheck'), 'test');
    expect([kind, command.length > 0]).toEqual(['CMD', true]);
  });

  it('asks every service whether it is ready, at the port it is told to answer on', () => {
    for (const name of services) {
      expect(listIn<string>(treeIn(inCompose(name), 'healthcheck'), 'test').at(-1)).toContain('http://127.0.0.1:8080/readyz');
      expect(treeIn(inCompose(name), 'environment')[name === 'gateway' ? 'KULA_GATEWAY_PORT' : 'KULA_HEALTH_PORT']).toBe('8080');
    }
  });

  it('runs init once, and the services after it', () => {
    expect(inCompose('init')).toMatchObject({ restart: 'no', healthcheck: { disable: true }, depends_on: { postgres: { condition: 'service_healthy' } } });
    for (const name of services) {
      expect(inCompose(name)['depends_on']).toEqual({ init: { condition: 'service_completed_successfully' }, nats: { condition: 'service_healthy' } });
    }
  });

  it('holds no secret', () => {
    const credentials = /:\/\/[^/\s@]*:[^/\s@]+@/;
    expect(textsIn(base).filter((text) => credentials.test(text))).toEqual([]);
    for (const name of names) {
      const environment = Object.entries(treeIn(inCompose(name), 'environment'));
      const secret = environment.filter(([variable]) => /(PASSWORD|SECRET|TOKEN|NKEY|_KEY$|DATABASE_URL|KULA_NATS_URL)/.test(variable) && !/_FILE$/.test(variable));
      expect([name, secret]).toEqual([name, []]);
    }
  });

  it.each(names)('lets %s read the secrets it is pointed to, and no others', (name) => {
    const pointed = Object.values(treeIn(inCompose(name), 'environment')).flatMap((value) => /^\/run\/secrets\/(.+)$/.exec(String(value))?.[1] ?? []);
    expect(new Set(secretTargets(inCompose(name)))).toEqual(new Set(pointed));
  });

  it('names each secret once, in a file of the node', () => {
    const declared = treeIn(base, 'secrets') as Readonly<Record<string, Tree>>;
    expect(new Set(names.flatMap((name) => secretNames(inCompose(name))))).toEqual(new Set(Object.keys(declared)));
    for (const [name, secret] of Object.entries(declared)) expect(String(secret['file'])).toMatch(new RegExp(`^\\$\\{NODE_DIR:\\?[^}]*\\}/secrets/${name}$`));
    for (const name of services) expect(secretNames(inCompose(name))).toContain(`database-url-${name}`);
  });

  it.each(services)('sets what %s must be told, and nothing it does not know', (name) => {
    const settings = [...sharedSettings(), ...ownSettings(name)];
    const known = new Set(settings.map((setting) => setting.name));
    const set = Object.keys(treeIn(inCompose(name), 'environment')).map((variable) => settingOf(variable, known));
    expect(set.filter((setting) => !known.has(setting))).toEqual([]);
    expect(settings.filter((setting) => setting.isRequired && !set.includes(setting.name))).toEqual([]);
    expect(new Set(set).size).toBe(set.length);
  });

  it('gives init the address of every service\'s database', () => {
    const variables = services.map((name) => `KULA_DATABASE_URL_${name.toUpperCase().replaceAll('-', '_')}_FILE`);
    expect(Object.keys(treeIn(inCompose('init'), 'environment'))).toEqual(['POSTGRES_URL', 'POSTGRES_PASSWORD_FILE', ...variables]);
  });

  it('asks only for settings that a new node comes with, or that have a default', () => {
    const asked = [...variablesIn(base), ...variablesIn(overlay)];
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ name, hasDefault }) => !hasDefault && north[name] === undefined)).toEqual([]);
    const optional = new Set([...sharedSettings(), ...services.flatMap(ownSettings)].map((setting) => setting.name));
    expect(asked.filter(({ name, hasDefault }) => hasDefault && !optional.has(name) && north[name] === undefined)).toEqual([]);
  });

  it('opens the gateway and the port for peers, and nothing else', () => {
    const open = names.flatMap((name) => listIn<string>(inCompose(name), 'ports').map((port) => [name, interpolated(port, north)]));
    expect(open).toEqual([['nats', '0.0.0.0:4222:4222'], ['gateway', '127.0.0.1:8080:8080']]);
  });

  it('lets the doors and federation out, and nobody else', () => {
    const networks = (name: string): string[] => (Array.isArray(inCompose(name)['networks']) ? listIn<string>(inCompose(name), 'networks') as string[] : Object.keys(treeIn(inCompose(name), 'networks')));
    expect(names.filter((name) => networks(name).includes('outside'))).toEqual(['nats', 'gateway', 'federation']);
    expect(names.filter((name) => !networks(name).includes('inside'))).toEqual([]);
    expect(treeIn(treeIn(base, 'networks'), 'inside')).toEqual({ internal: true });
  });

  it('keeps what Postgres 18 and the nats-server write outside their containers', () => {
    const mounts = (name: string) => listIn(inCompose(name), 'volumes').filter((mount) => mount['read_only'] !== true).map((mount) => mount['target']);
    expect(mounts('postgres')).toEqual(['/var/lib/postgresql']);
    expect(mounts('nats')).toEqual(['/data']);
    expect(services.flatMap(mounts)).toEqual([]);
  });
});

describe('two nodes on one machine', () => {
  const node = (settings: Record<string, string>): Tree => interpolated(overlaid(base, overlay) as Tree, settings);
  const [one, other] = [node(north), node(south)];
  const servicesOf = (tree: Tree): Readonly<Record<string, Tree>> => treeIn(tree, 'services') as Readonly<Record<string, Tree>>;
  const portsOf = (tree: Tree): string[] => Object.values(servicesOf(tree)).flatMap((service) => listIn<string>(service, 'ports')).map((port) => port.split(':').at(-2) ?? '');
  const mountsOf = (tree: Tree): string[] => Object.values(servicesOf(tree)).flatMap((service) => listIn(service, 'volumes')).map((mount) => String(mount['source']));

  it('are projects of their own', () => {
    expect([north['COMPOSE_PROJECT_NAME'], south['COMPOSE_PROJECT_NAME']]).toEqual(['kula-north-example', 'kula-south-example']);
  });

  it('share no port, no folder and no secret', () => {
    expect(portsOf(one)).toEqual(['4222', '8080']);
    expect(portsOf(other)).toEqual(['4223', '8090']);
    expect(mountsOf(one).filter((mount) => mountsOf(other).includes(mount))).toEqual([]);
    expect(textsIn(treeIn(one, 'secrets')).filter((file) => textsIn(treeIn(other, 'secrets')).includes(file))).toEqual([]);
  });

  it('meet on one network, where only the servers for peers and those who dial them are, each by a name of its own', () => {
    const onLink = (tree: Tree) => Object.entries(servicesOf(tree)).filter(([, service]) => 'link' in treeIn(service, 'networks')).map(([name]) => name);
    expect(onLink(one)).toEqual(['nats', 'federation']);
    expect(treeIn(one, 'networks')['link']).toEqual({ external: true, name: 'kula-link' });
    const namesOf = (tree: Tree) => listIn<string>(treeIn(treeIn(servicesOf(tree)['nats'] ?? {}, 'networks'), 'link'), 'aliases');
    expect([namesOf(one), namesOf(other)]).toEqual([['nats.north.example'], ['nats.south.example']]);
  });

  it('reach their own nats-server by the name that is its alone', () => {
    const federation = treeIn(servicesOf(one)['federation'] ?? {}, 'environment');
    expect(federation['KULA_FEDERATION_NATS_URL']).toBe('nats://nats.north.example:4222');
    expect(federation['KULA_LINK_NATS_URL']).toBe('tls://nats.north.example:4222');
    expect(treeIn(treeIn(servicesOf(one)['nats'] ?? {}, 'networks'), 'inside')).toEqual({ aliases: ['nats.north.example'] });
  });
});

describe('the settings of a new node', () => {
  it('ask people to think about five values', () => {
    const [, yours = ''] = northText.split(/^# These five.*$/m);
    expect(Object.keys(valuesIn(yours.split('\n\n')[0] ?? ''))).toEqual(['KULA_NODE_NAME', 'KULA_NODE_DOMAIN', 'KULA_GATEWAY_URL', 'PUBLISH_GATEWAY', 'PUBLISH_NATS']);
  });

  it('are all used by the compose file', () => {
    const used = new Set(['COMPOSE_PROJECT_NAME', ...variablesIn(base).map(({ name }) => name)]);
    expect(Object.keys(north).filter((name) => !used.has(name))).toEqual([]);
  });

  it.each([
    ['https://north.example', '127.0.0.1:8080'], ['http://localhost:9000', '127.0.0.1:9000'], ['http://192.0.2.7:9000', '0.0.0.0:9000'], ['http://north.example', '0.0.0.0:8080'],
    ['https://north.example:8443', '127.0.0.1:8080'],
  ])('publish the gateway of %s at %s', (url, listen) => { expect(gatewayListen(url)).toBe(listen); });

  it.each([
    ['Northport', 'Northport'], ['North port #1 $HOME', "'North port #1 $HOME'"], ["L'Orto \"Verde\" $5 \\n", '"L\'Orto \\"Verde\\" \\$5 \\\\n"'],
  ])('quote %s as docker compose reads it', (name, text) => { expect(quoted(name)).toBe(text); });
});

const hasCompose = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' }).status === 0;
if (!hasCompose) console.warn('docker compose is not on PATH: the compose files were read by this test alone, not by docker compose.');
if (hasCompose) {
  describe('docker compose itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kula-compose-'));
    const settings = join(folder, '.env');
    const NAME = "L'Orto \"Verde\" $5 #1 \\n";
    // Without the KULA_ variables of this process, which would count before the file.
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DOCKER_CONFIG: process.env['DOCKER_CONFIG'] };
    const config = (...args: string[]) => spawnSync('docker', ['compose', ...args], { cwd: ROOT, encoding: 'utf8', env });
    beforeAll(() => { writeFileSync(settings, northText.replace(/^KULA_NODE_NAME=.*$/m, () => `KULA_NODE_NAME=${quoted(NAME)}`)); });
    afterAll(() => { rmSync(folder, { recursive: true }); });

    it.each([[['-f', 'docker-compose.yml']], [['-f', 'docker-compose.yml', '-f', 'deploy/compose.second-node.yml']]])('accepts %j', (files) => {
      expect(config('--env-file', settings, ...files, 'config', '-q')).toMatchObject({ status: 0, stderr: '' });
    });

    it('reads the name of a node as it was given, and its project', () => {
      const model = JSON.parse(config('--env-file', settings, 'config', '--format', 'json').stdout) as Tree;
      expect(model['name']).toBe('kula-north-example');
      expect(treeIn(treeIn(treeIn(model, 'services'), 'gateway'), 'environment')['KULA_NODE_NAME']).toBe(NAME.replaceAll('$', '$$$$'));
    });

    it('says what is missing where no node is named', () => {
      expect(config('config', '-q').stderr).toMatch(/give --env-file of a node/);
    });
  });
}
