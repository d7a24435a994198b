/**
 * The Nx project graph, computed afresh in this process: no daemon, no plugin workers, no cloud.
 *
 * Run as a program it prints `{ projects, edges }` as JSON; an edge carries the file that makes it.
 */
import { pathToFileURL } from 'node:url';

const SETTINGS = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false', CI: '1' };

/** The graph; a copy stays in Nx's cache, where the boundary rule reads it. @throws when a project cannot be read. */
export async function refreshProjectGraph() {
  for (const [name, value] of Object.entries(SETTINGS)) process.env[name] ??= value;
  const { createProjectGraphAsync } = await import('@nx/devkit');
  return createProjectGraphAsync({ exitOnError: false });
}

/** Projects with their tags, and one edge per file that depends on another project. */
async function describeGraph() {
  const { nodes } = await refreshProjectGraph();
  const { fileDataDepTarget, readFileMapCache } = await import('@nx/devkit/internal');
  const filesByProject = readFileMapCache().fileMap.projectFileMap;
  const projects = Object.values(nodes).map(({ name, data }) => ({ name, root: data.root, tags: data.tags ?? [] }));
  const edges = Object.entries(filesByProject).flatMap(([source, files]) => files.flatMap(({ file, deps = [] }) =>
    deps.map(fileDataDepTarget).filter((target) => nodes[target]).map((target) => ({ source, target, file }))));
  return { projects, edges };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(JSON.stringify(await describeGraph()));
}
