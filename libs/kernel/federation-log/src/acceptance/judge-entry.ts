import { invariant } from '@kula/kernel-primitives';
import { GENESIS_PREVIOUS, type Head } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';

/** Two words of one issuer about the entry at one sequence number. */
export interface Contradiction {
  /** Sequence number the two words are about. The log is agreed at most up to the one before. The entry we hold here and the arriving one are the proof. */
  readonly at: number;
  /** Hash of what we hold there. */
  readonly ours: string;
  /** Hash that the arriving entry has, or names as its previous one. */
  readonly theirs: string;
}

/** What is to be done with an opened entry. */
export type EntryVerdict =
  /** Store it; the log then ends at `head`. */
  | { readonly verdict: 'append'; readonly head: Head }
  /** The very bytes we hold: nothing to do. */
  | { readonly verdict: 'known' }
  /** It lies ahead: fetch `from` to `to`, both included, from any peer, and judge it again. */
  | { readonly verdict: 'gap'; readonly from: number; readonly to: number }
  /** The issuer has said two things: keep both, prove it, freeze the issuer. */
  | ({ readonly verdict: 'equivocation' } & Contradiction)
  /** It lies where we no longer hold anything to compare it with: nothing is stored, nothing is concluded. */
  | { readonly verdict: 'pruned' };

/**
 * The verdict on an opened entry, given what is stored of its issuer. Total and O(1).
 *
 * @param head last stored entry of the issuer; undefined where none is.
 * @param storedHash hash stored at the entry's own sequence number, where that is not beyond the head. The `prev` of
 *   the entry stored after it serves as well. Undefined where neither is kept.
 */
export function judgeEntry(head: Head | undefined, storedHash: string | undefined, entry: OpenedEntry): EntryVerdict {
  const { seq, prev } = entry.payload;
  const last = head ?? BEFORE_THE_FIRST;
  if (seq > last.seq + 1) return { verdict: 'gap', from: last.seq + 1, to: seq - 1 };
  if (seq <= last.seq) return judgeAgainst(hashHeld(last, storedHash, seq), entry);
  if (prev === last.hash) return { verdict: 'append', head: { seq, hash: entry.hash } };
  return { verdict: 'equivocation', at: last.seq, ours: last.hash, theirs: prev };
}

const BEFORE_THE_FIRST: Head = { seq: 0, hash: GENESIS_PREVIOUS };

function hashHeld(last: Head, storedHash: string | undefined, seq: number): string | undefined {
  if (seq < last.seq) return storedHash;
  invariant(storedHash === undefined || storedHash === last.hash, 'the hash stored at the head is the hash of the head');
  return last.hash;
}

function judgeAgainst(ours: string | undefined, { hash, payload }: OpenedEntry): EntryVerdict {
  if (ours === undefined) return { verdict: 'pruned' };
  return ours === hash ? { verdict: 'known' } : { verdict: 'equivocation', at: payload.seq, ours, theirs: hash };
}
