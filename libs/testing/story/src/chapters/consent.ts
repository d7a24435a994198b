import { hashDocument, type Json } from '@kula/kernel-crypto';
import { awaitCondition } from '../await-condition.js';
import type { Actor } from '../cast.js';
import { contracts } from '../node-client.js';
import { proposedRings } from '../proposed-rings.js';
import type { Stage } from '../story.js';

/** Each member checks at home that the hash is that of the terms it reads, and signs it with its own key. */
export async function consent(stage: Stage): Promise<void> {
  const { cast, teller } = stage;
  const seated = await awaitCondition('proposals to reach their members', async () => membersOfRings(stage));
  await Promise.all(seated.map((actor) => sign(stage, actor)));
  await Promise.all(cast.nodes.map(async (node) => {
    const chains = await awaitCondition(`chains to be committed at ${node.title}`, async () => {
      const found = await cast.operatorOf(node).all('/v1/chains', contracts.exchange.listChains);
      // Two nodes may have proposed the same capacity at the same moment: then one chain is called off everywhere.
      return found.every(({ state }) => ['executing', 'completed', 'aborted'].includes(state)) && found;
    });
    for (const chain of chains.filter(({ state }) => state === 'executing')) teller.fact(node.title, `holds the complete commitment of ${chain.legs.length} legs: ${chain.consents.length} consents, ${chain.acknowledgements.length} acknowledgements`);
  }));
}

/** Members of every proposed ring, once each has been offered that chain at home; undefined before that. */
async function membersOfRings({ cast }: Stage): Promise<Actor[] | undefined> {
  const seats = new Map<string, { readonly actor: Actor; readonly ringId: string }>();
  for (const { ringId, legs } of await proposedRings(cast)) {
    for (const { providerId } of legs) seats.set(`${ringId} ${providerId}`, { actor: cast.byDid(providerId), ringId });
  }
  for (const { actor, ringId } of seats.values()) {
    const chains = await actor.client.all('/v1/chains', contracts.exchange.listChains);
    const state = chains.find(({ chainId }) => chainId === ringId)?.state;
    if (state === undefined || state === 'proposed') return undefined;
  }
  return [...new Set([...seats.values()].map(({ actor }) => actor))];
}

async function sign(stage: Stage, actor: Actor): Promise<void> {
  const chains = await actor.client.all('/v1/chains', contracts.exchange.listChains);
  for (const chain of chains.filter(({ state }) => state === 'confirming')) {
    if (hashDocument(chain.terms as Json) !== chain.termsHash) throw new Error(`${actor.name} is shown other terms than those to be signed`);
    const madeAt = stage.startedAt.toISOString();
    const statement = { chain_id: chain.chainId, terms_hash: chain.termsHash, participant_id: actor.did, decision: 'confirm', made_at: madeAt };
    await actor.client.post(`/v1/chains/${chain.chainId}/consents`, {
      termsHash: chain.termsHash, decision: 'confirm', madeAt, signature: actor.wallet.sign('sep/consent/v1', statement),
    }, `consent of ${actor.key}`, contracts.exchange.giveConsent);
    tellConsent(stage, actor, chain.legs);
  }
}

interface ToldLeg { readonly providerId: string; readonly recipientId: string; readonly quantity: { readonly amount: string; readonly unit: string } }

function tellConsent({ cast, teller }: Stage, actor: Actor, legs: readonly ToldLeg[]): void {
  const gives = legs.find(({ providerId }) => providerId === actor.did);
  const gets = legs.find(({ recipientId }) => recipientId === actor.did);
  if (gives === undefined || gets === undefined) throw new Error(`${actor.name} has no seat in the ring`);
  const amount = ({ quantity }: ToldLeg) => `${quantity.amount} ${quantity.unit}`;
  teller.fact(actor.node.title, `${actor.name} signs: gives ${amount(gives)} to ${cast.byDid(gives.recipientId).name}, gets ${amount(gets)} from ${cast.byDid(gets.providerId).name}`);
}
