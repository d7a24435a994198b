import type { z } from 'zod';
import type { Cast } from './cast.js';
import { contracts } from './node-client.js';

type Ring = z.output<typeof contracts.matching.ring>;

/** Rings that were proposed after the latest searches: of each node's selection those that are its own to propose. */
export async function proposedRings(cast: Cast): Promise<Ring[]> {
  const perNode = await Promise.all(cast.nodes.map(async (node) => {
    const selected = await cast.operatorOf(node).all('/v1/rings?state=selected', contracts.matching.listRings);
    return selected.filter(({ proposingNode }) => proposingNode === node.nodeId);
  }));
  return perNode.flat().sort((left, right) => right.legs.length - left.legs.length || (left.ringId < right.ringId ? -1 : 1));
}
