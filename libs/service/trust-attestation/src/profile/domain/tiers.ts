import { satisfactionRateOf, type TrackRecord } from './track-record.js';

export type TrustTier = 'newcomer' | 'probationary' | 'established' | 'anchor';

const DAY_MS = 24 * 3_600_000;
const QUARTER_MS = 90 * DAY_MS;

/** What a tier asks for. All of it has to hold at the same time. */
export interface TierRow {
  readonly tier: TrustTier;
  readonly memberDaysMin: number;
  readonly exchangesMin: number;
  readonly partnersMin: number;
  /** Failed exchanges in which the member was at fault. */
  readonly failuresMax: number;
  /** Millionths. */
  readonly satisfactionMin: number;
  readonly exchangesPerQuarterMin: number;
}

/**
 * The tiers of the seed network's fairness decision (its question 5), highest first. Whoever meets no row is a newcomer.
 *
 * Judged afresh at every change: a table, not a ladder. Punctuality, vouching record and contribution rank, which that decision
 * also asks of the upper tiers, are asked for from the day they are recorded.
 */
export const TIER_TABLE: readonly TierRow[] = [
  { tier: 'anchor', memberDaysMin: 365, exchangesMin: 50, partnersMin: 3, failuresMax: 1, satisfactionMin: 900_000, exchangesPerQuarterMin: 2 },
  { tier: 'established', memberDaysMin: 90, exchangesMin: 5, partnersMin: 3, failuresMax: 0, satisfactionMin: 800_000, exchangesPerQuarterMin: 0 },
  { tier: 'probationary', memberDaysMin: 30, exchangesMin: 3, partnersMin: 3, failuresMax: Infinity, satisfactionMin: 800_000, exchangesPerQuarterMin: 0 },
];

const TIERS: readonly TrustTier[] = ['newcomer', 'probationary', 'established', 'anchor'];

/** What a tier is judged by. */
export interface TierEvidence {
  readonly memberMs: number;
  readonly exchangesCompleted: number;
  readonly exchangesFailed: number;
  readonly exchangesLastQuarter: number;
  readonly partnerCount: number;
  readonly satisfactionRate: number | null;
  readonly vouchesReceived: number;
}

/** The highest tier whose row is met. One vouch stands for the row of `probationary`. */
export function tierOf(evidence: TierEvidence): TrustTier {
  const met = TIER_TABLE.find((row) => meets(row, evidence))?.tier;
  return met ?? (evidence.vouchesReceived > 0 ? 'probationary' : 'newcomer');
}

function meets(row: TierRow, evidence: TierEvidence): boolean {
  return evidence.memberMs >= row.memberDaysMin * DAY_MS
    && evidence.exchangesCompleted >= row.exchangesMin
    && evidence.partnerCount >= row.partnersMin
    && evidence.exchangesFailed <= row.failuresMax
    && (evidence.satisfactionRate ?? 0) >= row.satisfactionMin
    && evidence.exchangesLastQuarter >= row.exchangesPerQuarterMin;
}

/** The lower of two tiers. */
export const lowerTier = (left: TrustTier, right: TrustTier): TrustTier => (TIERS.indexOf(left) <= TIERS.indexOf(right) ? left : right);

/** What a record says about the tier at a moment. Vouches are not recorded yet: none. */
export function tierEvidenceOf(record: TrackRecord, nowMs: number): TierEvidence {
  return {
    memberMs: nowMs - record.memberSinceMs, exchangesCompleted: record.exchangesCompleted, exchangesFailed: record.exchangesFailed,
    exchangesLastQuarter: record.completedAtMs.filter((endedAtMs) => endedAtMs > nowMs - QUARTER_MS).length,
    partnerCount: record.partnerCount, satisfactionRate: satisfactionRateOf(record), vouchesReceived: 0,
  };
}

/** The next moment at which time alone may change the tier of this record, or null where none lies ahead. */
export function nextTierReviewMs({ memberSinceMs, completedAtMs }: TrackRecord, nowMs: number): number | null {
  const anniversaries = TIER_TABLE.map(({ memberDaysMin }) => memberSinceMs + memberDaysMin * DAY_MS);
  const lapses = completedAtMs.map((endedAtMs) => endedAtMs + QUARTER_MS);
  const ahead = [...anniversaries, ...lapses].filter((momentMs) => momentMs > nowMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}
