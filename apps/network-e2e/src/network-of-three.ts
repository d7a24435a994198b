import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevNetwork, workspaceRoot, type NodeSpec } from '@kula/testing-dev-network';
import { playStory, readDataset, summarise, silentTeller, type Chapter, type StoryNode } from '@kula/testing-story';

const NAMES = ['north', 'south', 'east'] as const;

export type NodeName = (typeof NAMES)[number];

/** What happened in one playing of the story, as far as it must be the same every time. */
export interface Outcome {
  readonly chains: Readonly<Record<string, string>>;
  readonly clearing: { readonly netTotal: string | null; readonly state: string };
  readonly participants: number;
  readonly networkListings: number;
  readonly agreement: string;
}

/** Three whole nodes in a temporary folder, and the story's dataset. */
export class NetworkOfThree {
  readonly dataset = readDataset(join(workspaceRoot(), 'libs/testing/story/dataset/three-cooperatives.json'));

  /** The same for every playing on this network: playing again signs the same documents. */
  private readonly startedAt = new Date();

  private constructor(readonly network: DevNetwork, private readonly dir: string) {}

  /** Boots the nodes; those named run one process per service. Durable: what was committed survives a kill, as on a node. */
  static async start(oneProcessPerService: readonly NodeName[] = []): Promise<NetworkOfThree> {
    const dir = mkdtempSync(join(tmpdir(), 'kula-e2e-'));
    const nodes: NodeSpec[] = NAMES.map((name) => ({ name, title: name, processes: oneProcessPerService.includes(name) ? 'each' : 'one' }));
    try {
      return new NetworkOfThree(await DevNetwork.start({ nodes, dir, durable: true }), dir);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  get storyNodes(): StoryNode[] {
    return this.network.nodes.map(({ name, title, nodeId, gatewayUrl }) => ({ name, title, nodeId, gatewayUrl, operator: DevNetwork.operator(name) }));
  }

  /** Plays the story and compares what the nodes know. Fails where they contradict each other. */
  async play(before?: (chapter: Chapter) => Promise<void>) {
    const stage = await playStory({ dataset: this.dataset, nodes: this.storyNodes, startedAt: this.startedAt, teller: silentTeller, ...(before && { before }) });
    const { knowledge, chains } = await summarise(stage);
    return { stage, knowledge, chains };
  }

  async stop(): Promise<void> {
    await this.network.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

type Told = Awaited<ReturnType<NetworkOfThree['play']>>;

/** The outcome of a playing. */
export function outcomeOf({ knowledge, chains }: Told): Outcome {
  const [first] = knowledge;
  if (first === undefined) throw new Error('a network has nodes');
  return {
    chains: Object.assign({}, ...chains.map((node) => node.chains)) as Record<string, string>,
    clearing: { netTotal: first.clearing.netTotal, state: first.clearing.state },
    participants: first.participants, networkListings: first.networkListings, agreement: first.agreement,
  };
}

/** Node names left out, the rest of what must be equal everywhere. */
export const mustBeEqual = ({ knowledge }: Told) => knowledge.map(({ node: _node, ...rest }) => rest);
