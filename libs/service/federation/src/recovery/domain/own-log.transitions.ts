import type { TransitionTable } from '@kula/kernel-primitives';

/**
 * How this node stands with its own log. It signs in `confirmed` only.
 *
 * `waiting`: too few peers have said what they hold of it. `recovering`: peers hold more, which is being fetched back.
 * `contradicted`: another entry of it is held somewhere than here; people decide.
 */
export type OwnLogState = 'waiting' | 'recovering' | 'contradicted' | 'confirmed';
export type OwnLogEvent = 'doubt' | 'agree' | 'allow' | 'fall_behind' | 'catch_up' | 'contradict' | 'release';

export const OWN_LOG_INITIAL: OwnLogState = 'waiting';

export const OWN_LOG_TRANSITIONS: TransitionTable<OwnLogState, OwnLogEvent> = {
  waiting: { doubt: 'waiting', agree: 'confirmed', allow: 'confirmed', fall_behind: 'recovering', contradict: 'contradicted' },
  recovering: { doubt: 'waiting', catch_up: 'waiting', contradict: 'contradicted' },
  contradicted: { doubt: 'contradicted', release: 'waiting' },
  confirmed: { doubt: 'waiting', contradict: 'contradicted' },
};
