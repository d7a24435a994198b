import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

interface Project { name: string; root: string; tags: string[] }
interface Edge { source: string; target: string; file: string }
type Layer = 'kernel' | 'contracts' | 'platform' | 'service' | 'app' | 'fixtures' | 'harness' | 'e2e';

/** The layer order, written a second time beside the lint configuration: an edge slips through only if both are wrong alike. */
const BELOW: Record<Layer, { code: Layer[]; specs: Layer[] }> = {
  kernel: { code: ['kernel'], specs: [] },
  contracts: { code: ['contracts', 'kernel'], specs: [] },
  platform: { code: ['platform', 'contracts', 'kernel'], specs: ['fixtures'] },
  service: { code: ['platform', 'contracts', 'kernel'], specs: ['fixtures'] },
  app: { code: ['service', 'platform', 'contracts'], specs: [] },
  fixtures: { code: ['fixtures', 'platform', 'contracts', 'kernel'], specs: [] },
  harness: { code: ['harness', 'service', 'platform', 'fixtures', 'contracts', 'kernel'], specs: [] },
  e2e: { code: ['harness', 'fixtures', 'contracts', 'kernel'], specs: [] },
};

const TESTING: Record<string, string[]> = {
  fixtures: ['type:fixtures', 'scope:shared', 'runtime:any'],
  servers: ['type:fixtures', 'scope:shared', 'runtime:node'],
  'service-probe': ['type:fixtures', 'scope:shared', 'runtime:node'],
  'dev-network': ['type:harness', 'scope:network', 'runtime:node'],
  story: ['type:harness', 'scope:network', 'runtime:node'],
  simulation: ['type:harness', 'scope:network', 'runtime:node'],
};

const APPS_OF_THE_NETWORK: Record<string, string> = { bench: 'harness', demo: 'harness', 'network-e2e': 'e2e', node: 'harness' };

/** Tags that the folder of a project calls for; none for a folder that has no place in the order. */
function tagsOfPath(root: string): string[] {
  const [top, first = '', second = ''] = root.split('/');
  if (top === 'apps') {
    const special = APPS_OF_THE_NETWORK[first];
    return special ? [`type:${special}`, 'scope:network', 'runtime:node'] : ['type:app', `scope:${first}`, 'runtime:node'];
  }
  if (first === 'testing') return TESTING[second] ?? [];
  if (first === 'service') return ['type:service', `scope:${second}`, 'runtime:node'];
  if (first === 'platform') return ['type:platform', 'scope:shared', 'runtime:node'];
  return first === 'kernel' || first === 'contracts' ? [`type:${first}`, 'scope:shared', 'runtime:any'] : [];
}

const nameOfPath = (root: string): string => root.replace(/^libs\//, '').replace(/^apps\//, 'app/').replaceAll('/', '-');

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(`${repository}${file}`, 'utf8');
const manifestOf = (root: string): { name: string; devDependencies?: Record<string, string> } =>
  JSON.parse(read(`${root}/package.json`)) as { name: string };

const tag = (project: Project, dimension: string): string | undefined =>
  project.tags.find((each) => each.startsWith(`${dimension}:`))?.slice(dimension.length + 1);

/** Whether only tests see an edge: it comes from a spec, or from the development dependencies of a package. */
function isForTests({ file }: Edge, source: Project, target: Project): boolean {
  if (file !== `${source.root}/package.json`) return /\.(spec|int-spec|e2e-spec)\.ts$/.test(file);
  return manifestOf(target.root).name in (manifestOf(source.root).devDependencies ?? {});
}

/** What is wrong with an edge, or nothing. */
function complaint(edge: Edge, source: Project, target: Project): string | undefined {
  const where = `${edge.file}: ${source.name} depends on ${target.name}`;
  const below = BELOW[tag(source, 'type') as Layer];
  const allowed: string[] = isForTests(edge, source, target) ? [...below.code, ...below.specs] : below.code;
  if (!allowed.includes(tag(target, 'type') ?? '')) return `${where}; allowed layers are ${allowed.join(', ')}`;
  const scopes = [tag(source, 'scope'), 'shared'];
  if (tag(source, 'scope') !== 'network' && !scopes.includes(tag(target, 'scope'))) return `${where}, which is of another context`;
  if (tag(source, 'runtime') === 'any' && tag(target, 'runtime') !== 'any') return `${where}, which runs on Node only`;
  return undefined;
}

/** Projects that are on a cycle or behind one: what is left after taking away, again and again, projects that need nothing. */
function onCycles(names: string[], edges: readonly { source: string; target: string }[]): string[] {
  const free = names.filter((name) => !edges.some(({ source }) => source === name));
  if (free.length === 0) return names;
  return onCycles(names.filter((name) => !free.includes(name)), edges.filter(({ target }) => !free.includes(target)));
}

let projects: Project[] = [];
let edges: Edge[] = [];

beforeAll(() => {
  const program = fileURLToPath(new URL('project-graph.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: repository, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`project-graph.mjs ended with ${status}: ${stderr}`);
  ({ projects, edges } = JSON.parse(stdout) as { projects: Project[]; edges: Edge[] });
});

describe('the project graph', () => {
  it('holds edges taken from source files and from package files', () => {
    expect(edges).toContainEqual({ source: 'kernel-crypto', target: 'kernel-primitives', file: 'libs/kernel/crypto/src/canonical-json.ts' });
    expect(edges).toContainEqual({ source: 'kernel-crypto', target: 'kernel-primitives', file: 'libs/kernel/crypto/package.json' });
  });

  it('has no edge against the layer order', () => {
    const byName = new Map(projects.map((project) => [project.name, project]));
    const complaints = edges.map((edge) => complaint(edge, byName.get(edge.source)!, byName.get(edge.target)!));
    expect(complaints.filter(Boolean)).toEqual([]);
  });

  it('has no cycle, not even through a spec', () => {
    expect(onCycles(projects.map(({ name }) => name), edges)).toEqual([]);
  });
});

describe('a project', () => {
  it('has the tags, the name and the package name of its path', () => {
    const is = projects.map(({ root, name, tags }) => (
      { root, name, package: manifestOf(root).name, tags: tags.filter((each) => !each.startsWith('npm:')) }));
    const shouldBe = projects.map(({ root }) => (
      { root, name: nameOfPath(root), package: `@kula/${nameOfPath(root)}`, tags: tagsOfPath(root) }));
    expect(is).toEqual(shouldBe);
    expect(projects.filter(({ root }) => tagsOfPath(root).length === 0)).toEqual([]);
  });

  it('has a README whose first line is a sentence', () => {
    const isSentence = (line: string): boolean => /^[A-Z].*[^.]\.$/.test(line) && line.split(' ').length >= 3;
    const wrong = projects.map(({ root }) => `${root}/README.md`)
      .filter((file) => !existsSync(`${repository}${file}`) || !isSentence(read(file).split('\n')[0] ?? ''));
    expect(wrong).toEqual([]);
  });
});

describe('the judgement of an edge', () => {
  const at = (root: string): Project => ({ name: nameOfPath(root), root, tags: tagsOfPath(root) });
  const between = (from: string, to: string, file = 'src/planted.ts'): string | undefined =>
    complaint({ source: nameOfPath(from), target: nameOfPath(to), file: `${from}/${file}` }, at(from), at(to));

  it.each([
    ['libs/kernel/netting', 'libs/contracts', /allowed layers are kernel$/],
    ['libs/contracts', 'libs/platform/messaging', /allowed layers/],
    ['libs/platform/messaging', 'libs/service/clearing', /allowed layers/],
    ['libs/service/clearing', 'libs/service/identity', /allowed layers/],
    ['libs/service/clearing', 'libs/testing/fixtures', /allowed layers/],
    ['libs/service/clearing', 'libs/testing/dev-network', /allowed layers/],
    ['apps/clearing', 'libs/service/identity', /another context/],
    ['apps/clearing', 'libs/kernel/netting', /allowed layers/],
    ['libs/testing/fixtures', 'libs/testing/servers', /Node only/],
    ['libs/testing/fixtures', 'libs/platform/host', /Node only/],
    ['libs/testing/service-probe', 'libs/service/clearing', /allowed layers/],
    ['apps/network-e2e', 'libs/service/clearing', /allowed layers/],
  ])('refuses %s to %s', (from, to, says) => {
    expect(between(from, to)).toMatch(says);
  });

  it.each([
    ['libs/service/clearing', 'libs/testing/fixtures', 'src/planted.spec.ts'],
    ['libs/platform/messaging', 'libs/testing/servers', 'src/planted.int-spec.ts'],
    ['libs/service/clearing', 'libs/kernel/netting', 'src/planted.ts'],
    ['apps/clearing', 'libs/service/clearing', 'src/planted.ts'],
    ['apps/node', 'libs/service/identity', 'src/planted.ts'],
  ])('accepts %s to %s in %s', (from, to, file) => {
    expect(between(from, to, file)).toBeUndefined();
  });

  it('finds what is on a cycle and what needs it', () => {
    const pairs = [['a', 'b'], ['b', 'c'], ['c', 'b'], ['d', 'e']].map(([source, target]) => ({ source: source!, target: target! }));
    expect(onCycles(['a', 'b', 'c', 'd', 'e'], pairs)).toEqual(['a', 'b', 'c']);
  });
});
