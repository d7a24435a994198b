import type { TransitionTable } from '@kula/kernel-primitives';

/** `open`: may be matched. `withdrawn`: is not matched any more; what is committed stays committed. */
export type ListingState = 'open' | 'withdrawn';

/** `withdraw`: its member takes it back. `expire`: its time is over. */
export type ListingEvent = 'withdraw' | 'expire';

export const LISTING_INITIAL: ListingState = 'open';

export const LISTING_TRANSITIONS: TransitionTable<ListingState, ListingEvent> = {
  open: { withdraw: 'withdrawn', expire: 'withdrawn' },
  withdrawn: {},
};
