import { meetingOf, MEETING_SCORES } from './delivery.js';
import { MICRO, microShare, type GraphListing, type Pairing } from './graph-listing.js';

/** Rises with every change of the gates, the parts or the weights. */
export const SCORING_VERSION = 2;

/** What each part counts, in millionths of the score. */
export const SCORING_WEIGHTS = { capability: 350_000, quantity: 150_000, time: 200_000, place: 100_000, trust: 200_000 } as const;

export type ScorePart = keyof typeof SCORING_WEIGHTS;

export const SCORE_PARTS: readonly ScorePart[] = ['capability', 'quantity', 'time', 'place', 'trust'];

/** What keeps an offering and a need apart, in the order it is looked at. */
export type Gate = 'participant' | 'capability' | 'unit' | 'quantity' | 'time' | 'delivery';

/** A score and the parts it is made of, all in millionths. */
export interface LegScore {
  readonly score: number;
  readonly parts: Readonly<Record<ScorePart, number>>;
}

/** Time in which all are available, milliseconds since 1970. Empty where it ends before it starts. */
export function sharedWindow(listings: readonly GraphListing[]): { readonly startMs: number; readonly endMs: number } {
  let [startMs, endMs] = [-Infinity, Infinity];
  for (const { availableFromMs, availableUntilMs } of listings) {
    startMs = Math.max(startMs, availableFromMs);
    endMs = Math.min(endMs, availableUntilMs);
  }
  return { startMs, endMs };
}

/** True where what is offered is what is sought, or a kind of it: `food.catering` for `food`. */
const isWithin = (offered: string, sought: string): boolean => offered === sought || offered.startsWith(`${sought}.`);

const GATES: readonly (readonly [Gate, (pairing: Pairing, nowMs: number) => boolean])[] = [
  ['participant', ({ offering, need }) => offering.participantId !== need.participantId],
  ['capability', ({ offering, need }) => isWithin(offering.capability, need.capability)],
  ['unit', ({ offering, need }) => offering.unit === need.unit],
  ['quantity', ({ offering, need }) => offering.free >= need.free],
  ['time', ({ offering, need }, nowMs) => {
    const { startMs, endMs } = sharedWindow([offering, need]);
    return endMs > Math.max(startMs, nowMs);
  }],
  ['delivery', (pairing) => meetingOf(pairing) !== undefined],
];

/** The first gate that keeps the pair apart, or undefined where every gate is open. */
export function closedGate(pairing: Pairing, nowMs: number): Gate | undefined {
  return GATES.find(([, isOpen]) => !isOpen(pairing, nowMs))?.[0];
}

const depthOf = (capability: string): bigint => BigInt(capability.split('.').length);

function timeShare({ offering, need }: Pairing): number {
  const { startMs, endMs } = sharedWindow([offering, need]);
  return microShare(BigInt(Math.max(0, endMs - startMs)), BigInt(need.availableUntilMs - need.availableFromMs));
}

/**
 * Score of an offering for a need whose gates are open.
 *
 * Each part in millionths: how exact the capability is, how much of what is free is used, how much of the need's time is
 * covered, how they meet, and the lower of both standings. Integers throughout and free of the present time, so that every
 * node that knows the same listings and standings calculates the same.
 */
export function scoreLeg(pairing: Pairing): LegScore {
  const { offering, need } = pairing;
  const meeting = meetingOf(pairing);
  const parts = {
    capability: microShare(depthOf(need.capability), depthOf(offering.capability)),
    quantity: microShare(need.free, offering.free),
    time: timeShare(pairing),
    place: meeting === undefined ? 0 : MEETING_SCORES[meeting],
    trust: Math.min(offering.standing, need.standing),
  };
  const weighted = SCORE_PARTS.reduce((sum, part) => sum + SCORING_WEIGHTS[part] * parts[part], 0);
  return { score: Math.floor(weighted / MICRO), parts };
}
