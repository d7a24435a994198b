import { ONE } from './track-record.js';

/** Version of the rules by which profiles are assessed (tiers and standing). Profiles of other versions are assessed again. */
export const RULES_VERSION = 1;

/** Standing of whoever nothing is known of: neither for nor against. Millionths. */
export const NEUTRAL = ONE / 2;

/** Exchanges after which a record weighs half. */
const HALF_WEIGHT_EXCHANGES = 4;
/** Exchanges with one and the same partner that count. */
const EXCHANGES_PER_PARTNER = 2;
/** More exchanges than this add nothing. */
const EXCHANGES_MAX = 1_000_000;

/** As much of a record, own or attested, as standing looks at. The rate is in millionths, null before the first answer. */
export interface Reputation {
  readonly exchangesCompleted: number;
  readonly partnerCount: number;
  readonly satisfactionRate: number | null;
}

/**
 * What matching assumes of a participant, in millionths: from 500,000 towards the satisfaction rate, the further the more is known and
 * the more the one who says so is credited.
 *
 * `500000 + (rate − 500000) · n/(n+4) · credibility`, where n is the number of completed exchanges, at most two for each different
 * partner. Integers, every product rounded towards neutral. An own record is said with credibility 1,000,000.
 *
 * @invariant lies between 500,000 and the rate; no credibility, no partner or no answer: 500,000.
 */
export function standingOf({ exchangesCompleted, partnerCount, satisfactionRate }: Reputation, credibility: number): number {
  if (satisfactionRate === null) return NEUTRAL;
  const counted = Math.min(exchangesCompleted, EXCHANGES_PER_PARTNER * partnerCount, EXCHANGES_MAX);
  const weight = Math.floor((counted * ONE) / (counted + HALF_WEIGHT_EXCHANGES));
  const known = Math.trunc(((satisfactionRate - NEUTRAL) * weight) / ONE);
  return NEUTRAL + Math.trunc((known * credibility) / ONE);
}
