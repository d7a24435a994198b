import type { MatchingSettings } from './matching.settings.js';

/** How this node searches. */
export class MatchingPolicy {
  /** Score below which a leg is not used, millionths. */
  readonly threshold: number;
  /** Members of the longest ring. */
  readonly ringLengthMax: number;
  /** Between a change of the listings and the search it causes; 0: only on request. */
  readonly intervalMs: number;

  constructor(settings: MatchingSettings) {
    this.threshold = settings.KULA_MATCHING_THRESHOLD;
    this.ringLengthMax = settings.KULA_RING_LENGTH_MAX;
    this.intervalMs = settings.KULA_MATCHING_INTERVAL_SECONDS * 1_000;
  }
}
