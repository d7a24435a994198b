import { contracts } from '../node-client.js';
import { drawRing } from '../pictures/draw-ring.js';
import { proposedRings } from '../proposed-rings.js';
import type { Stage } from '../story.js';

/** Rings that are drawn; a generated market may have many. */
const DRAWN_MAX = 4;

/** Every node searches the graph it has; each selected ring is proposed by one of them, and reaches every home node. */
export async function findRings({ cast, teller }: Stage): Promise<void> {
  const searches = await Promise.all(cast.nodes.map(async (node) => {
    const result = await cast.operatorOf(node).post('/v1/searches', {}, null, contracts.matching.runSearch);
    teller.fact(node.title, `finds ${result.ringsFound} ring(s) and selects ${result.ringsSelected}${result.proven ? ', proven to be the best choice' : ''}`);
    return result.ringsSelected;
  }));
  const selected = Math.max(...searches);
  const [first] = cast.nodes;
  if (first === undefined || selected === 0) return;
  const rings = await proposedRings(cast);
  for (const ring of rings.slice(0, DRAWN_MAX)) {
    teller.picture(drawRing(cast, ring.legs));
    for (const leg of ring.legs) {
      const reasons = leg.explanation.map(({ sentence }) => sentence).join('; ');
      teller.fact(cast.titleOf(leg.providerNode), `${cast.byDid(leg.providerId).name} gives ${leg.quantity.amount} ${leg.quantity.unit} to ${cast.byDid(leg.recipientId).name}: ${reasons}`);
    }
  }
  if (rings.length > DRAWN_MAX) teller.fact('everywhere', `and ${rings.length - DRAWN_MAX} more rings are proposed`);
  const considered = await cast.operatorOf(first).all('/v1/rings?state=considered', contracts.matching.listRings);
  for (const ring of considered.slice(0, 3)) {
    teller.fact('not chosen', `${ring.legs.map((leg) => cast.byDid(leg.providerId).name).join(' → ')}: ${ring.reason}`);
  }
}
