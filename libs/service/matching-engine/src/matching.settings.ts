import { matching } from '@kula/contracts';
import { z } from 'zod';

const visibilities = z.string().transform((list) => list.split(',').map((name) => name.trim())).pipe(z.array(matching.visibility).min(1));

/** How this node searches, and what of its members' listings may leave it. */
export const matchingSettings = z.object({
  /** Score below which a leg is not used, millionths. */
  KULA_MATCHING_THRESHOLD: z.coerce.number().int().min(0).max(1_000_000).default(300_000),
  /** Members of the longest ring. */
  KULA_RING_LENGTH_MAX: z.coerce.number().int().min(2).max(10).default(5),
  /** Between a change of the listings and the search it causes. 0: only on request. */
  KULA_MATCHING_INTERVAL_SECONDS: z.coerce.number().int().min(0).max(86_400).default(60),
  /** Visibilities that members may choose, separated by commas. What is taken away is not told to other nodes any more, also of older listings. */
  KULA_VISIBILITY_ALLOWED: visibilities.default([...matching.visibility.options]),
  /** Visibility of a listing whose member does not choose: one of those allowed. */
  KULA_VISIBILITY_DEFAULT: matching.visibility.default('network'),
  /** Questions for listings that one peer may ask in an hour. */
  KULA_PEER_QUESTIONS_PER_HOUR: z.coerce.number().int().min(0).max(1_000_000).default(240),
  /** Listings of which one peer is told the details in a day. */
  KULA_PEER_DETAILS_PER_DAY: z.coerce.number().int().min(0).max(1_000_000).default(200),
}).refine(({ KULA_VISIBILITY_ALLOWED: allowed, KULA_VISIBILITY_DEFAULT: standard }) => allowed.includes(standard), {
  path: ['KULA_VISIBILITY_DEFAULT'], message: 'must be one of KULA_VISIBILITY_ALLOWED',
});

export type MatchingSettings = z.infer<typeof matchingSettings>;
