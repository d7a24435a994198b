import type { TransitionTable } from '@kula/kernel-primitives';

/** `waiting`: the last attempt failed and the next one comes by itself. `stopped`: nothing happens until somebody decides. */
export type LinkState = 'connecting' | 'opening' | 'following' | 'waiting' | 'stopped';
export type LinkEvent = 'dial' | 'connected' | 'opened' | 'failed' | 'stop';

export const LINK_INITIAL: LinkState = 'stopped';

export const LINK_TRANSITIONS: TransitionTable<LinkState, LinkEvent> = {
  stopped: { dial: 'connecting' },
  connecting: { connected: 'opening', failed: 'waiting', stop: 'stopped' },
  opening: { opened: 'following', failed: 'waiting', stop: 'stopped' },
  following: { failed: 'waiting', stop: 'stopped' },
  waiting: { dial: 'connecting', stop: 'stopped' },
};
