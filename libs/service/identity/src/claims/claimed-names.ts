import type { cooperativeStatement, participantStatement } from '@kula/contracts';
import type { z } from 'zod';
import type { Claimed, Holder } from './domain/disputes.js';

/** What an entry claims, with the holder that the entry itself names: the node whose id it is, the node that a statement was made for. */
export interface NamedClaim extends Claimed { readonly named?: Holder }

type PartyStatement = Pick<z.infer<typeof cooperativeStatement>, 'cooperative_id' | 'node_id'>;
type MemberStatement = Pick<z.infer<typeof participantStatement>, 'participant_id' | 'node_id' | 'handle'>;

/** What a node claims by announcing itself: an id, which is a key, and a domain. */
export function claimsOfNode(body: { readonly node_id: string; readonly domain?: string }, issuer: string): NamedClaim[] {
  const by = { id: issuer, nodeId: issuer };
  const id: NamedClaim = { what: 'node', name: body.node_id, by, named: { id: body.node_id, nodeId: body.node_id } };
  return body.domain === undefined ? [id] : [id, { what: 'domain', name: body.domain, by }];
}

/** What a node claims by announcing a cooperative or its profile. */
export const claimsOfCooperative = ({ cooperative_id: did, node_id: nodeId }: PartyStatement, issuer: string): NamedClaim[] =>
  [{ what: 'cooperative', name: did, by: { id: did, nodeId: issuer }, named: { id: did, nodeId } }];

/** What a node claims by announcing a participant: the did, and the handle on that node. */
export function claimsOfParticipant({ participant_id: did, node_id: nodeId, handle }: MemberStatement, issuer: string): NamedClaim[] {
  const by = { id: did, nodeId: issuer };
  return [{ what: 'participant', name: did, by, named: { id: did, nodeId } }, { what: 'handle', name: handle, by }];
}
