import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevNetwork, workspaceRoot, type NodeSpec } from '@kula/testing-dev-network';
import { readDataset, type Dataset, type StoryNode } from '@kula/testing-story';
import type { DemoArguments } from './arguments.js';
import { generateMarket } from './market.js';

/** What is kept between two starts, so that the story goes on where it stopped. */
interface DemoRecord {
  readonly startedAt: string;
  readonly dataset: Dataset;
  readonly gateways: Readonly<Record<string, { readonly url: string; readonly nodeId: string }>>;
}

const NODES: readonly Omit<NodeSpec, 'processes'>[] = [
  { name: 'north', title: 'Northport' }, { name: 'south', title: 'Southvale' }, { name: 'east', title: 'Easthill' },
];

const kept = (name: string) => join(workspaceRoot(), '.demo', name);

/** Width of the longest node title. */
export const TITLE_WIDTH = Math.max(...NODES.map(({ title }) => title.length), 'everywhere'.length);

function chooseDataset({ market, seed, dataset }: DemoArguments): Dataset {
  if (market !== null) return generateMarket(market, seed);
  return readDataset(dataset ?? join(workspaceRoot(), 'libs/testing/story/dataset/three-cooperatives.json'));
}

/** What an earlier start left, unless it was for other data or is to be forgotten. */
function earlierRecord(folder: string, args: DemoArguments, dataset: Dataset): DemoRecord | null {
  const file = join(folder, 'demo.json');
  if (args.fresh || !existsSync(file)) return null;
  const record = JSON.parse(readFileSync(file, 'utf8')) as DemoRecord;
  return JSON.stringify(record.dataset) === JSON.stringify(dataset) ? record : null;
}

/** A started network with what the story needs. */
export interface DemoNetwork {
  readonly network: DevNetwork;
  readonly nodes: readonly StoryNode[];
  readonly dataset: Dataset;
  readonly startedAt: Date;
  readonly goesOn: boolean;
}

/** Brings the network up: a fresh one, or the one an earlier start left behind. */
export async function startDemoNetwork(args: DemoArguments, report: (line: string) => void): Promise<DemoNetwork> {
  const folder = kept(args.exitAtEnd ? `demo-${process.pid}` : 'network');
  const dataset = chooseDataset(args);
  const earlier = earlierRecord(folder, args, dataset);
  if (earlier === null) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const network = await DevNetwork.start({ nodes: NODES.map((node) => ({ ...node, processes: args.processes })), dir: folder, durable: true, report });
  const nodes = network.nodes.map((node) => ({ name: node.name, title: node.title, nodeId: node.nodeId, gatewayUrl: node.gatewayUrl, operator: DevNetwork.operator(node.name) }));
  const startedAt = earlier?.startedAt ?? new Date().toISOString();
  const gateways = Object.fromEntries(nodes.map(({ name, gatewayUrl, nodeId }) => [name, { url: gatewayUrl, nodeId }]));
  writeFileSync(join(folder, 'demo.json'), JSON.stringify({ startedAt, dataset, gateways } satisfies DemoRecord, null, 2), { mode: 0o600 });
  return { network, nodes, dataset, startedAt: new Date(startedAt), goesOn: earlier !== null };
}

/** Removes what a demo that exits has written. */
export function removeDemoFolder(args: DemoArguments): void {
  if (args.exitAtEnd) rmSync(kept(`demo-${process.pid}`), { recursive: true, force: true });
}

/** The network that `npm start` has up, for commands beside it. @throws Error in plain words where there is none. */
export function runningNetwork(): { readonly dataset: Dataset; readonly nodes: readonly StoryNode[] } {
  const file = join(kept('network'), 'demo.json');
  if (!existsSync(file)) throw new Error('no network is up: run npm start first');
  const { dataset, gateways } = JSON.parse(readFileSync(file, 'utf8')) as DemoRecord;
  const nodes = NODES.map(({ name, title }) => ({ name, title, nodeId: gateways[name]?.nodeId ?? '', gatewayUrl: gateways[name]?.url ?? '', operator: DevNetwork.operator(name) }));
  return { dataset, nodes };
}
