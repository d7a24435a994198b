import { z } from 'zod';
import { defineEvent } from '../core/define.js';
import { did, instant, naturalNumber, recordId } from '../core/values.js';
import { listing, ring, ringLeg } from './operations.js';

/** A local listing was published. exchange-manager opens its capacity. */
export const listingOpened = defineEvent({ subject: 'evt.matching.v1.listing.opened', payload: listing });

/** A local listing was withdrawn. No new reservation is made on it. */
export const listingClosed = defineEvent({
  subject: 'evt.matching.v1.listing.closed', payload: z.strictObject({ listingId: recordId, participantId: did, closedAt: instant }),
});

/** This node is the one to propose this ring, and knows every member. exchange-manager proposes it once; `ringId` becomes the chain's id. */
export const ringSelected = defineEvent({
  subject: 'evt.matching.v1.ring.selected',
  payload: ring.extend({ legs: z.array(ringLeg.extend({ providerId: did, recipientId: did })), executionStart: instant, executionEnd: instant }),
});

/** What is left of a local listing after a reservation was made, kept or released. */
export const capacityChanged = defineEvent({
  subject: 'evt.exchange.v1.capacity.changed', payload: z.strictObject({ listingId: recordId, free: naturalNumber, version: z.int().min(1) }),
});
