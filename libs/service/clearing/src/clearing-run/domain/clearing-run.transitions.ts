import type { TransitionTable } from '@kula/kernel-primitives';

/** Open: its entries are not all in. Computed: this node has its result. Agreed: every home node has the same. Settled: every party approved it, and it is booked. */
export type ClearingRunState = 'open' | 'computed' | 'agreed' | 'settled' | 'disputed';

/** `agree`, `dispute`: the last home node's result came in. `settle`: the last party approved. */
export type ClearingRunEvent = 'compute' | 'approve' | 'agree' | 'dispute' | 'settle';

export const CLEARING_RUN_INITIAL: ClearingRunState = 'open';

export const CLEARING_RUN_TRANSITIONS: TransitionTable<ClearingRunState, ClearingRunEvent> = {
  open: { compute: 'computed' },
  computed: { approve: 'computed', agree: 'agreed', dispute: 'disputed' },
  agreed: { approve: 'agreed', settle: 'settled' },
  settled: {},
  disputed: {},
};
