import { invariant } from '@kula/kernel-primitives';
import type { Ed25519 } from '@kula/kernel-crypto';
import { kidOf, type EntryPayload } from '../entry/entry.js';
import { parseBoundedJson } from '../entry/bounded-json.js';
import { splitEntry, type OpenedEntry } from '../entry/entry-parts.js';
import { payloadFault } from '../entry/payload-shape.js';
import { refuseEntry, type EntryRefusal } from '../entry/refusal.js';
import { commitmentIn, KEY_TOPIC, readKeyChange, RECOVERY_TYPE, ROTATION_TYPE, type KeyChange } from './key-change.js';
import { lastKey, type KeySchedule } from './key-schedule.js';

/** Largest `key.recovered` entry, in bytes: it is read before its key is known. */
export const RECOVERY_BYTES_MAX = 8192;
/** Highest number a kid can name. */
const KEY_NO_MAX = 999_999;

/** What is looked at of an entry that changes keys. */
type KeyEntry = Pick<OpenedEntry, 'jws' | 'payload'> & { readonly kid: string };

/**
 * The schedule after the next entry of its log: the same object where the entry changes nothing. A refusal where it is a
 * change of keys that does not hold: such an entry is not appended, and the log goes no further.
 *
 * To be called in order, with each entry once, and only with entries found to be the issuer's. Two or three signature
 * verifications for a change of keys, none otherwise.
 */
export function scheduleAfter(ed25519: Ed25519, schedule: KeySchedule, entry: OpenedEntry): KeySchedule | EntryRefusal {
  const { payload, header: { kid }, jws } = entry;
  invariant(payload.iss === schedule.issuer, 'a schedule is read from the log of its own issuer');
  if (payload.topic !== KEY_TOPIC) return schedule;
  if (payload.type === 'node.announced') return afterAnnouncement(schedule, payload);
  if (payload.type === ROTATION_TYPE) return afterRotation(ed25519, schedule, { jws, payload, kid });
  if (payload.type === RECOVERY_TYPE) return afterRecovery(ed25519, schedule, { jws, payload, kid });
  return schedule;
}

/**
 * The schedule with which entries that arrive can be opened: beside the keys known, those that recoveries among them bring.
 *
 * Only to open with: a recovery takes effect where it is appended, by scheduleAfter. Such an entry is the only one that is
 * read before its key is known; it is bounded by RECOVERY_BYTES_MAX, and its own signature is left to whoever opens it.
 * No signature is verified unless the arriving recovery key is the one committed to.
 */
export function scheduleToOpen(ed25519: Ed25519, schedule: KeySchedule, entries: readonly string[]): KeySchedule {
  return entries.reduce((known, jws) => {
    const entry = readRecovery(ed25519, known, jws);
    const after = entry && afterRecovery(ed25519, known, entry);
    return after === undefined || 'refused' in after ? known : after;
  }, schedule);
}

function readRecovery({ codec }: Ed25519, schedule: KeySchedule, jws: string): KeyEntry | undefined {
  if (schedule.recoveryKeyHash === null || jws.length > RECOVERY_BYTES_MAX) return undefined;
  const parts = splitEntry(jws, codec);
  if ('refused' in parts || parts.kid !== nextKid(schedule)) return undefined;
  const value = parseBoundedJson(parts.payloadBytes);
  if (value === undefined || payloadFault(value) !== undefined) return undefined;
  const payload = value as unknown as EntryPayload;
  const isRecovery = payload.iss === schedule.issuer && payload.topic === KEY_TOPIC && payload.type === RECOVERY_TYPE;
  return isRecovery ? { jws, payload, kid: parts.kid } : undefined;
}

/** The kid of the key that comes next. */
export const nextKid = (schedule: KeySchedule): string => kidOf(schedule.issuer, lastKey(schedule).keyNo + 1);

function afterAnnouncement(schedule: KeySchedule, { seq, body }: EntryPayload): KeySchedule {
  const recoveryKeyHash = seq === 1 ? commitmentIn(body) : schedule.recoveryKeyHash;
  return recoveryKeyHash === schedule.recoveryKeyHash ? schedule : { ...schedule, recoveryKeyHash };
}

function afterRotation(ed25519: Ed25519, schedule: KeySchedule, { kid, payload }: KeyEntry): KeySchedule | EntryRefusal {
  if (kid !== kidOf(schedule.issuer, lastKey(schedule).keyNo)) return refuseChange('a rotation is signed by the last key');
  const change = readKeyChange(payload);
  const fault = changeFault(ed25519, schedule, payload.seq, change);
  return change === undefined || fault !== undefined ? refuseChange(fault) : withKey(schedule, change, payload.seq + 1);
}

function afterRecovery(ed25519: Ed25519, schedule: KeySchedule, { jws, kid, payload }: KeyEntry): KeySchedule | EntryRefusal {
  if (jws.length > RECOVERY_BYTES_MAX) return refuseChange(`a recovery has at most ${RECOVERY_BYTES_MAX} bytes`);
  if (kid !== nextKid(schedule)) return refuseChange('a recovery is signed by the new key');
  const change = readKeyChange(payload);
  const isCommitted = change?.isRecoveredBy(ed25519, schedule.recoveryKeyHash);
  if (isCommitted === false) return refuseChange('the recovery key is not the one committed to, or did not sign');
  const fault = changeFault(ed25519, schedule, payload.seq, change);
  return change === undefined || fault !== undefined ? refuseChange(fault) : withKey(schedule, change, payload.seq);
}

/** What rotation and recovery have in common: the next number, a key never used before, its own proof for this place. */
function changeFault(ed25519: Ed25519, schedule: KeySchedule, seq: number, change: KeyChange | undefined): string | undefined {
  const last = lastKey(schedule);
  if (change === undefined) return 'a member of the body is missing or has the wrong form';
  if (change.nodeId !== schedule.issuer) return 'the key is given to another node';
  if (change.keyNo !== last.keyNo + 1 || change.keyNo > KEY_NO_MAX) return 'the key number is not the next one';
  if (seq < last.fromSeq) return 'the keys have changed after this place of the log';
  if (schedule.keys.some(({ publicKey }) => isSame(publicKey, change.publicKey))) return 'the key has been used before';
  return change.isProven(ed25519) ? undefined : 'the new key did not prove itself for this entry';
}

const withKey = (schedule: KeySchedule, { keyNo, publicKey, recoveryKeyHash }: KeyChange, fromSeq: number): KeySchedule =>
  ({ ...schedule, keys: [...schedule.keys, { keyNo, publicKey, fromSeq }], recoveryKeyHash });

const isSame = (left: Uint8Array, right: Uint8Array): boolean => left.every((byte, index) => byte === right[index]);

const refuseChange = (detail = 'the change of keys does not hold'): EntryRefusal => refuseEntry('entry.bad_rotation', detail);
