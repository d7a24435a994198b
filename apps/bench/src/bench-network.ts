import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevNetwork } from '@kula/testing-dev-network';
import { contracts, NodeClient } from '@kula/testing-story';
import { walletOf, type Wallet } from '@kula/testing-fixtures';

const NAMES = ['north', 'south', 'east'];

/** Three nodes as `npm start` brings them up, in a temporary folder. */
export async function withNetwork<Result>(work: (network: DevNetwork) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'kula-bench-'));
  try {
    const network = await DevNetwork.start({ nodes: NAMES.map((name) => ({ name, title: name, processes: 'one' as const })), dir, durable: true });
    try {
      return await work(network);
    } finally {
      await network.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A member of a cooperative on the first node, registered and signed in. */
export async function memberOf(network: DevNetwork): Promise<{ readonly client: NodeClient; readonly wallet: Wallet }> {
  const node = network.node('north');
  const operator = new NodeClient(node.gatewayUrl, node.nodeId, DevNetwork.operator('north'));
  const cooperative = walletOf('bench cooperative');
  const member = walletOf('bench member');
  const madeAt = new Date().toISOString();
  const joined = { cooperative_id: cooperative.did, node_id: node.nodeId, name: 'Bench', place: null, made_at: madeAt };
  await operator.post('/v1/cooperatives', {
    cooperativeId: cooperative.did, name: 'Bench', place: null, madeAt, signature: cooperative.sign('sep/cooperative/v1', joined),
  }, 'bench', contracts.identity.registerCooperative);
  const statement = { participant_id: member.did, node_id: node.nodeId, cooperative_id: cooperative.did, handle: 'bench', display_name: 'Bench', made_at: madeAt };
  await operator.as(cooperative).post('/v1/participants', {
    participantId: member.did, cooperativeId: cooperative.did, handle: 'bench', displayName: 'Bench', madeAt, signature: member.sign('sep/participant/v1', statement),
  }, 'bench', contracts.identity.registerParticipant);
  return { client: operator.as(member), wallet: member };
}

const DAY_MS = 24 * 3600 * 1000;

/** A listing of the bench member; each index is another one. */
export function listingNumber(index: number): { readonly reference: string; readonly [name: string]: unknown } {
  const now = Date.now();
  return {
    reference: `bench-${index}`, kind: 'offering', title: `Offering ${index}`, capability: 'bench.thing', quantity: { amount: '1', unit: 'PIECE' },
    availableFrom: new Date(now).toISOString(), availableUntil: new Date(now + 30 * DAY_MS).toISOString(), place: null, delivery: 'onsite', visibility: 'network',
  };
}
