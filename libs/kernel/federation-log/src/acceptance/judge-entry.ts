import { invariant } from '@kula/kernel-primitives';
import { GENESIS_PREVIOUS, type Head } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';

/** Two words of one issuer about the entry at one sequence number. */
export interface Contradiction {
  /** Sequence number the two words are about. The log is agreed at most up to the one before. */
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
  const headSeq = head?.seq ?? 0;
  const headHash = head?.hash ?? GENESIS_PREVIOUS;
  if (seq > headSeq + 1) return { verdict: 'gap', from: headSeq + 1, to: seq - 1 };
  if (seq === headSeq + 1) {
    if (prev === headHash) return { verdict: 'append', head: { seq, hash: entry.hash } };
    return { verdict: 'equivocation', at: headSeq, ours: headHash, theirs: prev };
  }
  invariant(seq < headSeq || (storedHash ?? headHash) === headHash, 'the hash stored at the head is the hash of the head');
  const ours = seq === headSeq ? headHash : storedHash;
  if (ours === undefined) return { verdict: 'pruned' };
  return ours === entry.hash ? { verdict: 'known' } : { verdict: 'equivocation', at: seq, ours, theirs: entry.hash };
}
