import type { Ed25519, NodeId } from '@kula/kernel-crypto';
import { hashEntryWith, type Head } from '../entry/entry.js';
import { readAuthentic, splitEntry, type OpenedEntry } from '../entry/entry-parts.js';
import { openEntry } from '../entry/open-entry.js';
import { refuseEntry, type EntryRefusal } from '../entry/refusal.js';
import { isValidAt, lookupIn, type KeySchedule } from '../keys/key-schedule.js';
import { hasDigest, readCheckpoint, SNAPSHOT_ENTRIES_MAX, TOO_MANY, type Checkpoint } from './checkpoint.js';
import { liveItems } from './live-items.js';
import { CHECKPOINT_TOPIC, itemOf } from './log-item.js';
import { refuseCheckpoint, type SnapshotRefusal } from './refusal.js';
import { hasKeysOf, scheduleAlong, scheduleFrom } from './snapshot-keys.js';

/** A checkpoint and the entries it covers as they came from anyone; nothing in them believed yet. */
export interface Snapshot {
  readonly checkpoint: string;
  /** The live entries, in order. */
  readonly entries: readonly string[];
}

/** What a receiver knows of the issuer of a snapshot. */
export interface SnapshotIssuer {
  readonly net: string;
  readonly issuer: NodeId;
  /** The keys as far as the receiver has followed them: firstSchedule where it holds nothing of the log. */
  readonly schedule: KeySchedule;
}

/** A snapshot that is its issuer's own word. */
export interface OpenedSnapshot {
  /** What the checkpoint says. With its `seq` and `hash` it is the head of the log from then on. */
  readonly checkpoint: Checkpoint;
  readonly checkpointEntry: OpenedEntry;
  /** The live entries, in order. */
  readonly entries: readonly OpenedEntry[];
  /** The keys after the checkpoint. */
  readonly schedule: KeySchedule;
}

/**
 * The entries of a snapshot, or a coded refusal. Never throws on bad input.
 *
 * Order: bound, signature of the checkpoint, digest, and only then a payload is parsed. The digest covers the bytes of the
 * entries as `prev` does in a chain, so one signature verification does for all; beside it those of every change of keys
 * among them, and the same once more where the key of the checkpoint was not known. Entries of retired keys hold by the
 * word of the last key. O(bytes); everything is held in memory, so bound the bytes while receiving.
 *
 * What opens is complete and unaltered by any carrier, and is what the issuer says its log comes to. Not more: an entry
 * that the issuer left out shows only to those who hold it. Go on with judgeSnapshot where a part of the log is held, and
 * take snapshots from a peer that makes its own with confirmCheckpoint rather than from the issuer.
 */
export function openSnapshot(ed25519: Ed25519, snapshot: Snapshot, known: SnapshotIssuer): OpenedSnapshot | SnapshotRefusal {
  if (snapshot.entries.length > SNAPSHOT_ENTRIES_MAX) return refuseCheckpoint('checkpoint.too_large', TOO_MANY);
  const checkpointEntry = openCheckpoint(ed25519, snapshot, known);
  if ('refused' in checkpointEntry) return checkpointEntry;
  const checkpoint = readCheckpoint(checkpointEntry);
  if (checkpoint === undefined) return refuseCheckpoint('checkpoint.malformed', 'the entry is not a checkpoint with the count and the digest of what is live');
  const entries = openCovered(ed25519, snapshot.entries, checkpoint, known);
  if ('refused' in entries) return entries;
  const schedule = keysAfter(ed25519, [...entries, checkpointEntry], known);
  if ('refused' in schedule) return schedule;
  return faultOf(checkpoint, entries) ?? { checkpoint, checkpointEntry, entries, schedule };
}

function openCheckpoint(ed25519: Ed25519, { checkpoint, entries }: Snapshot, { net, issuer, schedule }: SnapshotIssuer): OpenedEntry | EntryRefusal {
  const open = (keys: KeySchedule) => openEntry(ed25519, checkpoint, lookupIn(keys), { net, iss: issuer, topic: CHECKPOINT_TOPIC });
  const opened = open(schedule);
  return 'refused' in opened && opened.refused === 'entry.unknown_key' ? open(scheduleAlong(ed25519, entries, { net, schedule })) : opened;
}

/** The covered entries, all of them or none: their hashes first, so that nothing is parsed that the checkpoint does not cover. */
function openCovered(
  ed25519: Ed25519, texts: readonly string[], checkpoint: Checkpoint, { net, issuer }: SnapshotIssuer,
): readonly OpenedEntry[] | SnapshotRefusal {
  if (texts.length !== checkpoint.liveCount) return refuseCheckpoint('checkpoint.wrong_digest', 'the checkpoint counts another number of live entries');
  const hashes = texts.map((jws) => ({ hash: hashEntryWith(ed25519, jws) }));
  if (!hasDigest(checkpoint, hashes)) return refuseCheckpoint('checkpoint.wrong_digest', 'the checkpoint names other live entries');
  const entries: OpenedEntry[] = [];
  for (const [index, { hash }] of hashes.entries()) {
    const parts = splitEntry(texts[index]!, ed25519.codec);
    const entry = 'refused' in parts ? parts : readAuthentic(parts, { net, iss: issuer }, { hash, isSignatureVerified: false });
    if ('refused' in entry) return { ...entry, index };
    entries.push(entry);
  }
  return entries;
}

/** The keys after the snapshot, provided that they sign all of it, the checkpoint too, and are those known so far. */
function keysAfter(ed25519: Ed25519, entries: readonly OpenedEntry[], { net, schedule: known }: SnapshotIssuer): KeySchedule | SnapshotRefusal {
  const seq = entries.at(-1)!.payload.seq;
  const schedule = scheduleFrom(ed25519, entries, { net, schedule: known });
  if ('refused' in schedule) return schedule;
  if (!hasKeysOf(schedule, known, seq)) return refuseCheckpoint('checkpoint.other_keys', 'the covered entries do not have the changes of keys that are known');
  const index = entries.findIndex(({ header, payload }) => !isValidAt(schedule, header.kid, payload.seq));
  if (index !== -1) return { ...refuseEntry('entry.retired_key', 'the key does not sign at this place of the log'), ...(index < entries.length - 1 && { index }) };
  return schedule.keys.length < known.keys.length ? known : schedule;
}

/** What the covered entries show against the checkpoint itself. */
function faultOf(checkpoint: Checkpoint, entries: readonly OpenedEntry[]): SnapshotRefusal | undefined {
  const broken = entries.findIndex((entry, index) => !mayFollow(entry, entries[index - 1]));
  const last = entries.at(-1);
  if (broken !== -1) return { ...refuseCheckpoint('checkpoint.broken_order', 'the entry cannot stand behind the one before'), index: broken };
  if (last !== undefined && !mayEndAt(checkpoint, last)) return refuseCheckpoint('checkpoint.broken_order', 'the last entry cannot stand before the checkpoint');
  const live = new Set(liveItems(entries.map(itemOf), checkpoint).map(({ seq }) => seq));
  const dead = entries.findIndex(({ payload }) => !live.has(payload.seq));
  return dead === -1 ? undefined : { ...refuseCheckpoint('checkpoint.dead_entry', 'the entry is not live at the checkpoint'), index: dead };
}

/** True for a later entry, which names the one before as its previous where nothing lies between. */
const mayFollow = ({ payload: { seq, prev } }: OpenedEntry, before: OpenedEntry | undefined): boolean =>
  before === undefined || isBehind({ seq, hash: prev }, before);

const mayEndAt = ({ upTo }: Checkpoint, last: OpenedEntry): boolean => isBehind({ seq: upTo.seq + 1, hash: upTo.hash }, last);

/** @param next number of an entry, and the hash it names as its previous. */
const isBehind = (next: Head, { hash, payload }: OpenedEntry): boolean =>
  next.seq > payload.seq && (next.seq !== payload.seq + 1 || next.hash === hash);
