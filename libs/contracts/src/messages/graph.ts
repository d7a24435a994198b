import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, instant, line, nodeId, quantity, recordId } from '../core/values.js';

/** Term both sides match on: a capability from the taxonomy, dotted from general to special (`food.catering`). */
export const capability = z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){0,5}$/, 'must be dotted lower case words such as food.catering').meta({ id: 'Capability', example: 'food.catering' });

/** One line of a listing without control characters, which neither a canonical document nor a database could carry. */
const plain = (max: number) => line(max).regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of plain text');

export const listingTitle = plain(120);
export const listingPlace = plain(80);

/** A listing as it is replicated: an offering (what is given) or a need (what is sought). */
export const listingBody = z.looseObject({
  listing_id: recordId, kind: z.enum(['offering', 'need']), participant_id: did, home_node: nodeId,
  title: listingTitle, capability, quantity, available_from: instant, available_until: instant,
  place: listingPlace.nullable(), delivery: z.enum(['onsite', 'remote']), published_at: instant,
});

/**
 * Stands for a participant where its id is not told: the same in all summaries of one home node, and nowhere else.
 *
 * Only the home node can say whom it stands for. Two nodes may use the same one: it is read together with the home node.
 */
export const participantRef = z.string().regex(/^p-[A-Za-z0-9_-]{43}$/, 'must be a participant reference').meta({ id: 'ParticipantRef' });

/** What a listing is matched by, without who it is of, what it is called and where. */
export const listingSummary = z.looseObject({
  listing_id: recordId, kind: z.enum(['offering', 'need']), home_node: nodeId, participant_ref: participantRef, capability, quantity,
  available_from: instant, available_until: instant, delivery: z.enum(['onsite', 'remote']),
});

export const listingPublished = defineMessage({ topic: 'graph', type: 'listing.published', body: listingBody });

/** A listing whose details stay with its home node. Withdrawn and reserved like any other. */
export const listingSummarised = defineMessage({ topic: 'graph', type: 'listing.summarised', body: listingSummary });

export const listingWithdrawn = defineMessage({
  topic: 'graph', type: 'listing.withdrawn', body: z.looseObject({ listing_id: recordId, home_node: nodeId }),
});

/** How much of a listing is spoken for: kept current by its home node so that others do not propose it again. */
export const listingReserved = defineMessage({
  topic: 'graph', type: 'listing.reserved',
  body: z.looseObject({ listing_id: recordId, home_node: nodeId, free: z.string().regex(/^(0|[1-9][0-9]{0,37})$/) }),
});
