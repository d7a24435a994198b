import { z } from 'zod';
import { hash, nodeId } from '../core/values.js';

/** A verified entry as the federation service hands it to the services of the node, in order per issuer. Own entries included. */
export const appliedEntry = z.strictObject({
  issuer: nodeId, seq: z.int().min(1), hash, topic: z.string(), type: z.string(), subject: z.string(), ts: z.int(),
  isOwn: z.boolean(), body: z.unknown(),
  /** Public key that signed the entry, base64url: with it the node's own signatures inside the body are checked. Absent in entries handed over by earlier releases. */
  issuerKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/).optional(),
});

export type AppliedEntry = z.infer<typeof appliedEntry>;

/** An unsigned draft on its way from a service to the sealer. `id` makes sealing idempotent. */
export const entryDraft = z.strictObject({
  id: z.uuid(), topic: z.string(), type: z.string(), subject: z.string().min(1).max(128), to: nodeId.optional(), re: z.string().max(128).optional(),
  exp: z.int().optional(), nodeSignature: z.strictObject({ field: z.string(), domain: z.string() }).optional(), body: z.looseObject({}),
});

export type EntryDraft = z.infer<typeof entryDraft>;
