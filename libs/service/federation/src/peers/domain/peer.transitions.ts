import type { TransitionTable } from '@kula/kernel-primitives';

/** How two nodes stand; the words are those of the contract. */
export type PeerState = 'asked' | 'asking' | 'linked' | 'paused' | 'draining' | 'suspended' | 'blocked' | 'declined';

/** `stranger`: the node is no peer, there is no record of it. */
export type Standing = PeerState | 'stranger';

/**
 * What changes how two nodes stand.
 *
 * Of our operator: `ask` for a link, `askAnew` one whose log came by relays only, `admit` a log without a link, `declare` in the
 * peers file and `undeclare`, and the actions. Of the other node, by signed statement: `theyAsk`, `theyKnock` where that needs a
 * decision although there is a record, `theyAgree`, `theyDecline`. `crowdedOut`: too many strangers ask. `restore …`: what was
 * before comes back.
 */
export type PeerEvent =
  | 'ask' | 'askAnew' | 'admit' | 'declare' | 'undeclare' | 'approve' | 'decline' | 'pause' | 'drain' | 'suspend' | 'resume' | 'block' | 'forget'
  | 'theyAsk' | 'theyKnock' | 'theyAgree' | 'theyDecline' | 'crowdedOut' | `restore ${PeerState}`;

export const PEER_INITIAL: Standing = 'stranger';

export const PEER_TRANSITIONS: TransitionTable<Standing, PeerEvent> = {
  stranger: { ask: 'asked', admit: 'linked', declare: 'linked', block: 'blocked', theyAsk: 'asking', theyAgree: 'asking' },
  asked: {
    ask: 'asked', declare: 'linked', decline: 'declined', block: 'blocked', theyAsk: 'linked', theyAgree: 'linked', theyDecline: 'declined',
  },
  asking: {
    ask: 'linked', declare: 'linked', approve: 'linked', decline: 'declined', block: 'blocked',
    theyAsk: 'asking', theyAgree: 'asking', theyDecline: 'declined', crowdedOut: 'stranger',
  },
  linked: {
    ask: 'linked', askAnew: 'asked', declare: 'linked', undeclare: 'stranger', pause: 'paused', drain: 'draining', suspend: 'suspended', block: 'blocked',
    theyAsk: 'linked', theyKnock: 'asking', theyAgree: 'linked', theyDecline: 'declined',
    'restore paused': 'paused', 'restore draining': 'draining', 'restore suspended': 'suspended',
  },
  paused: {
    ask: 'paused', declare: 'paused', undeclare: 'stranger', drain: 'draining', suspend: 'suspended', resume: 'linked', block: 'blocked',
    theyAsk: 'paused', theyAgree: 'paused', theyDecline: 'declined',
    'restore linked': 'linked', 'restore draining': 'draining', 'restore suspended': 'suspended',
  },
  draining: {
    ask: 'draining', declare: 'draining', undeclare: 'stranger', pause: 'paused', suspend: 'suspended', resume: 'linked', block: 'blocked',
    theyAsk: 'draining', theyAgree: 'draining', theyDecline: 'declined',
    'restore linked': 'linked', 'restore paused': 'paused', 'restore suspended': 'suspended',
  },
  suspended: {
    ask: 'suspended', declare: 'suspended', undeclare: 'suspended', resume: 'linked', block: 'blocked', forget: 'stranger',
    theyAsk: 'suspended', theyAgree: 'suspended', theyDecline: 'suspended',
    'restore linked': 'linked', 'restore paused': 'paused', 'restore draining': 'draining',
  },
  blocked: {
    declare: 'blocked', undeclare: 'blocked',
    'restore asked': 'asked', 'restore asking': 'asking', 'restore linked': 'linked', 'restore paused': 'paused',
    'restore draining': 'draining', 'restore suspended': 'suspended', 'restore declined': 'declined',
  },
  declined: {
    ask: 'asked', declare: 'linked', undeclare: 'stranger', approve: 'linked', block: 'blocked', forget: 'stranger',
    theyAsk: 'declined', theyKnock: 'asking', theyAgree: 'declined', theyDecline: 'declined',
  },
};
