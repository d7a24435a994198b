import { byCodeUnit } from '@kula/kernel-primitives';
import type { Json, NodeId } from '@kula/kernel-crypto';
import { isHash, isNodeId } from '../entry/entry.js';
import type { Contradiction } from './judge-entry.js';

/** The logs a node holds, as it announces them: issuer → sequence number and hash of the last entry. */
export type HeadVector = Readonly<Record<NodeId, readonly [seq: number, hash: string]>>;

/** Part of an issuer's log, both ends included. */
export interface LogRange {
  readonly issuer: NodeId;
  readonly from: number;
  readonly to: number;
}

/** How two head vectors differ. Each list is in the order of its issuers; issuers in none of them agree. */
export interface HeadComparison {
  /** What they hold and we have to fetch. */
  readonly behind: readonly LogRange[];
  /** What we hold and they lack. */
  readonly ahead: readonly LogRange[];
  /** Issuers that have shown the two of us different logs. Fetch their entry at `at`: the pair is the proof. */
  readonly split: readonly (Contradiction & { readonly issuer: NodeId })[];
}

/** Looks up the hash we hold of an issuer's entry; undefined where it is not kept. */
export type HashLookup = (issuer: NodeId, seq: number) => string | undefined;

/** The head vector in a peer's message, or undefined where it is none. O(issuers). */
export function readHeadVector(value: Json | undefined): HeadVector | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).every(([issuer, head]) => isNodeId(issuer) && isHeadPair(head)) ? value as HeadVector : undefined;
}

function isHeadPair(value: Json | undefined): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [seq, hash] = value as readonly Json[];
  return Number.isSafeInteger(seq) && Number(seq) >= 1 && typeof hash === 'string' && isHash(hash);
}

/**
 * Compares our heads with a peer's. O(issuers), order-independent.
 *
 * Where their head is behind ours, it is still compared with what we hold at its sequence number: a shorter log can be
 * another log. Where it is ahead, a split shows only once the entries between are fetched.
 */
export function compareHeads(ours: HeadVector, theirs: HeadVector, hashAt: HashLookup = () => undefined): HeadComparison {
  const behind: LogRange[] = [];
  const ahead: LogRange[] = [];
  const split: (Contradiction & { issuer: NodeId })[] = [];
  for (const issuer of [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort(byCodeUnit)) {
    const [ourSeq, ourHash] = ours[issuer] ?? NO_HEAD;
    const [theirSeq, theirHash] = theirs[issuer] ?? NO_HEAD;
    const held = theirSeq < ourSeq ? hashAt(issuer, theirSeq) : ourHash;
    if (theirSeq > ourSeq) behind.push({ issuer, from: ourSeq + 1, to: theirSeq });
    else if (isAnother(held, theirHash)) split.push({ issuer, at: theirSeq, ours: held, theirs: theirHash });
    else if (theirSeq < ourSeq) ahead.push({ issuer, from: theirSeq + 1, to: ourSeq });
  }
  return { behind, ahead, split };
}

const NO_HEAD = [0, ''] as const;

/** True where both hashes are there and differ. */
const isAnother = (held: string | undefined, named: string): held is string => held !== undefined && named !== '' && held !== named;
