import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

const DAY_MS = 24 * 3600 * 1000;

/** Members publish their listings at home; the network ones arrive everywhere, the others stay where they are. */
export async function publishListings({ cast, startedAt, teller }: Stage): Promise<void> {
  const availableFrom = new Date(startedAt.getTime() + DAY_MS).toISOString();
  const availableUntil = new Date(startedAt.getTime() + 60 * DAY_MS).toISOString();
  const { listings } = cast.dataset;
  await Promise.all(listings.map(async ({ member, kind, title, capability, amount, unit, delivery, visibility }, index) => {
    const actor = cast.actor(member);
    const reference = `${member}-${kind}-${index}`;
    await actor.client.post('/v1/listings', {
      reference, kind, title, capability, quantity: { amount, unit }, availableFrom, availableUntil, place: null, delivery, visibility,
    }, reference, contracts.matching.publishListing);
    teller.fact(actor.node.title, `${actor.name} ${kind === 'offering' ? 'offers' : 'needs'} ${amount} ${unit} of ${capability}: ${title}`);
  }));
  await Promise.all(cast.nodes.map(async (node) => {
    const isSeen = (listing: (typeof listings)[number]) => listing.visibility === 'network' || cast.actor(listing.member).node === node;
    const expected = listings.filter(isSeen).length;
    await awaitCondition(`${node.title} to have ${expected} listings`, async () => {
      const found = await cast.operatorOf(node).all('/v1/listings', contracts.matching.listListings);
      return found.length >= expected;
    });
    teller.fact(node.title, `sees ${expected} listings, ${listings.length - expected} stay with their home node`);
  }));
}
