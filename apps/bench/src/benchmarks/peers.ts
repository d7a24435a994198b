import type { DevNetwork } from '@kula/testing-dev-network';
import { withLogNetwork } from '../log-network.js';
import { memoryOf, short, type Measured, type Row } from '../measure.js';

const SIZES = [3, 10, 30];
const SETTLE_MS = 20_000;

/** Memory of one node by the number of peers it is linked to, each a node of its own with its own servers. */
export async function peers(): Promise<Measured> {
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  let before: number | undefined;
  for (const size of SIZES) {
    const names = ['hub', ...Array.from({ length: size }, (_unused, index) => `peer${index + 1}`)];
    const { service, bus } = await withLogNetwork(names, 'star', async (network) => {
      await new Promise((resolve) => { setTimeout(resolve, SETTLE_MS); });
      return memoryOfHub(network);
    });
    rows.push({
      what: `a node with ${size} peers: federation service and nats-server (PSS)`, figure: `${short(service)} MB and ${short(bus)} MB`,
      against: before === undefined ? '' : `${short((service + bus) / before)} × the row above`,
    });
    numbers[`service${size}Mb`] = service;
    numbers[`nats${size}Mb`] = bus;
    before = service + bus;
  }
  return { name: 'peers', rows, numbers };
}

function memoryOfHub(network: DevNetwork): { readonly service: number; readonly bus: number } {
  const hub = network.node('hub');
  return { service: memoryOf([hub.pidOf('federation') ?? 0]), bus: memoryOf([hub.pidOf('nats') ?? 0]) };
}
