import { invariant } from '@kula/kernel-primitives';
import { hashBytes, type NodeId } from '@kula/kernel-crypto';
import { isHash, type EntryPayload, type Head } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import type { EntryDraft } from '../entry/seal-entry.js';
import { liveItems, type LiveAt } from './live-items.js';
import { CHECKPOINT_TOPIC, CHECKPOINT_TYPE, isCheckpointItem, type LogItem } from './log-item.js';
import { refuseCheckpoint, type CheckpointRefusal } from './refusal.js';

/** Most live entries of one log: beyond, a checkpoint is neither made nor taken over. The bytes of a snapshot are for its receiver to bound. */
export const SNAPSHOT_ENTRIES_MAX = 1_000_000;
/** What the operator reads where there are more. */
export const TOO_MANY = `a snapshot has at most ${SNAPSHOT_ENTRIES_MAX} entries`;

const utf8 = new TextEncoder();

/** What a checkpoint says about the live entries before it: its body. */
export interface LiveDigest {
  readonly live_count: number;
  /** SHA-256, base64url, of one line for each live entry: its hash and a line feed, in order. */
  readonly live_hash: string;
}

/** An entry that says which of the entries before it are live. With `seq` and `hash` it is also the head of a log that begins with it. */
export interface Checkpoint extends Head, LiveAt {
  readonly issuer: NodeId;
  /** Last entry covered: the one the checkpoint follows. */
  readonly upTo: Head;
  readonly liveCount: number;
  readonly liveHash: string;
}

/**
 * The digest of live entries in order.
 *
 * Over hashes alone: they fix the numbers, and bytes that come from anyone can be checked before a word of them is read.
 */
export function digestOf(live: readonly Pick<LogItem, 'hash'>[]): LiveDigest {
  return { live_count: live.length, live_hash: hashBytes(utf8.encode(live.map(({ hash }) => `${hash}\n`).join(''))) };
}

/**
 * The checkpoint to be sealed right behind the last of the items; undefined where nothing can be covered, or too much.
 *
 * @param items the whole log, or what liveItems accepts in its place. To be sealed as the very next entry: whatever comes
 *   between makes the digest a wrong one, by which peers refuse the checkpoint.
 */
export function checkpointDraft(issuer: NodeId, items: readonly LogItem[], at: LiveAt): EntryDraft | undefined {
  const live = liveItems(items, at);
  if (items.length === 0 || live.length > SNAPSHOT_ENTRIES_MAX) return undefined;
  return { topic: CHECKPOINT_TOPIC, type: CHECKPOINT_TYPE, sub: issuer, ts: at.ts, body: { ...digestOf(live) } };
}

/** What a checkpoint says, or undefined where the entry is none. Whether it is true is for confirmCheckpoint and openSnapshot to find. */
export function readCheckpoint({ hash, payload }: Pick<OpenedEntry, 'hash' | 'payload'>): Checkpoint | undefined {
  const { iss, seq, prev, ts, body } = payload;
  const { live_count: liveCount, live_hash: liveHash } = body;
  if (!isCheckpointItem(payload) || payload.sub !== iss || seq === 1) return undefined;
  if (!isCountOf(payload, liveCount) || typeof liveHash !== 'string' || !isHash(liveHash)) return undefined;
  return { issuer: iss, seq, hash, ts, upTo: { seq: seq - 1, hash: prev }, liveCount, liveHash };
}

const isCountOf = ({ seq }: EntryPayload, count: unknown): count is number => Number.isSafeInteger(count) && Number(count) >= 0 && Number(count) < seq;

/**
 * The live items that a checkpoint covers, as the holder of the log finds them by itself; or the refusal of a checkpoint
 * that says another thing.
 *
 * Serve a snapshot, and forget what is dead at its checkpoint, only after this. Who holds an entry that the issuer has
 * left out is the only one that can notice; passing the checkpoint on regardless would hide the loss.
 *
 * @param items of the checkpoint's issuer, 1 to `upTo`, or what liveItems accepts in their place.
 * @throws InvariantError where an item is not before the checkpoint.
 */
export function confirmCheckpoint<Item extends LogItem>(checkpoint: Checkpoint, items: readonly Item[]): Item[] | CheckpointRefusal {
  invariant(items.every(({ seq }) => seq < checkpoint.seq), 'a checkpoint covers what is before it');
  const live = liveItems(items, checkpoint);
  if (live.length > SNAPSHOT_ENTRIES_MAX) return refuseCheckpoint('checkpoint.too_large', TOO_MANY);
  return hasDigest(checkpoint, live) ? live : refuseCheckpoint('checkpoint.wrong_digest', 'the checkpoint names other live entries than the log has');
}

/** True where these are, by number and hash, the live entries that a checkpoint names. */
export const hasDigest = ({ liveCount, liveHash }: Checkpoint, live: readonly Pick<LogItem, 'hash'>[]): boolean =>
  live.length === liveCount && digestOf(live).live_hash === liveHash;
