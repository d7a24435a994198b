import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import {
  deadFiles, exportedNames, fileNames, leftovers, machinePaths, narrowedSpecs, registryHosts, type Rule,
} from './tidy-rules.js';
import { workspaceFiles, type TextFile } from './workspace-files.js';

const files = workspaceFiles();

/** Hosts of the registry that npm uses here; a loopback address is nobody's name. */
function ownRegistryHosts(): string[] {
  const registry = process.env['npm_config_registry'] ?? spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout ?? '';
  if (!URL.canParse(registry.trim())) return [];
  const { host, hostname } = new URL(registry.trim());
  return /^(localhost|127\.|\[)/.test(hostname) ? [] : [host];
}

/** Files that a package names as its entry points. */
const entriesOf = ({ path, text }: TextFile): string[] =>
  [...text.matchAll(/"\.\/(src\/[^"]+\.ts)"/g)].map(([, entry]) => path.replace('package.json', entry ?? ''));

const entries = new Set(files.filter(({ path }) => path.endsWith('/package.json')).flatMap(entriesOf));
const everywhere = (rule: Rule): string[] => files.flatMap(rule);

describe('the workspace', () => {
  it('is read whole', () => {
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['package.json', 'libs/contracts/src/index.ts']));
    expect(entries).toContain('libs/contracts/src/index.ts');
  });

  it('has file names that say something', () => { expect(everywhere(fileNames)).toEqual([]); });

  it('exports names in the words of the field', () => { expect(everywhere(exportedNames)).toEqual([]); });

  it('leaves nothing behind without an issue', () => { expect(everywhere(leftovers)).toEqual([]); });

  it('runs every test of every spec', () => { expect(everywhere(narrowedSpecs)).toEqual([]); });

  it('names no path of one machine', () => { expect(everywhere(machinePaths)).toEqual([]); });

  it('names no package registry', () => { expect(everywhere(registryHosts(ownRegistryHosts()))).toEqual([]); });

  it('has no library file that nobody imports', () => { expect(deadFiles(files, entries)).toEqual([]); });
});

const at = (path: string, text = ''): TextFile => ({ path, text });
const SOURCE = 'libs/service/clearing/src/planted.ts';
const TEST = 'libs/service/clearing/src/planted.spec.ts';
const hosts = registryHosts(['packages.north.example']);
// Spelt in parts, so that the rules find nothing in this file.
const [TO_DO, FIX_ME] = ['TO' + 'DO', 'FIX' + 'ME'];
const [ONLY, SKIP] = ['on' + 'ly', 'sk' + 'ip'];
const machine = (...parts: string[]): string => ['', ...parts].join('/');

describe('a tidy rule', () => {
  it.each<[string, Rule, TextFile, string]>([
    ['a folder of utilities', fileNames, at('libs/kernel/netting/src/utils/a.ts'), "libs/kernel/netting/src/utils/a.ts:1 'utils' in 'utils': name what it holds or does"],
    ['a file of helpers', fileNames, at('libs/contracts/src/test-helper.ts'), "'helper'"],
    ['an abbreviated file name', fileNames, at('tools/build/cfg.mjs'), "'cfg' in 'cfg.mjs': config"],
    ['a numbered file name', fileNames, at('libs/contracts/src/1-first.ts'), 'let imports give the order'],
    ['an exported helper', exportedNames, at(SOURCE, '\n\nexport const dateHelper = 1;'), `${SOURCE}:3 'helper' in 'dateHelper'`],
    ['an exported constant with a banned word', exportedNames, at(SOURCE, 'export const NODE_INFO = 1;'), "'info'"],
    ['a prefixed interface', exportedNames, at(SOURCE, 'export interface IClock {}'), 'without the prefix I'],
    ['a new manager', exportedNames, at(SOURCE, 'export abstract class RunManager {}'), 'another role than Manager'],
    ['a function that processes', exportedNames, at(SOURCE, 'export async function processRun() {}'), 'the verb'],
    ['a function that handles', exportedNames, at(SOURCE, 'export const handleRun = 1;'), 'the verb'],
    ['a to-do without an issue', leftovers, at(SOURCE, `// ${TO_DO}: later`), 'open an issue'],
    ['a fix-me with an issue', leftovers, at('deploy/nats.conf', `# ${FIX_ME} #12`), 'do it now'],
    ['a test that runs alone', narrowedSpecs, at(TEST, `\nit.${ONLY}('x', run)`), `${TEST}:2 'it.${ONLY}': run every test`],
    ['a table that is skipped', narrowedSpecs, at(TEST, `describe.each.${SKIP}([])`), 'or delete it'],
    ['a suite that may be skipped', narrowedSpecs, at(TEST, `const suite = there ? describe : describe.${SKIP};`), 'or delete it'],
    ['a path of this machine', machinePaths, at('docs/run.md', `cd ${machine('work', 'main')}`), 'machine path'],
    ['a home folder in a URL', machinePaths, at(SOURCE, `'file://${machine('home', 'ana', 'x')}'`), 'machine path'],
    ['a known registry', hosts, at('.npmrc', `registry=https://${['registry', 'npmjs', 'org'].join('.')}/`), 'registry host'],
    ['a likely mirror', hosts, at('tools/a.mjs', `fetch('https://${['mirror', 'south', 'example'].join('.')}/x')`), 'registry host'],
    ['the registry of the machine', hosts, at('README.md', `\nat ${['packages', 'north', 'example'].join('.')}`), 'README.md:2 registry host'],
    ['a registry beside the resolved field', hosts, at('package-lock.json', `"url": "https://${['registry', 'npmjs', 'org'].join('.')}"`), 'registry host'],
  ])('catches %s', (_what, rule, file, says) => {
    expect(rule(file).join('\n')).toContain(says);
  });

  it.each<[string, Rule, TextFile]>([
    ['a data source', exportedNames, at(SOURCE, 'export function createDataSource() {}')],
    ['the two services that carry the word', exportedNames, at(SOURCE, 'export class ExchangeManagerModule {}')],
    ['the constant of such a service', exportedNames, at(SOURCE, 'export const agreementManagerService = 1;')],
    ['a handler that handles', exportedNames, at('libs/service/clearing/src/a.controller.ts', 'export const handleRun = 1;')],
    ['a migration with its timestamp', fileNames, at('libs/service/clearing/src/migrations/1767258000000-create-run.ts')],
    ['a to-do with its issue', leftovers, at(SOURCE, `// ${TO_DO}(#12): drop the old column`)],
    ['prose about to-dos', leftovers, at('docs/style.md', `No ${TO_DO} without a number.`)],
    ['a query that skips rows', narrowedSpecs, at(TEST, `runs.${SKIP}(10)`)],
    ['a path of a URL', machinePaths, at(SOURCE, `'https://north.example${machine('work', 'x')}'`)],
    ['the resolved fields of the lock file', hosts, at('package-lock.json', `"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/x"`)],
    ['a registry of another kind', hosts, at(SOURCE, 'registry.nodes.get(name)')],
  ])('lets through %s', (_what, rule, file) => {
    expect(rule(file)).toEqual([]);
  });

  it('finds a file that nobody imports, and one that only its own spec imports', () => {
    const library = (name: string, text = ''): TextFile => at(`libs/kernel/netting/src/${name}`, text);
    const planted = [
      library('index.ts', "export { a } from './used.js';"),
      library('used.ts', "new Worker(new URL('./started.js', import.meta.url));"),
      library('started.ts'),
      library('alone.ts'),
      library('tested.ts'),
      library('tested.spec.ts', "import './tested.js'; import './rig.js';"),
      library('rig.ts'),
      library('second-entry.ts'),
      library('migrations/1767258000000-create-run.ts'),
    ];
    const dead = deadFiles(planted, new Set(['libs/kernel/netting/src/second-entry.ts']));
    expect(dead.map((says) => says.split(':')[0])).toEqual(['libs/kernel/netting/src/alone.ts', 'libs/kernel/netting/src/tested.ts']);
  });
});
