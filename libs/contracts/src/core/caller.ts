import { z } from 'zod';
import { did } from './values.js';

/** The signed-in party on whose behalf the gateway asks. Participants act as themselves, cooperatives with their own key. */
export const caller = z.strictObject({
  did,
  role: z.enum(['participant', 'cooperative', 'operator']),
});

export type Caller = z.infer<typeof caller>;

/** What travels beside the input of an operation. */
export const requestMeta = z.strictObject({
  caller: caller.nullable(),
  correlationId: z.string().min(1).max(128),
});

export type RequestMeta = z.infer<typeof requestMeta>;
