import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';
import { carryOut } from './carry-out.js';
import { consent } from './consent.js';
import { findRings } from './find-rings.js';
import { publish } from './publish-listings.js';

/** Credibility a node starts with, in millionths. */
const CREDIBILITY_START = 500_000;

/** Some exchange again: matching uses the attested trust, and what nodes attested is put to the test. */
export async function exchangeAgain(stage: Stage): Promise<void> {
  const { cast, teller } = stage;
  const { secondRound } = cast.dataset;
  if (secondRound.length === 0) return;
  await publish(stage, secondRound, 'again-');
  await findRings(stage);
  await consent(stage);
  await carryOut(stage);
  const homes = new Set(secondRound.map(({ member }) => cast.actor(member).node));
  await Promise.all([...homes].map(async (node) => {
    const moved = await awaitCondition(`${node.title} to credit another node by experience`, async () => {
      const found = await cast.operatorOf(node).all('/v1/node-credibility', contracts.trust.listNodeCredibility);
      const changed = found.filter(({ credibility }) => credibility !== CREDIBILITY_START);
      return changed.length > 0 && changed;
    });
    for (const { nodeId, credibility } of moved) {
      teller.fact(node.title, `now credits what ${cast.titleOf(nodeId)} attests with ${(credibility / 10_000).toFixed(0)} %, after 50 % before: it foresaw what happened`);
    }
  }));
}
