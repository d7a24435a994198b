import type { Contradiction } from '../acceptance/judge-entry.js';
import type { Head } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import type { Checkpoint } from './checkpoint.js';
import { liveItems } from './live-items.js';
import { itemOf, STATE_TOPICS, type LogItem } from './log-item.js';

/** What is stored of an issuer whose log is to be continued from a checkpoint ahead. */
export interface HeldLog {
  readonly head: Head | undefined;
  /** In order, up to the head: at least what is live at the last checkpoint held, that checkpoint, and all behind it. */
  readonly items: readonly LogItem[];
}

/** A snapshot whose entries are known to be those of its checkpoint. */
export interface SnapshotParts {
  readonly checkpoint: Checkpoint;
  /** In order. */
  readonly entries: readonly OpenedEntry[];
}

/** What is to be done with a snapshot, given what is held of its issuer already. */
export type SnapshotVerdict =
  /**
   * Store and apply `fresh`, in order; the log goes on behind the checkpoint. What `lapsed` says counts no longer, though
   * no live entry takes it back: a withdrawal that has expired is left out together with what it withdrew.
   */
  | { readonly verdict: 'adopt'; readonly fresh: readonly OpenedEntry[]; readonly lapsed: readonly LogItem[] }
  /** The checkpoint is not ahead of what is held: nothing to do. */
  | { readonly verdict: 'behind' }
  /** The issuer has said two things: keep both, freeze the issuer. `theirs` is the hash of the snapshot's entry there, or what its next one names as `prev`. */
  | ({ readonly verdict: 'equivocation' } & Contradiction)
  /** The issuer has left out what it may not leave out, or brought back what was dead: refuse as `checkpoint.wrong_digest`. `at` is the lowest such number. */
  | { readonly verdict: 'untrue'; readonly at: number };

/**
 * The verdict on a snapshot whose issuer's log is held up to some head. Total; O(held + snapshot).
 *
 * A digest proves what the issuer says, not that it is true, and only entries already held can show the difference. Where
 * nothing is held this takes the issuer's word, and only a peer that holds more can contradict it.
 */
export function judgeSnapshot(held: HeldLog, snapshot: SnapshotParts): SnapshotVerdict {
  const contradiction = contradictionOf(held, snapshot);
  if (contradiction !== undefined) return { verdict: 'equivocation', ...contradiction };
  const heldSeq = held.head?.seq ?? 0;
  if (snapshot.checkpoint.seq <= heldSeq) return { verdict: 'behind' };
  const fresh = snapshot.entries.filter(({ payload }) => payload.seq > heldSeq);
  const kept = new Set(snapshot.entries.map(({ payload }) => payload.seq).filter((seq) => seq <= heldSeq));
  const live = liveItems([...held.items, ...fresh.map(itemOf)], snapshot.checkpoint).filter(({ seq }) => seq <= heldSeq);
  const lapsed = live.filter(({ seq }) => !kept.has(seq));
  const leftOut = lapsed.filter(({ topic }) => !STATE_TOPICS.includes(topic)).map(({ seq }) => seq);
  const liveSeqs = new Set(live.map(({ seq }) => seq));
  const wakened = [...kept].filter((seq) => !liveSeqs.has(seq));
  const untrue = [...leftOut, ...wakened].reduce((lowest, seq) => Math.min(lowest, seq), Infinity);
  return untrue < Infinity ? { verdict: 'untrue', at: untrue } : { verdict: 'adopt', fresh, lapsed };
}

/** The lowest number for which the snapshot names another hash than the one held. */
function contradictionOf({ head, items }: HeldLog, { checkpoint, entries }: SnapshotParts): Contradiction | undefined {
  const held = new Map([...items, ...(head === undefined ? [] : [head])].map(({ seq, hash }) => [seq, hash]));
  const named = [...entries.flatMap(({ hash, payload: { seq, prev } }) => [{ seq: seq - 1, hash: prev }, { seq, hash }]), checkpoint.upTo, checkpoint];
  const other = named.find(({ seq, hash }) => (held.get(seq) ?? hash) !== hash);
  return other && { at: other.seq, ours: held.get(other.seq)!, theirs: other.hash };
}
