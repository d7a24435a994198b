import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TextFile { readonly path: string; readonly text: string }

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', '.cache', '.demo']);
const NOT_KEPT = /\.(log|tsbuildinfo)$/;

const root = fileURLToPath(new URL('../..', import.meta.url));

function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : pathsBelow(join(folder, entry.name));
    return entry.isFile() && !NOT_KEPT.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

/** Every text file that the repository keeps, with its path from the workspace root; a file with a zero byte is no text. */
export function workspaceFiles(): TextFile[] {
  return pathsBelow(root)
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}
