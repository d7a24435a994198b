/**
 * Writes the skeleton of a project: package.json, project.json, README.md and src/index.ts (or src/main.ts for an app).
 * Usage: node tools/workspace/new-project.mjs libs/kernel/netting "One sentence." [dependency …]
 * Path = tag = package: libs/kernel/netting is tagged type:kernel and imported as @kula/kernel-netting.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NETWORK = ['dev-network', 'network-e2e', 'demo', 'node'];

/** Name, tags and kind of the project at a path. */
export function describeProject(path) {
  const [top, ...rest] = path.split('/');
  const name = top === 'apps' ? `app-${rest.join('-')}` : rest.join('-');
  const last = rest.at(-1);
  if (top === 'apps') {
    const type = last === 'network-e2e' ? 'e2e' : NETWORK.includes(last) ? 'harness' : 'app';
    return { name, kind: 'application', tags: [`type:${type}`, `scope:${NETWORK.includes(last) ? 'network' : last}`, 'runtime:node'] };
  }
  const layer = rest[0];
  if (layer === 'kernel' || layer === 'contracts') return { name, kind: 'library', tags: [`type:${layer}`, 'scope:shared', 'runtime:any'] };
  if (layer === 'platform') return { name, kind: 'library', tags: ['type:platform', 'scope:shared', 'runtime:node'] };
  if (layer === 'service') return { name, kind: 'library', tags: ['type:service', `scope:${last}`, 'runtime:node'] };
  if (last === 'fixtures') return { name, kind: 'library', tags: ['type:fixtures', 'scope:shared', 'runtime:any'] };
  if (['servers', 'service-probe'].includes(last)) return { name, kind: 'library', tags: ['type:fixtures', 'scope:shared', 'runtime:node'] };
  return { name, kind: 'library', tags: ['type:harness', 'scope:network', 'runtime:node'] };
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
