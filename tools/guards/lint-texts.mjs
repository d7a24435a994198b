/**
 * Lints every file of the workspace, then planted texts, with the configuration of the workspace.
 *
 * Reads `[{ file, code, untagged?, amongEdges? }]` from standard input, prints `{ tree, plants }`: the messages of all files, and the
 * messages of each text, as `{ file, line, rule, message }`. A program of its own, because ESLint and Nx need a plain process.
 */
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../..', import.meta.url));

// The boundary rule keeps one graph in `globalThis` only when ESLint runs under its own name; else it reads the graph for every file.
process.argv[1] = fileURLToPath(import.meta.resolve('eslint/package.json')).replace('package.json', 'bin/eslint.js');
process.chdir(root);

const describe = ({ filePath, messages }) => messages.map(({ line, ruleId, message }) => (
  { file: filePath.replace(root, ''), line, rule: ruleId, message }));

const eslint = new ESLint({ cwd: root });

/** The graph a plant is judged by: cycles are reported before layers, so there are edges only where the cycle is the point. */
function graphFor({ untagged, amongEdges }, { nodes, externalNodes, dependencies }) {
  const stripped = untagged && { [untagged]: { ...nodes[untagged], data: { ...nodes[untagged].data, tags: [] } } };
  const none = Object.fromEntries(Object.keys(nodes).map((name) => [name, []]));
  return { nodes: { ...nodes, ...stripped }, externalNodes, dependencies: amongEdges ? dependencies : none };
}

const tree = (await eslint.lintFiles(['.'])).flatMap(describe);
const whole = globalThis.projectGraph;
const plants = [];
for (const plant of JSON.parse(await text(process.stdin))) {
  globalThis.projectGraph = graphFor(plant, whole);
  plants.push((await eslint.lintText(plant.code, { filePath: plant.file })).flatMap(describe));
}
console.log(JSON.stringify({ tree, plants }));
