import { z } from 'zod';

/** Topic and type of the entries that the counting consumer records. */
export const COUNTED = { topic: 'counted', type: 'counted.noted' } as const;

/** What such an entry says. */
export const countedBody = z.looseObject({
  /** Tells drafts apart: `north 17`. */
  note: z.string(),
  /** How long the consumer stays inside its transaction after it has recorded the entry, in milliseconds: time to be killed in. */
  holdMs: z.int().min(0).max(60_000).default(0),
});
