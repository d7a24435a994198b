import { invariant } from '@kula/kernel-primitives';
import type { NodeId } from '@kula/kernel-crypto';
import { isNodeId } from './entry.js';

/** The topics this release applies. Entries of other topics are stored and relayed all the same. */
export const TOPICS = [
  'announce', 'graph', 'chains', 'disputes', 'attestations', 'agreements', 'clearing', 'governance',
] as const;

/** A topic this release applies. */
export type Topic = (typeof TOPICS)[number];

const TOPIC_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** True for a topic this release applies. */
export const isTopic = (topic: string): topic is Topic => (TOPICS as readonly string[]).includes(topic);

/** True where a topic, known or not, is safe as one NATS token. */
export const isTopicToken = (topic: string): boolean => TOPIC_TOKEN.test(topic);

/**
 * Subject an entry travels on: `federation.<topic>.<node id>`.
 *
 * @throws InvariantError where either part is not safe as one NATS token.
 */
export function subjectOf(topic: string, nodeId: NodeId): string {
  invariant(isTopicToken(topic), 'a topic is one token');
  invariant(isNodeId(nodeId), 'a node id is the fingerprint of an Ed25519 key');
  return `federation.${topic}.${nodeId}`;
}
