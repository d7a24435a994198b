import { invariant } from '@kula/kernel-primitives';
import type { Ed25519 } from '@kula/kernel-crypto';
import { hashEntryWith, type Head, type KeyLookup } from '../entry/entry.js';
import { readAuthentic, splitEntry, type ExpectedEntry, type OpenedEntry } from '../entry/entry-parts.js';
import { openEntry } from '../entry/open-entry.js';
import { refuseEntry, type EntryRefusal } from '../entry/refusal.js';
import { judgeEntry, type EntryVerdict } from './judge-entry.js';

/** Most entries in one batch. */
export const BATCH_ENTRIES_MAX = 500;

/** Entries said to be of one issuer, in the order received, and what is stored of that issuer. */
export interface EntryBatch {
  readonly entries: readonly string[];
  readonly head: Head | undefined;
  /** Hash stored at a sequence number up to the head. Absent: only the head is at hand. */
  readonly hashAt?: (seq: number) => string | undefined;
  readonly keyOf: KeyLookup;
  /** With `iss`, so that a batch cannot mix issuers. */
  readonly expected: ExpectedEntry & { readonly iss: string };
}

/** Where a batch stopped: the entry at `index` could not be opened, or was opened and could be neither appended nor skipped. */
export type BatchStop =
  | { readonly index: number; readonly refusal: EntryRefusal }
  | { readonly index: number; readonly entry: OpenedEntry; readonly verdict: EntryVerdict & { readonly verdict: 'gap' | 'equivocation' } };

/** What of a batch is to be stored, in order, and the head after it. */
export interface BatchOutcome {
  readonly accepted: readonly OpenedEntry[];
  readonly head: Head | undefined;
  /** Absent where the whole batch was appended or skipped as known. */
  readonly stop?: BatchStop;
}

type Opener = (index: number) => OpenedEntry | EntryRefusal;

/**
 * Accepts a batch with one signature verification where it can: the last one; the others hold by their hashes.
 *
 * Each `prev` is followed backwards from the last entry, so that again no payload is parsed before its bytes are known
 * to be the issuer's. Where the entries are not one unbroken chain, every signature is verified instead.
 *
 * @invariant the outcome is that of acceptEach, whatever carriers do to the entries. An issuer alone can make the two
 *   differ, by signing over an earlier entry of its own whose signature does not hold: here that entry is accepted,
 *   because its issuer has committed to its bytes (`isSignatureVerified` is then false).
 * @throws InvariantError beyond BATCH_ENTRIES_MAX entries.
 */
export function walkBatch(ed25519: Ed25519, batch: EntryBatch): BatchOutcome {
  checkBound(batch);
  const chain = openChain(ed25519, batch);
  return chain === undefined ? acceptEach(ed25519, batch) : acceptInOrder(batch, (index) => chain[index]!);
}

/**
 * Accepts a batch entry by entry, each by its own signature, up to the first that stops it. O(entries) verifications.
 *
 * @throws InvariantError beyond BATCH_ENTRIES_MAX entries.
 */
export function acceptEach(ed25519: Ed25519, batch: EntryBatch): BatchOutcome {
  checkBound(batch);
  return acceptInOrder(batch, (index) => openEntry(ed25519, batch.entries[index]!, batch.keyOf, batch.expected));
}

function checkBound({ entries }: EntryBatch): void {
  invariant(entries.length <= BATCH_ENTRIES_MAX, `a batch has at most ${BATCH_ENTRIES_MAX} entries`);
}

function acceptInOrder(batch: EntryBatch, open: Opener): BatchOutcome {
  const accepted = new Map<number, OpenedEntry>();
  const hashAt = (seq: number) => accepted.get(seq)?.hash ?? batch.hashAt?.(seq);
  let head = batch.head;
  for (let index = 0; index < batch.entries.length; index += 1) {
    const entry = open(index);
    if ('refused' in entry) return { accepted: [...accepted.values()], head, stop: { index, refusal: entry } };
    const { seq } = entry.payload;
    const verdict = judgeEntry(head, seq > (head?.seq ?? 0) ? undefined : hashAt(seq), entry);
    if (verdict.verdict === 'gap' || verdict.verdict === 'equivocation') {
      return { accepted: [...accepted.values()], head, stop: { index, entry, verdict } };
    }
    if (verdict.verdict !== 'append') continue;
    accepted.set(seq, entry);
    head = verdict.head;
  }
  return { accepted: [...accepted.values()], head };
}

/**
 * The entries of one unbroken chain whose last signature holds, or undefined where they are anything else.
 *
 * One signature verification, O(bytes) hashing.
 */
export function openChain(ed25519: Ed25519, batch: Pick<EntryBatch, 'entries' | 'keyOf' | 'expected'>): OpenedEntry[] | undefined {
  const chain: OpenedEntry[] = [];
  let next: OpenedEntry | undefined;
  for (const jws of batch.entries.toReversed()) {
    const entry: OpenedEntry | EntryRefusal = next === undefined
      ? openEntry(ed25519, jws, batch.keyOf, batch.expected)
      : openCovered(ed25519, jws, next, batch);
    if ('refused' in entry) return undefined;
    if (next !== undefined && entry.payload.seq + 1 !== next.payload.seq) return undefined;
    chain.push(entry);
    next = entry;
  }
  return chain.reverse();
}

/** Of a run under one key the key is asked for once. */
function openCovered(
  ed25519: Ed25519, jws: string, next: OpenedEntry, { keyOf, expected }: Pick<EntryBatch, 'keyOf' | 'expected'>,
): OpenedEntry | EntryRefusal {
  const parts = splitEntry(jws, ed25519.codec);
  if ('refused' in parts) return parts;
  const isKnown = parts.kid === next.header.kid || keyOf(parts.kid) !== undefined;
  if (!isKnown) return refuseEntry('entry.unknown_key', 'the key is not known');
  const hash = hashEntryWith(ed25519, jws);
  if (hash !== next.payload.prev) return refuseEntry('entry.bad_signature', 'no later entry covers these bytes');
  return readAuthentic(parts, expected, { hash, isSignatureVerified: false });
}
