import { awaitCondition } from '../await-condition.js';
import type { Dataset } from '../dataset.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

const DAY_MS = 24 * 3600 * 1000;

type Listing = Dataset['listings'][number];

/** Members publish their listings at home; the network ones arrive everywhere, the others stay where they are. */
export async function publishListings(stage: Stage): Promise<void> {
  await publish(stage, stage.cast.dataset.listings, '');
}

/** Publishes listings and waits until every node has those it may see. `round` tells references of different rounds apart. */
export async function publish(stage: Stage, listings: readonly Listing[], round: string): Promise<void> {
  const { cast, startedAt, teller } = stage;
  const availableFrom = new Date(startedAt.getTime() + DAY_MS).toISOString();
  const availableUntil = new Date(startedAt.getTime() + 60 * DAY_MS).toISOString();
  await Promise.all(listings.map(async ({ member, kind, title, capability, amount, unit, delivery, visibility }, index) => {
    const actor = cast.actor(member);
    const reference = `${member}-${kind}-${round}${index}`;
    await actor.client.post('/v1/listings', {
      reference, kind, title, capability, quantity: { amount, unit }, availableFrom, availableUntil, place: null, delivery, visibility,
    }, reference, contracts.matching.publishListing);
    teller.fact(actor.node.title, `${actor.name} ${kind === 'offering' ? 'offers' : 'needs'} ${amount} ${unit} of ${capability}: ${title}`);
  }));
  await Promise.all(cast.nodes.map(async (node) => {
    const isSeen = ({ visibility, member }: Listing) => visibility === 'network' || cast.actor(member).node === node;
    const titles = listings.filter(isSeen).map(({ title }) => title);
    await awaitCondition(`${node.title} to have ${titles.length} listings`, async () => {
      const found = new Set((await cast.operatorOf(node).all('/v1/listings', contracts.matching.listListings)).map(({ title }) => title));
      return titles.every((title) => found.has(title));
    });
    teller.fact(node.title, `sees ${titles.length} of them, ${listings.length - titles.length} stay with their home node`);
  }));
}
