import type { TransitionTable } from '@kula/kernel-primitives';

/** Recorded: one side's signature is in the log, or not even that. Open: both are. Frozen: in the set of a run in progress. Discharged: nothing remains. */
export type ObligationState = 'recorded' | 'open' | 'frozen' | 'discharged';

/** `confirm`: the second signature is in the log. `release`: its run is disputed. `reduce`, `discharge`: its run settled. */
export type ObligationEvent = 'confirm' | 'freeze' | 'release' | 'reduce' | 'discharge';

export const OBLIGATION_INITIAL: ObligationState = 'recorded';

export const OBLIGATION_TRANSITIONS: TransitionTable<ObligationState, ObligationEvent> = {
  recorded: { confirm: 'open' },
  open: { freeze: 'frozen' },
  frozen: { release: 'open', reduce: 'open', discharge: 'discharged' },
  discharged: {},
};
