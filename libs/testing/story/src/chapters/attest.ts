import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

/** Home nodes attest their members; the others verify the attestation and move what they assume of member and node. */
export async function attest(stage: Stage): Promise<void> {
  const exchanged = await membersWhoExchanged(stage);
  for (const did of exchanged) await attestMember(stage, did);
}

async function membersWhoExchanged({ cast }: Stage): Promise<Set<string>> {
  const exchanged = new Set<string>();
  for (const node of cast.nodes) {
    const chains = await cast.operatorOf(node).all('/v1/chains?state=completed', contracts.exchange.listChains);
    for (const { legs } of chains) for (const leg of legs) exchanged.add(leg.providerId);
  }
  return exchanged;
}

/** Every node has the attestation of a member and finds it genuine. */
async function attestMember({ cast, teller }: Stage, did: string): Promise<void> {
  const actor = cast.byDid(did);
  const attestations = await Promise.all(cast.nodes.map(async (node) => {
    const client = cast.operatorOf(node);
    const attestation = await awaitCondition(`the attestation of ${actor.name} at ${node.title}`, async () => {
      const found = await client.all(`/v1/participants/${did}/attestations`, contracts.trust.listAttestations);
      return found.find(({ claims }) => claims.exchanges_completed > 0);
    });
    const { isValid, checks } = await client.post('/v1/attestation-checks', { attestation }, null, contracts.trust.verifyAttestation);
    if (!isValid) throw new Error(`${node.title} does not accept the attestation of ${actor.name}: ${checks.filter(({ passed }) => !passed).map(({ sentence }) => sentence).join('; ')}`);
    return attestation;
  }));
  for (const { claims } of attestations.slice(0, 1)) {
    teller.fact(actor.node.title, `attests ${actor.name}: ${claims.exchanges_completed} exchange(s), ${claims.partner_count} partner(s), satisfaction ${claims.satisfaction_rate}; every node verifies it`);
  }
}
