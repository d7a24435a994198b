import { NEUTRAL, standingOf } from './standing.js';
import { lowerTier, nextTierReviewMs, tierEvidenceOf, tierOf, type TrustTier } from './tiers.js';
import { ONE, satisfactionRateOf, type TrackRecord } from './track-record.js';

/** What follows from what is known of a participant, and until when. */
export interface Assessment {
  readonly tier: TrustTier;
  /** Millionths. */
  readonly standing: number;
  /** When time alone may change it, in milliseconds since 1970; null: never. */
  readonly reviewAtMs: number | null;
}

/** What a node attests of its member. Rate in millionths, times in milliseconds since 1970. */
export interface AttestedFigures {
  readonly exchangesCompleted: number;
  readonly partnerCount: number;
  readonly satisfactionRate: number;
  readonly memberSinceMs: number;
  readonly vouchesReceived: number;
  readonly tier: TrustTier;
  readonly attestedAtMs: number;
  readonly expiresAtMs: number;
}

/** How far the word of a node goes. Credibility in millionths. */
export interface NodeCredit {
  readonly credibility: number;
  readonly isInGoodStanding: boolean;
}

/** The assessment of whoever nothing is known of. */
export const NEWCOMER: Assessment = { tier: 'newcomer', standing: NEUTRAL, reviewAtMs: null };

/** The assessment of an own member by its record. */
export function assessRecord(record: TrackRecord, nowMs: number): Assessment {
  const { exchangesCompleted, partnerCount } = record;
  return {
    tier: tierOf(tierEvidenceOf(record, nowMs)),
    standing: standingOf({ exchangesCompleted, partnerCount, satisfactionRate: satisfactionRateOf(record) }, ONE),
    reviewAtMs: nextTierReviewMs(record, nowMs),
  };
}

/**
 * The assessment of a member of another node by its latest valid attestation.
 *
 * Attested is at most the tier that the attested figures themselves come to here. A node that is not in good standing is not believed.
 */
export function assessAttested(figures: AttestedFigures | null, { credibility, isInGoodStanding }: NodeCredit): Assessment {
  if (figures === null) return NEWCOMER;
  const reviewAtMs = figures.expiresAtMs;
  if (!isInGoodStanding) return { ...NEWCOMER, reviewAtMs };
  return { tier: lowerTier(figures.tier, supportedTier(figures)), standing: standingOf(figures, credibility), reviewAtMs };
}

/** The highest tier that attested figures can stand for: what they do not say (failures, recent activity) is taken in the member's favour. */
function supportedTier(figures: AttestedFigures): TrustTier {
  return tierOf({
    ...figures, memberMs: figures.attestedAtMs - figures.memberSinceMs, exchangesFailed: 0, exchangesLastQuarter: figures.exchangesCompleted,
  });
}
