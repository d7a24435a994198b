import { hashDocument } from '@kula/kernel-crypto';
import { awaitCondition } from '../await-condition.js';
import type { Actor } from '../cast.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

type Signal = 'started' | 'delivered' | 'fulfilment';

/** Each provider starts and delivers, both sides answer whether what was agreed was delivered. */
export async function carryOut(stage: Stage): Promise<void> {
  const { cast, teller } = stage;
  await Promise.all(cast.members.map(async (actor) => {
    await signalOwnLegs(stage, actor, 'started', 'agreed');
    await signalOwnLegs(stage, actor, 'delivered', 'started');
  }));
  await Promise.all(cast.members.map((actor) => answerLegs(stage, actor)));
  await Promise.all(cast.nodes.map(async (node) => {
    const chains = await awaitCondition(`chains to be completed at ${node.title}`, async () => {
      const found = await cast.operatorOf(node).all('/v1/chains', contracts.exchange.listChains);
      return found.every(({ state }) => ['completed', 'aborted'].includes(state)) && found;
    });
    const completed = chains.filter(({ state }) => state === 'completed').length;
    teller.fact(node.title, `${completed} chain(s) completed, every leg fulfilled${completed < chains.length ? `; ${chains.length - completed} called off` : ''}`);
  }));
}

/** Chains of the actor that are to be carried out now. */
async function chainsOf(actor: Actor) {
  const chains = await actor.client.all('/v1/chains', contracts.exchange.listChains);
  return chains.filter(({ state }) => state === 'executing');
}

/** Sends one signal on every leg that the actor provides, once the leg is in the state it takes. */
async function signalOwnLegs(stage: Stage, actor: Actor, signal: Signal, from: string): Promise<void> {
  for (const { chainId, legs } of await chainsOf(actor)) {
    for (const leg of legs.filter(({ providerId }) => providerId === actor.did)) {
      await awaitLeg(actor, { chainId, legId: leg.legId, from });
      await send(stage, actor, { chainId, legId: leg.legId, signal, answer: null });
      if (signal === 'delivered') stage.teller.fact(actor.node.title, `${actor.name} delivers ${leg.quantity.amount} ${leg.quantity.unit} to ${stage.cast.byDid(leg.recipientId).name}`);
    }
  }
}

async function answerLegs(stage: Stage, actor: Actor): Promise<void> {
  for (const { chainId, legs } of await chainsOf(actor)) {
    for (const leg of legs.filter(({ providerId, recipientId }) => providerId === actor.did || recipientId === actor.did)) {
      await awaitLeg(actor, { chainId, legId: leg.legId, from: 'delivered' });
      await send(stage, actor, { chainId, legId: leg.legId, signal: 'fulfilment', answer: 'yes' });
      if (leg.recipientId === actor.did) stage.teller.fact(actor.node.title, `${actor.name} confirms: what was agreed was delivered`);
    }
  }
}

const ORDER = ['agreed', 'started', 'delivered', 'fulfilled'];

/** Waits until the leg has reached a state here, or gone past it. */
async function awaitLeg(actor: Actor, { chainId, legId, from }: { readonly chainId: string; readonly legId: string; readonly from: string }): Promise<void> {
  await awaitCondition(`a leg to be ${from} as seen by ${actor.name}`, async () => {
    const { legs, state } = await actor.client.get(`/v1/chains/${chainId}`, contracts.exchange.getChain);
    const leg = legs.find((candidate) => candidate.legId === legId);
    return leg !== undefined && state !== 'held' && ORDER.indexOf(leg.state) >= ORDER.indexOf(from);
  });
}

interface SignalCall { readonly chainId: string; readonly legId: string; readonly signal: Signal; readonly answer: 'yes' | null }

async function send({ startedAt }: Stage, actor: Actor, { chainId, legId, signal, answer }: SignalCall): Promise<void> {
  const { termsHash, legs } = await actor.client.get(`/v1/chains/${chainId}`, contracts.exchange.getChain);
  const leg = legs.find((candidate) => candidate.legId === legId);
  const evidenceHash = signal === 'delivered' ? hashDocument({ note: `delivery of ${legId}` }) : null;
  const madeAt = startedAt.toISOString();
  const statement = {
    chain_id: chainId, leg_id: legId, terms_hash: termsHash, participant_id: actor.did, signal, answer, evidence_hash: evidenceHash, made_at: madeAt,
  };
  if (isPast(leg?.state ?? 'agreed', signal)) return;
  await actor.client.post(`/v1/chains/${chainId}/legs/${legId}/signals`, {
    signal, answer, evidenceHash, madeAt, signature: actor.wallet.sign('sep/signal/v1', statement),
  }, `${signal} by ${actor.key}`, contracts.exchange.giveSignal);
}

/** True where the leg shows that the signal was given before: the story is being played again. */
function isPast(state: string, signal: Signal): boolean {
  if (signal === 'fulfilment') return state === 'fulfilled';
  return ORDER.indexOf(state) >= ORDER.indexOf(signal);
}
