import type { EntryRefusal } from '../entry/refusal.js';

/**
 * Why a checkpoint, or a snapshot said to be of it, is not taken over, in order of precedence.
 *
 * Up to `wrong_digest`, whoever delivered the snapshot may have left out or put in something: ask another peer. What comes
 * after in this list the issuer has signed: nobody has a better snapshot of this checkpoint.
 */
export type CheckpointRefusalCode =
  /** More live entries than a snapshot may have. */
  | 'checkpoint.too_large'
  /** The entry is no checkpoint. */
  | 'checkpoint.malformed'
  /** Other live entries than the checkpoint names, or another number of them. */
  | 'checkpoint.wrong_digest'
  /** The entries covered leave out a change of keys that is known, or have another one in its place. */
  | 'checkpoint.other_keys'
  /** The entries covered cannot be part of one log that ends where the checkpoint follows. */
  | 'checkpoint.broken_order'
  /** An entry is covered that another covered one, or its expiry, has made dead. */
  | 'checkpoint.dead_entry';

/** A refusal and, for the operator's log, what broke the rule. `detail` never quotes an entry. */
export interface CheckpointRefusal {
  readonly refused: CheckpointRefusalCode;
  readonly detail: string;
}

/** Why a snapshot is not taken over: `index` is the place of the covered entry at fault; absent where it is the checkpoint, or all of it. */
export type SnapshotRefusal = (CheckpointRefusal | EntryRefusal) & { readonly index?: number };

/** A refusal of a checkpoint. */
export const refuseCheckpoint = (refused: CheckpointRefusalCode, detail: string): CheckpointRefusal => ({ refused, detail });
