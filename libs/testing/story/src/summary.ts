import { awaitCondition } from './await-condition.js';
import { contracts } from './node-client.js';
import type { Stage } from './story.js';

/** What one node knows at the end, as far as it must be equal everywhere. */
export interface NodeKnowledge {
  readonly node: string;
  readonly heads: Readonly<Record<string, string>>;
  readonly participants: number;
  readonly networkListings: number;
  readonly agreement: string;
  readonly clearing: { readonly setRoot: string | null; readonly resultHash: string | null; readonly netTotal: string | null; readonly state: string };
}

/** What one node knows of chains: only those that its members sit in. */
export interface ChainKnowledge {
  readonly node: string;
  readonly chains: Readonly<Record<string, string>>;
}

/** Asks every node what it knows, after the logs have met. */
export async function summarise(stage: Stage): Promise<{ readonly knowledge: readonly NodeKnowledge[]; readonly chains: readonly ChainKnowledge[] }> {
  await awaitCondition('every node to hold the same log', async () => {
    const heads = await Promise.all(stage.cast.nodes.map(async (node) => JSON.stringify(await headsOf(stage, node.name))));
    return new Set(heads).size === 1;
  });
  const { cast } = stage;
  const knowledge = await Promise.all(cast.nodes.map(async (node) => {
    const client = cast.operatorOf(node);
    const { agreement, clearingRun } = cast.dataset;
    const run = await client.get(`/v1/clearing-runs/${clearingRun}`, contracts.clearing.getClearingRun);
    const listings = await client.all('/v1/listings', contracts.matching.listListings);
    return {
      node: node.title, heads: await headsOf(stage, node.name),
      participants: (await client.all('/v1/participants', contracts.identity.listParticipants)).length,
      networkListings: listings.filter(({ visibility }) => visibility === 'network').length,
      agreement: (await client.get(`/v1/agreements/${agreement.id}`, contracts.agreement.getAgreement)).state,
      clearing: { setRoot: run.setRoot, resultHash: run.resultHash, netTotal: run.result?.netTotal ?? null, state: run.state },
    };
  }));
  const chains = await Promise.all(cast.nodes.map(async (node) => {
    const found = await cast.operatorOf(node).all('/v1/chains', contracts.exchange.listChains);
    return { node: node.title, chains: Object.fromEntries(found.map(({ chainId, state }) => [chainId, state] as const).sort()) };
  }));
  return { knowledge, chains };
}

async function headsOf({ cast }: Stage, name: string): Promise<Record<string, string>> {
  const { heads } = await cast.operatorOf(cast.nodeNamed(name)).get('/v1/federation', contracts.federation.getFederationStatus);
  return Object.fromEntries(heads.map(({ issuer, seq, hash }) => [issuer, `${seq}:${hash}`] as const).sort());
}
