/**
 * Compiles every project's `src` to its `dist`, file by file, with type decorators kept for injection.
 *
 * Only files newer than their output are compiled; output whose source is gone is removed.
 * Type checking is a separate step (`npm run typecheck`).
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';
import { projectFolders } from './projects.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const filesBelow = (folder) => existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  : [];

const isTest = (file) => /\.(spec|int-spec|e2e-spec)\.ts$/.test(file);

async function compile(source, target) {
  const { code, map } = await transformFile(source, {
    swcrc: false,
    sourceMaps: true,
    sourceFileName: relative(dirname(target), source),
    inlineSourcesContent: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'es6' },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.map`, map);
  writeFileSync(target, `${code}\n//# sourceMappingURL=${target.split('/').at(-1)}.map\n`);
}

/** Number of files compiled in one project. */
async function buildProject(folder) {
  const src = join(folder, 'src');
  const dist = join(folder, 'dist');
  const sources = filesBelow(src).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !isTest(file));
  const wanted = new Map(sources.map((file) => [join(dist, relative(src, file)).replace(/\.ts$/, '.js'), file]));
  for (const stale of filesBelow(dist)) if (!wanted.has(stale.replace(/\.map$/, ''))) rmSync(stale);
  const old = [...wanted].filter(([target, source]) => !existsSync(target) || statSync(target).mtimeMs < statSync(source).mtimeMs);
  await Promise.all(old.map(([target, source]) => compile(source, target)));
  return old.length;
}

const started = Date.now();
let compiled = 0;
for (const folder of projectFolders(root)) compiled += await buildProject(folder);
if (!process.argv.includes('--quiet')) console.log(`built: ${compiled} file(s) compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`);
