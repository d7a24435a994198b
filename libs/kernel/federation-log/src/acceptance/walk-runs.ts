import { invariant } from '@kula/kernel-primitives';
import type { Ed25519 } from '@kula/kernel-crypto';
import { firstKey, readKid, type Head, type KeyLookup } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import { isValidAt, lookupIn, type KeySchedule } from '../keys/key-schedule.js';
import { scheduleAfter, scheduleToOpen } from '../keys/schedule-after.js';
import { acceptEach, BATCH_ENTRIES_MAX, walkBatch, type BatchOutcome, type BatchStop, type EntryBatch } from './walk-batch.js';

/** Entries said to be of the schedule's issuer, in the order received, and what is stored of that issuer. */
export interface ScheduledBatch extends Pick<EntryBatch, 'entries' | 'head' | 'hashAt'> {
  readonly net: string;
  /** As the log is read up to the head. */
  readonly schedule: KeySchedule;
}

/** What of a batch is to be stored, in order, and head and keys after it. */
export interface ScheduledOutcome extends BatchOutcome {
  readonly schedule: KeySchedule;
}

type Judge = (ed25519: Ed25519, batch: EntryBatch) => BatchOutcome;

/**
 * Accepts a batch that may go across changes of keys, with one signature verification for each run of entries under one
 * kid where it can. A change of keys takes effect with the entry that makes it.
 *
 * An entry that changes keys is accepted by its own signature alone, never because a later one covers it: it ends its run.
 *
 * @invariant the outcome is that of acceptEachRun, but for an issuer that signs over a bad signature of its own.
 * @throws InvariantError beyond BATCH_ENTRIES_MAX entries.
 */
export const walkRuns = (ed25519: Ed25519, batch: ScheduledBatch): ScheduledOutcome => acceptRuns(ed25519, batch, walkBatch);

/** Accepts a batch across changes of keys entry by entry, each by its own signature, up to the first that stops it. */
export const acceptEachRun = (ed25519: Ed25519, batch: ScheduledBatch): ScheduledOutcome => acceptRuns(ed25519, batch, acceptEach);

function acceptRuns(ed25519: Ed25519, batch: ScheduledBatch, judge: Judge): ScheduledOutcome {
  invariant(batch.entries.length <= BATCH_ENTRIES_MAX, `a batch has at most ${BATCH_ENTRIES_MAX} entries`);
  const accepted = new Map<number, OpenedEntry>();
  const hashAt = (seq: number) => accepted.get(seq)?.hash ?? batch.hashAt?.(seq);
  let { head, schedule } = batch;
  let stop: BatchStop | undefined;
  for (let at = 0; at < batch.entries.length && stop === undefined;) {
    const entries = batch.entries.slice(at, endOfRun(batch.entries, at));
    const run = acceptRun(ed25519, { net: batch.net, entries, head, hashAt, schedule }, judge);
    for (const entry of run.accepted) accepted.set(entry.payload.seq, entry);
    ({ head, schedule } = run);
    stop = run.stop && { ...run.stop, index: at + run.stop.index };
    at += run.done;
  }
  return { accepted: [...accepted.values()], head, schedule, ...(stop !== undefined && { stop }) };
}

/** Index after the last of the entries from one on that have its header. The header is fixed text, so it is the kid that is compared. */
function endOfRun(entries: readonly string[], from: number): number {
  const first = entries[from]!;
  const header = first.slice(0, first.indexOf('.') + 1);
  let end = from + 1;
  while (end < entries.length && entries[end]!.startsWith(header)) end += 1;
  return end;
}

/** `done`: entries dealt with, from the first one on, where there is no stop. */
type RunOutcome = ScheduledOutcome & { readonly done: number };

/** Accepts entries under one kid, up to the first that changes the keys. */
function acceptRun(ed25519: Ed25519, run: ScheduledBatch, judge: Judge): RunOutcome {
  const outcome = judge(ed25519, openable(ed25519, run));
  let { schedule } = run;
  for (const [place, entry] of outcome.accepted.entries()) {
    const after = scheduleAfter(ed25519, schedule, entry);
    if (after === schedule) continue;
    const before = outcome.accepted.slice(0, place);
    const index = run.entries.indexOf(entry.jws);
    if ('refused' in after) return { accepted: before, head: headAfter(before) ?? run.head, schedule, stop: { index, refusal: after }, done: index };
    const isChanged = after.keys !== schedule.keys;
    if (isChanged && !entry.isSignatureVerified) return acceptRun(ed25519, { ...run, entries: run.entries.slice(0, index + 1) }, judge);
    schedule = after;
    if (isChanged) return { accepted: [...before, entry], head: headAfter([entry]), schedule, done: index + 1 };
  }
  return { ...outcome, schedule, done: run.entries.length };
}

function openable(ed25519: Ed25519, { net, entries, head, hashAt, schedule }: ScheduledBatch): EntryBatch {
  const known = scheduleToOpen(ed25519, schedule, entries.slice(0, 1));
  const own = lookupIn(known);
  // The first key of every other node is known too: what that node did sign is refused as its own and not as a forgery.
  const keyOf: KeyLookup = (kid) => own(kid) ?? (readKid(kid)?.nodeId === schedule.issuer ? undefined : firstKey(kid));
  const keyIsValidAt = (kid: string, seq: number) => isValidAt(known, kid, seq);
  return { entries, head, ...(hashAt && { hashAt }), keyOf, expected: { net, iss: schedule.issuer, keyIsValidAt } };
}

function headAfter(accepted: readonly OpenedEntry[]): Head | undefined {
  const last = accepted.at(-1);
  return last && { seq: last.payload.seq, hash: last.hash };
}
