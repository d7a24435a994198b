import { z } from 'zod';

/** How this node searches. */
export const matchingSettings = z.object({
  /** Score below which a leg is not used, millionths. */
  KULA_MATCHING_THRESHOLD: z.coerce.number().int().min(0).max(1_000_000).default(300_000),
  /** Members of the longest ring. */
  KULA_RING_LENGTH_MAX: z.coerce.number().int().min(2).max(10).default(5),
  /** Between a change of the listings and the search it causes. 0: only on request. */
  KULA_MATCHING_INTERVAL_SECONDS: z.coerce.number().int().min(0).max(86_400).default(60),
});

export type MatchingSettings = z.infer<typeof matchingSettings>;
