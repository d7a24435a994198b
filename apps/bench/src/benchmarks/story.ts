import { join } from 'node:path';
import { DevNetwork, workspaceRoot } from '@kula/testing-dev-network';
import { playStory, readDataset, silentTeller } from '@kula/testing-story';
import { withNetwork } from '../bench-network.js';
import { short, type Measured } from '../measure.js';

/** The whole story on a running network, chapter by chapter. */
export async function story(): Promise<Measured> {
  return withNetwork(async (network) => {
    const dataset = readDataset(join(workspaceRoot(), 'libs/testing/story/dataset/three-cooperatives.json'));
    const nodes = network.nodes.map(({ name, title, nodeId, gatewayUrl }) => ({ name, title, nodeId, gatewayUrl, operator: DevNetwork.operator(name) }));
    const starts: [string, number][] = [];
    await playStory({ dataset, nodes, startedAt: new Date(), teller: silentTeller, before: async ({ name }) => { starts.push([name, performance.now()]); } });
    const end = performance.now();
    const seconds = starts.map(([name, at], index) => [name, ((starts[index + 1]?.[1] ?? end) - at) / 1000] as const);
    const total = seconds.reduce((sum, [, value]) => sum + value, 0);
    return {
      name: 'story',
      rows: [
        { what: 'the whole story over REST (12 members, 25 listings, 3 rings, 10 seats, 1 agreement, 3 obligations, 1 run)', figure: `${short(total)} s`, against: seconds.map(([name, value]) => `${name} ${short(value)}`).join(', ') },
      ],
      numbers: { seconds: total, ...Object.fromEntries(seconds) },
    };
  });
}
