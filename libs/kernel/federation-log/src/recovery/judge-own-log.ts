import { byCodeUnit } from '@kula/kernel-primitives';
import type { Head } from '../entry/entry.js';

/** What a peer says about our own log. A peer that did not answer has said nothing and is not among the words. */
export interface WordOfPeer {
  readonly peer: string;
  /** Head of our log as the peer holds it; null where it holds nothing of us. */
  readonly head: Head | null;
}

/** What is held of our own log here. */
export interface OwnLog {
  readonly head: Head | undefined;
  /** Hash of our entry at a number up to the head; undefined where it is not kept. */
  readonly hashAt: (seq: number) => string | undefined;
}

/** What may be done with our own log, given what peers hold of it. Only on `agreed` may an entry be sealed. */
export type OwnLogVerdict =
  /** Too few peers have answered. */
  | { readonly verdict: 'wait'; readonly heard: number; readonly needed: number }
  /** Nobody who answered holds more than we do, and what they hold is ours. */
  | { readonly verdict: 'agreed' }
  /** Peers hold entries of ours that we lack: fetch them back, from behind our head up to `to`, from any of the holders, and judge again. */
  | { readonly verdict: 'behind'; readonly to: Head; readonly holders: readonly string[] }
  /** Our log has been written twice: `peer` holds another entry at `at`, the lowest such number, than we or another peer. People have to decide. */
  | { readonly verdict: 'contradicted'; readonly at: number; readonly peer: string };

/**
 * The verdict on our own log after a start, by what peers hold of it. Order-independent; O(words × log words).
 *
 * A node restored from an older state that seals at once gives numbers out a second time: equivocation, for which its
 * peers freeze it. So it asks first; more than one peer, because one may itself be behind, or withhold; and again after
 * every fetch. No number of answers proves that nobody holds more. It proves it of those who answered.
 *
 * Neither a contradiction nor what was lost has to wait for enough answers. Both are a peer's word and prove nothing until the
 * entry is here and our own signature on it holds. A peer that names an entry and cannot show it has given no word: leave
 * it out, so that it is not counted either, and judge again.
 *
 * @param words of several from one peer each counts, and the peer counts once.
 * @param needed peers that have to answer before anything is sealed. 0 only for a node that has no peers to ask.
 */
export function judgeOwnLog(own: OwnLog, words: readonly WordOfPeer[], needed: number): OwnLogVerdict {
  const claims = words.flatMap(({ peer, head }) => (head === null ? [] : [{ peer, ...head }])).sort(inOrder);
  const other = claims.find((claim, index) => isAnother(hashHeld(own, claim.seq) ?? hashSaid(claims[index - 1], claim.seq), claim.hash));
  if (other !== undefined) return { verdict: 'contradicted', at: other.seq, peer: other.peer };
  const furthest = claims.at(-1);
  if (furthest !== undefined && furthest.seq > (own.head?.seq ?? 0)) {
    const holders = claims.filter(({ seq }) => seq === furthest.seq).map(({ peer }) => peer);
    return { verdict: 'behind', to: { seq: furthest.seq, hash: furthest.hash }, holders: [...new Set(holders)] };
  }
  const heard = new Set(words.map(({ peer }) => peer)).size;
  return heard < needed ? { verdict: 'wait', heard, needed } : { verdict: 'agreed' };
}

interface Claim extends Head {
  readonly peer: string;
}

const inOrder = (left: Claim, right: Claim): number =>
  left.seq - right.seq || byCodeUnit(left.hash, right.hash) || byCodeUnit(left.peer, right.peer);

const hashHeld = ({ head, hashAt }: OwnLog, seq: number): string | undefined => {
  if (head === undefined || seq > head.seq) return undefined;
  return seq === head.seq ? head.hash : hashAt(seq);
};

/** What the claim before says about a number, where it is about the same. */
const hashSaid = (before: Claim | undefined, seq: number): string | undefined => (before?.seq === seq ? before.hash : undefined);

const isAnother = (hash: string | undefined, claimed: string): boolean => hash !== undefined && hash !== claimed;
