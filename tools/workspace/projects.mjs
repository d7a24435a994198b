/** Folders of all projects of the workspace: everything below apps and libs that holds a project.json, in path order. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function projectFolders(root) {
  const found = [];
  const visit = (folder) => {
    if (existsSync(join(folder, 'project.json'))) { found.push(folder); return; }
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !['node_modules', 'dist', 'src'].includes(entry.name)) visit(join(folder, entry.name));
    }
  };
  for (const top of ['apps', 'libs']) if (existsSync(join(root, top))) visit(join(root, top));
  return found.sort();
}
