import { z } from 'zod';
import { defineEvent } from '../core/define.js';
import { did, micro } from '../core/values.js';
import { trustTier } from '../messages/attestations.js';

/** What matching should assume of a participant from now on. `version` rises with every change of one participant. */
export const standingChanged = defineEvent({
  subject: 'evt.trust.v1.standing.changed',
  payload: z.strictObject({ participantId: did, standing: micro, tier: trustTier, version: z.int().min(1) }),
});
