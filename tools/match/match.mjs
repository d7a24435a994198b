/**
 * The matching kernel on a file: counts the cycles of a graph, or selects the best set of disjoint ones.
 *
 *   match.mjs GRAPH.csv.gz RESULT.json --cap K --mode enumerate|select [--budget SECONDS]
 *
 * The graph is CSV, plain or gzipped, with columns src, dst, score and perhaps more. Results are JSON:
 * `{"counts":{"2":…},"scoreSum":{"2":…}}` or `{"objective":…,"bound":…,"proven":…,"cycles":[[v,…],…]}`.
 * Input that cannot be read is refused whole, exit code 2.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { bestSelection, countCycles, verifySelection } from '../../libs/kernel/cycle-matching/dist/index.js';

const USAGE = 'usage: match GRAPH.csv[.gz] RESULT.json --cap K --mode enumerate|select [--budget SECONDS]';

/** The kernel counts steps and never looks at a clock; a second is taken for this many of them. */
const STEPS_PER_SECOND = 200_000_000;
const BUDGET_SECONDS = 60;

class Refusal extends Error {}

const refuseUnless = (condition, message) => { if (!condition) throw new Refusal(message); };

function readArguments(words) {
  const files = [];
  const options = { '--cap': '3', '--mode': 'select', '--budget': String(BUDGET_SECONDS) };
  for (let at = 0; at < words.length; at += 1) {
    if (!words[at].startsWith('--')) files.push(words[at]);
    else {
      const [name, joined] = words[at].split('=', 2);
      refuseUnless(Object.hasOwn(options, name), `unknown option ${name}`);
      options[name] = joined ?? words[at += 1] ?? '';
    }
  }
  const [cap, mode, seconds] = [Number(options['--cap']), options['--mode'], Number(options['--budget'])];
  refuseUnless(files.length === 2, 'one graph and one result are needed');
  refuseUnless(Number.isInteger(cap) && cap >= 2 && cap <= 10, 'the cap is a whole number from 2 to 10');
  refuseUnless(mode === 'enumerate' || mode === 'select', 'the mode is enumerate or select');
  refuseUnless(options['--budget'] !== '' && seconds >= 0 && seconds <= 1e6, 'the budget is a number of seconds');
  return { graph: files[0], result: files[1], cap, mode, seconds };
}

function readText(file) {
  const bytes = readFileSync(file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Vertices and arcs of a graph file. Arcs are named by their row: the column `arc`, where present, may repeat. */
function readGraph(file) {
  const [header = '', ...rows] = readText(file).split(/\r?\n/);
  const columns = header.replace(/^\ufeff/, '').split(',').map((name) => name.trim());
  const [src, dst, score] = ['src', 'dst', 'score'].map((name) => {
    refuseUnless(columns.includes(name), `the graph has no column ${name}`);
    return columns.indexOf(name);
  });
  const vertices = new Set();
  const arcs = [];
  rows.forEach((row, at) => {
    if (row.trim() === '') return;
    const cells = row.split(',').map((cell) => cell.trim());
    const [from = '', to = '', points = ''] = [cells[src], cells[dst], cells[score]];
    const arc = { id: String(at), from, to, score: points === '' ? Number.NaN : Number(points) };
    refuseUnless(arc.from !== '' && arc.to !== '', `line ${at + 2} names no two vertices`);
    refuseUnless(Number.isInteger(arc.score) && arc.score >= 0 && arc.score <= 2 ** 32, `line ${at + 2} has no whole score from 0 to 2^32`);
    vertices.add(arc.from).add(arc.to);
    arcs.push(arc);
  });
  return { vertices: [...vertices], arcs };
}

/** JSON with whole numbers of any size written as numbers. */
function toJson(value) {
  const mark = '\ue000';
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${mark}${item}` : item));
  return text.replaceAll(new RegExp(`"${mark}(\\d+)"`, 'g'), '$1');
}

function enumerated(graph, cap) {
  const { byLength } = countCycles({ ...graph, cycleCap: cap, stepsMax: Number.MAX_SAFE_INTEGER });
  const byName = (figure) => Object.fromEntries(byLength.map((row) => [row.length, row[figure]]));
  return { counts: byName('count'), scoreSum: byName('scoreSum') };
}

function selected(graph, cap, seconds) {
  const pool = { ...graph, cycleCap: cap, stepsMax: Math.floor(seconds * STEPS_PER_SECOND) };
  const selection = bestSelection(pool);
  verifySelection(pool, selection);
  const areNumbers = graph.vertices.every((vertex) => String(Number(vertex)) === vertex);
  const cycles = selection.cycles.map(({ vertices }) => (areNumbers ? vertices.map(Number) : vertices));
  return { objective: selection.objective, bound: selection.bound, proven: selection.proven, cycles };
}

try {
  const { graph: file, result, cap, mode, seconds } = readArguments(process.argv.slice(2));
  const graph = readGraph(file);
  writeFileSync(result, `${toJson(mode === 'enumerate' ? enumerated(graph, cap) : selected(graph, cap, seconds))}\n`);
} catch (error) {
  const isRefusal = error instanceof Refusal || error.code === 'ENOENT' || error.code === 'EISDIR' || error.code?.startsWith?.('Z_');
  console.error(isRefusal ? `match: ${error.message}\n${USAGE}` : error);
  process.exitCode = isRefusal ? 2 : 1;
}
