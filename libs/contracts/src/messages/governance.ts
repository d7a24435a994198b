import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { hash, nodeId } from '../core/values.js';

/**
 * Somebody has found that a node contradicts itself. The proof decides, not the finder.
 *
 * `proof` is null where it does not fit in an entry: it is then asked of the finder, and `proof_hash` (SHA-256 of its
 * canonical bytes) says which one.
 */
export const equivocationProven = defineMessage({
  topic: 'governance', type: 'equivocation.proven',
  body: z.looseObject({ accused: nodeId, at: z.int().min(0), proof: z.looseObject({}).nullable(), proof_hash: hash }),
});
