/**
 * Writes the skeleton of a project: package.json, project.json, README.md and src/index.ts (or src/main.ts for an app).
 * Usage: node tools/workspace/new-project.mjs libs/kernel/netting "One sentence." [dependency …]
 * Path = tag = package: libs/kernel/netting is tagged type:kernel and imported as @kula/kernel-netting.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NETWORK = ['dev-network', 'network-e2e', 'demo', 'node', 'bench'];

const tagsOf = (type, scope, runtime) => [`type:${type}`, `scope:${scope}`, `runtime:${runtime}`];

function applicationTags(last) {
  if (last === 'network-e2e') return tagsOf('e2e', 'network', 'node');
  return NETWORK.includes(last) ? tagsOf('harness', 'network', 'node') : tagsOf('app', last, 'node');
}

/** Tags by layer; libs/testing by the project's own name. */
const LIBRARY_TAGS = {
  kernel: () => tagsOf('kernel', 'shared', 'any'),
  contracts: () => tagsOf('contracts', 'shared', 'any'),
  platform: () => tagsOf('platform', 'shared', 'node'),
  service: (last) => tagsOf('service', last, 'node'),
  testing: (last) => ({ fixtures: tagsOf('fixtures', 'shared', 'any'), servers: tagsOf('fixtures', 'shared', 'node'), 'service-probe': tagsOf('fixtures', 'shared', 'node') })[last]
    ?? tagsOf('harness', 'network', 'node'),
};

/** Name, tags and kind of the project at a path. */
export function describeProject(path) {
  const [top, ...rest] = path.split('/');
  const last = rest.at(-1);
  if (top === 'apps') return { name: `app-${rest.join('-')}`, kind: 'application', tags: applicationTags(last) };
  return { name: rest.join('-'), kind: 'library', tags: LIBRARY_TAGS[rest[0]](last) };
}

const writeNew = (file, text) => { if (!existsSync(file)) writeFileSync(file, text); };
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function writeProject(path, sentence, dependencies) {
  const { name, kind, tags } = describeProject(path);
  mkdirSync(join(path, 'src'), { recursive: true });
  writeNew(join(path, 'project.json'), json({ name, projectType: kind, sourceRoot: `${path}/src`, tags }));
  const entry = kind === 'application' ? 'main' : 'index';
  writeNew(join(path, 'package.json'), json({
    name: `@kula/${name}`, version: '0.1.0', private: true, type: 'module',
    exports: { '.': { source: `./src/${entry}.ts`, default: `./dist/${entry}.js` } },
    ...(dependencies.length > 0 && { dependencies: Object.fromEntries(dependencies.map((d) => [d, '*'])) }),
  }));
  writeNew(join(path, 'README.md'), `${sentence}\n`);
  writeNew(join(path, 'src', `${entry}.ts`), '');
}

const [path, sentence, ...dependencies] = process.argv.slice(2);
if (!path || !sentence) { console.error('usage: new-project.mjs PATH "One sentence." [dependency …]'); process.exit(2); }
writeProject(path.replace(/\/$/, ''), sentence, dependencies);
