import { withNetwork } from '../bench-network.js';
import { memoryOf, short, type Measured } from '../measure.js';

/** Time and memory to bring three nodes up, from nothing to every service answering. */
export async function startup(): Promise<Measured> {
  const from = performance.now();
  return withNetwork(async (network) => {
    const seconds = (performance.now() - from) / 1000;
    const pidsOf = (part: 'node' | 'nats') => network.nodes.map((node) => node.pidOf(part)).filter((pid) => pid !== undefined);
    const services = memoryOf(pidsOf('node'));
    const buses = memoryOf(pidsOf('nats'));
    return {
      name: 'startup',
      rows: [
        { what: 'three nodes, each with Postgres, nats-server and eight services: time until every service answers', figure: `${short(seconds)} s`, against: '' },
        { what: 'memory of the three service processes (PSS)', figure: `${short(services)} MB`, against: `${short(services / 3)} MB a node` },
        { what: 'memory of the three nats-servers (PSS)', figure: `${short(buses)} MB`, against: '' },
      ],
      numbers: { seconds, servicesMb: services, natsMb: buses },
    };
  });
}
