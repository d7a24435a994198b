import { invariant } from '@kula/kernel-primitives';
import type { Ed25519 } from '@kula/kernel-crypto';
import type { BatchStop } from '../acceptance/walk-batch.js';
import { acceptEachRun, walkRuns, type ScheduledOutcome } from '../acceptance/walk-runs.js';
import type { Head } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import type { EntryRefusal } from '../entry/refusal.js';
import type { KeySchedule } from '../keys/key-schedule.js';
import { scheduleAfter } from '../keys/schedule-after.js';

/** An entry as it came in, nothing in it believed yet. */
export interface Arrival {
  readonly jws: string;
  /** Topic named by the subject it came on; undefined where it came in answer to a question. */
  readonly topic?: string | undefined;
}

/** What is known of the issuer the arrivals are said to be of. */
export interface KnownIssuer {
  readonly net: string;
  readonly issuer: string;
  readonly head: Head | undefined;
  /** Hashes held at sequence numbers up to the head, as far as they were looked up. */
  readonly hashes: ReadonlyMap<number, string>;
  /** Keys as the log is read up to the head. */
  readonly schedule: KeySchedule;
}

/** Where judging ended before the last arrival. */
export type ArrivalStop = Extract<BatchStop, { readonly verdict: unknown }>;

/** What is to become of arrivals of one issuer. */
export interface Judgement {
  /** To be stored, in order. */
  readonly accepted: readonly OpenedEntry[];
  /** To be recorded and passed over: `index` is the place among the arrivals. */
  readonly refused: readonly (EntryRefusal & { readonly index: number })[];
  /** Head and keys after what is accepted. */
  readonly head: Head | undefined;
  readonly schedule: KeySchedule;
  /** Arrivals dealt with, from the first one on: all of them where there is no stop. */
  readonly done: number;
  readonly stop?: ArrivalStop;
  /** Sequence numbers whose stored hash was wanted and not at hand. Where it is stored, the judgement has to be made again with it. */
  readonly wanted: readonly number[];
}

interface Progress {
  accepted: OpenedEntry[];
  refused: (EntryRefusal & { index: number })[];
  head: Head | undefined;
  schedule: KeySchedule;
  /** Index of the next arrival. */
  next: number;
  stop?: ArrivalStop;
}

/**
 * Judges arrivals in order: refused ones are passed over, a gap or a contradiction ends it.
 *
 * One signature verification for each run of an unbroken chain under one key, and those of a change of keys; after the first refusal each entry by its own signature, so that what
 * a peer mixes in costs no more than one verification an arrival.
 */
export function judgeArrivals(ed25519: Ed25519, arrivals: readonly Arrival[], known: KnownIssuer): Judgement {
  const progress: Progress = { accepted: [], refused: [], head: known.head, schedule: known.schedule, next: 0 };
  const wanted = new Set<number>();
  const held = new Map(known.hashes);
  if (known.head !== undefined) held.set(known.head.seq, known.head.hash);
  const hashAt = (seq: number): string | undefined => {
    const hash = held.get(seq);
    if (hash === undefined) wanted.add(seq);
    return hash;
  };
  let judge = walkRuns;
  while (progress.next < arrivals.length && progress.stop === undefined) {
    const rest = arrivals.slice(progress.next);
    const outcome = judge(ed25519, {
      entries: rest.map(({ jws }) => jws), head: progress.head, hashAt, net: known.net, schedule: progress.schedule,
    });
    advance(ed25519, progress, rest, outcome);
    for (const { payload, hash } of progress.accepted) held.set(payload.seq, hash);
    judge = acceptEachRun;
  }
  const { accepted, refused, head, schedule, next, stop } = progress;
  return { accepted, refused, head, schedule, done: next, ...(stop !== undefined && { stop }), wanted: [...wanted] };
}

/** Takes over what was judged of the rest, up to the first entry that came on the subject of another topic. */
function advance(ed25519: Ed25519, progress: Progress, rest: readonly Arrival[], { accepted, head, schedule, stop }: ScheduledOutcome): void {
  const places = placesOf(rest);
  const misplaced = accepted.findIndex(({ jws, payload }) => payload.topic !== (rest[places.get(jws)!]!.topic ?? payload.topic));
  if (misplaced !== -1) {
    const before = accepted.slice(0, misplaced);
    const index = places.get(accepted[misplaced]!.jws)!;
    take(progress, { accepted: before, head: headAfter(before) ?? progress.head, schedule: keysAfter(ed25519, progress.schedule, before) });
    pass(progress, index, { refused: 'entry.wrong_topic', detail: 'the entry came as one of another topic' });
    return;
  }
  take(progress, { accepted, head, schedule });
  if (stop === undefined) {
    progress.next += rest.length;
    return;
  }
  if ('refusal' in stop) {
    pass(progress, stop.index, stop.refusal);
    return;
  }
  progress.next += stop.index;
  progress.stop = { ...stop, index: progress.next };
}

function take(progress: Progress, { accepted, head, schedule }: ScheduledOutcome): void {
  progress.accepted.push(...accepted);
  progress.head = head;
  progress.schedule = schedule;
}

/** The keys after entries that were accepted with them, so that no change among them can be refused. */
function keysAfter(ed25519: Ed25519, schedule: KeySchedule, accepted: readonly OpenedEntry[]): KeySchedule {
  return accepted.reduce((known, entry) => {
    const after = scheduleAfter(ed25519, known, entry);
    invariant(!('refused' in after), 'an accepted change of keys holds');
    return after;
  }, schedule);
}

function pass(progress: Progress, index: number, refusal: EntryRefusal): void {
  progress.refused.push({ ...refusal, index: progress.next + index });
  progress.next += index + 1;
}

function headAfter(accepted: readonly OpenedEntry[]): Head | undefined {
  const last = accepted.at(-1);
  return last && { seq: last.payload.seq, hash: last.hash };
}

/** First place of each entry among the arrivals. */
function placesOf(arrivals: readonly Arrival[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [index, { jws }] of arrivals.entries()) if (!places.has(jws)) places.set(jws, index);
  return places;
}
