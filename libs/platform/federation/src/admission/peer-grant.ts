import { invariant } from '@kula/kernel-primitives';
import { isNodeId } from '@kula/kernel-federation-log';

/** Largest message a peer may send: requests only, entries are pulled. */
export const PEER_PAYLOAD_BYTES_MAX = 4_096;
/** Subscriptions of one connection of a peer. */
export const PEER_SUBSCRIPTIONS_MAX = 20;

/**
 * What one peer may do, in the words of a NATS user token: publishes to its own consumer and its own requests, listens to its
 * own inbox, and nothing else. As an ordinary client only: no leaf node, no websocket, no MQTT.
 *
 * @throws InvariantError where the id could mean something else inside a subject.
 */
export function peerGrant(nodeId: string) {
  invariant(isNodeId(nodeId), 'a peer is named by its node id');
  return {
    pub: { allow: [`fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${nodeId}`, `fedjs.CONSUMER.INFO.FEDLOG.p_${nodeId}`, `fedapi.*.${nodeId}`] },
    sub: { allow: [`_INBOX_${nodeId}.>`] },
    subs: PEER_SUBSCRIPTIONS_MAX, data: -1, payload: PEER_PAYLOAD_BYTES_MAX, allowed_connection_types: ['STANDARD'],
  };
}
