import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

/** Home nodes attest their members; the others verify the attestation and move what they assume of member and node. */
export async function attest({ cast, teller }: Stage): Promise<void> {
  const exchanged = new Set<string>();
  for (const node of cast.nodes) {
    const chains = await cast.operatorOf(node).all('/v1/chains?state=completed', contracts.exchange.listChains);
    for (const { legs } of chains) for (const leg of legs) exchanged.add(leg.providerId);
  }
  for (const did of exchanged) {
    const actor = cast.byDid(did);
    await Promise.all(cast.nodes.map(async (node) => {
      const client = cast.operatorOf(node);
      const attestation = await awaitCondition(`the attestation of ${actor.name} at ${node.title}`, async () => {
        const found = await client.all(`/v1/participants/${did}/attestations`, contracts.trust.listAttestations);
        return found.find(({ claims }) => claims.exchanges_completed > 0);
      });
      const check = await client.post('/v1/attestation-checks', { attestation }, null, contracts.trust.verifyAttestation);
      if (!check.isValid) throw new Error(`${node.title} does not accept the attestation of ${actor.name}: ${check.checks.filter(({ passed }) => !passed).map(({ sentence }) => sentence).join('; ')}`);
    }));
    const { claims } = (await cast.operatorOf(actor.node).all(`/v1/participants/${did}/attestations`, contracts.trust.listAttestations))[0] ?? { claims: undefined };
    teller.fact(actor.node.title, `attests ${actor.name}: ${claims?.exchanges_completed} exchange(s), ${claims?.partner_count} partner(s), satisfaction ${claims?.satisfaction_rate}; every node verifies it`);
  }
  for (const node of exchanged.size > 0 ? cast.nodes : []) {
    const credibility = await awaitCondition(`${node.title} to credit other nodes by experience`, async () => {
      const found = await cast.operatorOf(node).all('/v1/node-credibility', contracts.trust.listNodeCredibility);
      return found.some(({ experiences }) => experiences > 0) && found;
    });
    for (const { nodeId, credibility: micro, experiences } of credibility.filter((entry) => entry.experiences > 0)) {
      teller.fact(node.title, `credits ${cast.titleOf(nodeId)} with ${(micro / 10_000).toFixed(1)} % after ${experiences} experience(s)`);
    }
  }
}
