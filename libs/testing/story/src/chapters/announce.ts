import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

/** Operators register their cooperative, cooperatives their members, each with the owner's own signed statement. */
export async function announce({ cast, startedAt, teller }: Stage): Promise<void> {
  const madeAt = startedAt.toISOString();
  await Promise.all(cast.cooperatives.map(async (actor) => {
    const { name, place } = cast.dataset.cooperatives.find(({ key }) => key === actor.key) ?? { name: actor.name, place: null };
    const statement = { cooperative_id: actor.did, node_id: actor.node.nodeId, name, place, made_at: madeAt };
    const signature = actor.wallet.sign('sep/cooperative/v1', statement);
    await cast.operatorOf(actor.node).post('/v1/cooperatives', { cooperativeId: actor.did, name, place, madeAt, signature }, actor.key, contracts.identity.registerCooperative);
    teller.fact(actor.node.title, `${name} joins with its own key`);
  }));
  await Promise.all(cast.members.map(async (actor) => {
    const cooperative = cast.actor(cast.dataset.members.find(({ key }) => key === actor.key)?.cooperative ?? '');
    const statement = { participant_id: actor.did, node_id: actor.node.nodeId, cooperative_id: cooperative.did, handle: actor.key, display_name: actor.name, made_at: madeAt };
    const signature = actor.wallet.sign('sep/participant/v1', statement);
    const { address } = await cooperative.client.post('/v1/participants', {
      participantId: actor.did, cooperativeId: cooperative.did, handle: actor.key, displayName: actor.name, madeAt, signature,
    }, actor.key, contracts.identity.registerParticipant);
    teller.fact(actor.node.title, `${actor.name} is a member of ${cooperative.name}: ${address}`);
  }));
  await Promise.all(cast.nodes.map(async (node) => {
    const client = cast.operatorOf(node);
    await awaitCondition(`${node.title} to know everybody`, async () => {
      const nodes = await client.all('/v1/nodes', contracts.identity.listNodes);
      const cooperatives = await client.all('/v1/cooperatives', contracts.identity.listCooperatives);
      const participants = await client.all('/v1/participants', contracts.identity.listParticipants);
      return nodes.length >= cast.nodes.length && cooperatives.length >= cast.cooperatives.length && participants.length >= cast.members.length;
    });
    teller.fact(node.title, `knows ${cast.nodes.length} nodes, ${cast.cooperatives.length} cooperatives and ${cast.members.length} members`);
  }));
}
