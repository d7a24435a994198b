import { z } from 'zod';
import { defineEvent } from '../core/define.js';
import { did, hash, instant, nodeId, recordId } from '../core/values.js';

const memberOutcome = z.strictObject({
  participantId: did, homeNode: nodeId,
  partners: z.array(did).meta({ description: 'Whom the member took from, then whom it gave to: the last one is its recipient. One entry where both are the same.' }),
  given: z.enum(['yes', 'partially', 'no']).nullable().meta({ description: 'Answer of this member\'s recipient about what the member gave.' }),
  isAtFault: z.boolean(),
});

/** A chain reached its end on this node. Sent once per chain, after every leg is settled or the chain was aborted. */
export const chainEnded = defineEvent({
  subject: 'evt.exchange.v1.chain.ended',
  payload: z.strictObject({
    chainId: recordId, termsHash: hash, outcome: z.enum(['completed', 'aborted', 'failed']), reason: z.string().nullable(),
    members: z.array(memberOutcome), endedAt: instant,
    listings: z.array(recordId).meta({ description: 'Offerings and needs the chain used.' }),
  }),
});
