import { nextState } from '@kula/kernel-primitives';
import { PEER_TRANSITIONS, type PeerEvent, type PeerState, type Standing } from './peer.transitions.js';

/** What this node still has to tell a peer about the link. */
export type OwedWord = 'asks' | 'agrees' | 'declines';

/** What only the peers file says of a peer. */
export interface Declared {
  readonly apiPrefix: string;
  readonly inboxPrefix?: string | undefined;
  readonly tls?: { readonly caFile?: string | undefined; readonly certFile?: string | undefined; readonly keyFile?: string | undefined } | undefined;
}

/** Everything kept of another node as a peer. */
export interface PeerRecord {
  readonly nodeId: string;
  readonly name: string;
  readonly state: PeerState;
  /** The state before the last change, where that can be taken back. */
  readonly previous: PeerState | null;
  readonly gatewayUrl: string | null;
  readonly natsUrl: string | null;
  readonly view: 'own' | 'all';
  /** Certificate authority the peer's server is checked by, PEM; null: those the machine trusts. */
  readonly tlsCa: string | null;
  /** Seed of the NKey with which this node dials the peer. */
  readonly linkNkeySeed: string | null;
  /** Public NKey with which the peer dials this node. */
  readonly peerNkey: string | null;
  /** Null: the peers file does not name the peer. */
  readonly declared: Declared | null;
  /** When the peer made the last statement that was taken in; earlier ones are repeated by somebody. */
  readonly statedAt: Date | null;
  readonly owes: OwedWord | null;
  /** Grows when the operator wants the link to be dialled now. */
  readonly retries: number;
  readonly reason: string | null;
  readonly addedAt: Date;
  readonly changedAt: Date;
}

/** A signed statement about a link, as far as it matters here. */
export interface PeerWord {
  readonly nodeId: string;
  readonly answer: OwedWord;
  readonly name: string;
  readonly gatewayUrl: string;
  readonly natsUrl: string;
  readonly tlsCa: string | null;
  readonly nkey: string;
  readonly madeAt: Date;
}

export const standingOf = (peer: PeerRecord | undefined): Standing => peer?.state ?? 'stranger';

/** The state after an event; undefined where it cannot happen now. */
export const stateAfter = (peer: PeerRecord | undefined, event: PeerEvent): Standing | undefined => nextState(PEER_TRANSITIONS, standingOf(peer), event);

/** Its log comes by relays only: there is neither an address to dial nor a key by which it could dial us. */
export const isRelayed = (peer: PeerRecord): boolean => peer.natsUrl === null && peer.peerNkey === null && peer.declared === null;

/** Both sides agree to the link, whatever is done with it now. */
export const isAgreed = (state: Standing): boolean => state === 'linked' || state === 'paused' || state === 'draining';

/** A node nothing is known of yet. */
export function newPeer(who: Pick<PeerRecord, 'nodeId' | 'name' | 'state'>, at: Date): PeerRecord {
  return {
    previous: null, gatewayUrl: null, natsUrl: null, view: 'own', tlsCa: null, linkNkeySeed: null, peerNkey: null, declared: null,
    statedAt: null, owes: null, retries: 0, reason: null, addedAt: at, changedAt: at, ...who,
  };
}

/** The peer in another state. What it was before can be taken back; a state that stays is no change. */
export function moved(peer: PeerRecord, state: PeerState, at: Date): PeerRecord {
  if (state === peer.state) return peer;
  // A question or an agreement that is still on its way is void once the two stand otherwise.
  return { ...peer, state, previous: peer.state, changedAt: at, owes: null, reason: null };
}

/** Which event a statement of another node is. */
export function eventOf(peer: PeerRecord | undefined, answer: OwedWord): PeerEvent {
  if (answer === 'declines') return 'theyDecline';
  const isTheirTurn = peer !== undefined && ((peer.state === 'linked' && isRelayed(peer)) || (peer.state === 'declined' && peer.previous === 'asked'));
  if (isTheirTurn) return 'theyKnock';
  return answer === 'asks' ? 'theyAsk' : 'theyAgree';
}

/**
 * The peer with what it says of itself.
 *
 * `isApproved`: the word came from an address that the operator has typed or approved, or awaits approval: then its addresses are
 * taken over. Otherwise a peer may change its key and its certificate, but not where this node dials.
 */
function saidBy(peer: PeerRecord, word: PeerWord, isApproved: boolean): PeerRecord {
  const heard = { ...peer, statedAt: word.madeAt };
  if (peer.declared !== null) return heard;
  if (isApproved) return { ...heard, name: word.name, gatewayUrl: peer.gatewayUrl ?? word.gatewayUrl, natsUrl: word.natsUrl, tlsCa: word.tlsCa, peerNkey: word.nkey };
  return { ...heard, peerNkey: word.nkey, ...(word.natsUrl === peer.natsUrl && { tlsCa: word.tlsCa }) };
}

const awaitsDecision = (state: Standing): boolean => state === 'stranger' || state === 'asked' || state === 'asking' || state === 'declined';

/**
 * The peer after a signed word of it; undefined where there is still no record of it.
 *
 * @param isFetched true where the word was the answer to one of ours, at the address we keep.
 */
export function afterWord(peer: PeerRecord | undefined, word: PeerWord, { at, isFetched }: { readonly at: Date; readonly isFetched: boolean }): PeerRecord | undefined {
  const event = eventOf(peer, word.answer);
  const state = stateAfter(peer, event);
  if (state === undefined || state === 'stranger') return peer;
  const known = peer ?? newPeer({ nodeId: word.nodeId, name: word.name, state }, at);
  // While nobody has approved the node its own word says where its gateway is.
  const asked = known.state === 'asking' ? { ...known, gatewayUrl: null } : known;
  const said = word.answer === 'declines' ? { ...known, statedAt: word.madeAt } : saidBy(asked, word, isFetched || event === 'theyKnock' || awaitsDecision(standingOf(peer)));
  return moved(said, state, at);
}
