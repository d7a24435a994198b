import type { MatchingSettings } from './matching.settings.js';

/** How this node searches, and how much peers may ask. */
export class MatchingPolicy {
  /** Score below which a leg is not used, millionths. */
  readonly threshold: number;
  /** Members of the longest ring. */
  readonly ringLengthMax: number;
  /** Between a change of the listings and the search it causes; 0: only on request. */
  readonly intervalMs: number;
  /** Questions for listings that one peer may ask in an hour. */
  readonly questionsPerHour: number;
  /** Listings of which one peer is told the details in a day. */
  readonly detailsPerDay: number;

  constructor(settings: MatchingSettings) {
    this.threshold = settings.KULA_MATCHING_THRESHOLD;
    this.ringLengthMax = settings.KULA_RING_LENGTH_MAX;
    this.intervalMs = settings.KULA_MATCHING_INTERVAL_SECONDS * 1_000;
    this.questionsPerHour = settings.KULA_PEER_QUESTIONS_PER_HOUR;
    this.detailsPerDay = settings.KULA_PEER_DETAILS_PER_DAY;
  }
}
