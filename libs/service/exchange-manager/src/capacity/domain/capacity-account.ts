import { invariant } from '@kula/kernel-primitives';

/** What is spoken for of one local listing. Amounts are minor units of the listing's unit. */
export interface CapacityAccount {
  readonly listingId: string;
  readonly participantId: string;
  readonly kind: 'offering' | 'need';
  readonly unit: string;
  readonly capacity: bigint;
  readonly reserved: bigint;
  readonly committed: bigint;
  readonly isOpen: boolean;
  /** Rises with every change of what is free, so that readers keep the latest. */
  readonly version: number;
}

/** What happens to an amount of a listing: put aside, promised for good, or given back. */
export type CapacityChange = 'reserve' | 'commit' | 'release';

/** What may still be reserved. */
export const freeOf = ({ capacity, reserved, committed }: CapacityAccount): bigint => capacity - reserved - committed;

/**
 * The account after a change.
 *
 * @throws InvariantError where it would promise more than there is, or give back what was never put aside.
 * @invariant reserved + committed ≤ capacity (I1).
 */
export function withChange(account: CapacityAccount, change: CapacityChange, amount: bigint): CapacityAccount {
  invariant(amount > 0n, 'a changed amount is positive');
  const changed = { ...account, ...amountsAfter(account, change, amount), version: account.version + 1 };
  invariant(changed.reserved >= 0n, 'what is committed or given back was reserved');
  invariant(freeOf(changed) >= 0n, 'no more of a listing is promised than there is');
  return changed;
}

function amountsAfter({ reserved, committed }: CapacityAccount, change: CapacityChange, amount: bigint): Pick<CapacityAccount, 'reserved' | 'committed'> {
  if (change === 'reserve') return { reserved: reserved + amount, committed };
  return { reserved: reserved - amount, committed: change === 'commit' ? committed + amount : committed };
}
