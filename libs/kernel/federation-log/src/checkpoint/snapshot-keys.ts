import type { Ed25519 } from '@kula/kernel-crypto';
import { openEntry } from '../entry/open-entry.js';
import { splitEntry, type OpenedEntry } from '../entry/entry-parts.js';
import { RECOVERY_TYPE, ROTATION_TYPE } from '../keys/key-change.js';
import { lookupIn, type KeySchedule, type NodeKey } from '../keys/key-schedule.js';
import { scheduleAfter, scheduleToOpen } from '../keys/schedule-after.js';
import type { SnapshotRefusal } from './refusal.js';

const FIRST_TYPE = 'node.announced';
const utf8 = new TextDecoder();

/** What a receiver brings along. */
interface Receiver {
  readonly net: string;
  readonly schedule: KeySchedule;
}

/** The schedule of a node before its first entry. */
const begun = ({ issuer, keys }: KeySchedule): KeySchedule => ({ issuer, keys: keys.slice(0, 1), recoveryKeyHash: null });

/**
 * The keys that the changes of keys among unverified entries lead to, each change by its own signatures; of the same node as the schedule.
 *
 * For a receiver that does not know the key of the checkpoint. Only entries that hold the name of such a change are looked
 * at, one signature each and those of the change; no payload is parsed before the entry's own signature holds, but for a
 * recovery (see scheduleToOpen). The first of them that does not hold ends it.
 */
export function scheduleAlong(ed25519: Ed25519, entries: readonly string[], { net, schedule }: Receiver): KeySchedule {
  let known = begun(schedule);
  for (const jws of entries) {
    if (!mayChangeKeys(jws)) continue;
    const entry = openEntry(ed25519, jws, lookupIn(scheduleToOpen(ed25519, known, [jws])), { net, iss: schedule.issuer });
    const next = 'refused' in entry ? entry : scheduleAfter(ed25519, known, entry);
    if ('refused' in next) return known;
    known = next;
  }
  return known;
}

function mayChangeKeys(jws: string): boolean {
  const parts = splitEntry(jws);
  if ('refused' in parts) return false;
  const text = utf8.decode(parts.payloadBytes);
  return [FIRST_TYPE, ROTATION_TYPE, RECOVERY_TYPE].some((type) => text.includes(`"${type}"`));
}

/**
 * The schedule that a checkpoint and its live entries come to, none of the changes of keys among them ever being dead.
 *
 * A change of keys has to hold by its own signature, and so has a commitment of another key than the checkpoint's: else
 * who has stolen the last key could write anew how it came to be.
 *
 * @param entries in order, the checkpoint last; of the node of the schedule.
 */
export function scheduleFrom(ed25519: Ed25519, entries: readonly OpenedEntry[], { net, schedule }: Receiver): KeySchedule | SnapshotRefusal {
  const kid = entries.at(-1)?.header.kid;
  let known = begun(schedule);
  for (const [index, entry] of entries.entries()) {
    const next = scheduleAfter(ed25519, known, entry);
    if ('refused' in next) return { ...next, index };
    const isCovered = next === known || (next.keys.length === known.keys.length && entry.header.kid === kid);
    const own = isCovered ? entry : openEntry(ed25519, entry.jws, lookupIn(next), { net });
    if ('refused' in own) return { ...own, index };
    known = next;
  }
  return known;
}

/** True where the schedule has every key that is known to sign up to an entry, each from the same entry on. */
export const hasKeysOf = (schedule: KeySchedule, known: KeySchedule, seq: number): boolean =>
  known.keys.every((key, index) => key.fromSeq > seq || isSameKey(schedule.keys[index], key));

const isSameKey = (key: NodeKey | undefined, other: NodeKey): boolean =>
  key?.fromSeq === other.fromSeq && key.publicKey.every((byte, index) => byte === other.publicKey[index]);
