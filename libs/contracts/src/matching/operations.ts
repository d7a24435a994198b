import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, instant, micro, naturalNumber, nodeId, pageOf, pageRequest, quantity, recordId } from '../core/values.js';
import { capability, listingPlace, listingTitle } from '../messages/graph.js';

export const listingKind = z.enum(['offering', 'need']).meta({ id: 'ListingKind' });

/** `network`: replicated to every node. `node`: stays on the home node; rings with it are shown there and not proposed. */
export const visibility = z.enum(['network', 'node']).meta({ id: 'Visibility' });

export const listing = z.strictObject({
  listingId: recordId, kind: listingKind, participantId: did, homeNode: nodeId, title: z.string(), capability, quantity,
  free: naturalNumber, availableFrom: instant, availableUntil: instant, place: z.string().nullable(),
  delivery: z.enum(['onsite', 'remote']), visibility, state: z.enum(['open', 'withdrawn']), publishedAt: instant,
}).meta({ id: 'Listing' });

export const publishListing = defineOperation({
  subject: 'matching.v1.listing.publish', roles: ['participant'],
  summary: 'Publishes an offering (what is given) or a need (what is sought) of the signed-in participant. The same reference again answers the same listing.',
  input: z.strictObject({
    reference: recordId.optional().meta({ description: 'The member\'s own name for the listing. Makes publishing repeatable.' }),
    kind: listingKind, title: listingTitle, capability, quantity, availableFrom: instant, availableUntil: instant,
    place: listingPlace.nullable().default(null), delivery: z.enum(['onsite', 'remote']).default('onsite'), visibility: visibility.default('network'),
  }),
  output: listing,
  errors: ['matching.window_reversed', 'matching.window_past', 'matching.listing_exists', 'matching.too_many_listings'],
});

export const withdrawListing = defineOperation({
  subject: 'matching.v1.listing.withdraw', roles: ['participant'],
  summary: 'Withdraws a listing of the signed-in participant. What is already committed stays committed.',
  input: z.strictObject({ listingId: recordId }), output: listing,
  errors: ['matching.listing_unknown', 'matching.not_your_listing'],
});

export const getListing = defineOperation({
  subject: 'matching.v1.listing.get', summary: 'One listing.', roles: ['participant', 'cooperative', 'operator'],
  input: z.strictObject({ listingId: recordId }), output: listing, errors: ['matching.listing_unknown'],
});

export const listListings = defineOperation({
  subject: 'matching.v1.listing.list', roles: ['participant', 'cooperative', 'operator'],
  summary: 'Listings this node knows: its own and those replicated to it.',
  input: z.strictObject({ ...pageRequest, kind: listingKind.optional(), participantId: did.optional(), homeNode: nodeId.optional() }),
  output: pageOf(listing), errors: [],
});

/** Why one leg was matched: each part of its score with a sentence. */
export const legExplanation = z.strictObject({
  part: z.enum(['capability', 'quantity', 'time', 'place', 'trust']), score: micro, weight: micro, sentence: z.string(),
});

export const ringLeg = z.strictObject({
  legId: recordId, providerId: did, providerNode: nodeId, recipientId: did, recipientNode: nodeId,
  offeringId: recordId, needId: recordId, description: z.string(), quantity, score: micro, explanation: z.array(legExplanation),
}).meta({ id: 'RingLeg' });

export const ring = z.strictObject({
  ringId: recordId, state: z.enum(['considered', 'selected']), score: micro, legs: z.array(ringLeg), reason: z.string(),
  proposingNode: nodeId, foundAt: instant,
}).meta({ id: 'Ring' });

export const listRings = defineOperation({
  subject: 'matching.v1.ring.list', roles: ['participant', 'cooperative', 'operator'],
  summary: 'Rings found in the latest search, best first: selected ones and those considered and not chosen, with the reason.',
  input: z.strictObject({ ...pageRequest, state: z.enum(['considered', 'selected']).optional() }), output: pageOf(ring), errors: [],
});

export const runSearch = defineOperation({
  subject: 'matching.v1.search.run', roles: ['operator'],
  summary: 'Searches now instead of at the next change: every ring up to the configured length, and the best set of them.',
  input: z.strictObject({}),
  output: z.strictObject({ ringsFound: z.int(), ringsSelected: z.int(), proven: z.boolean(), objective: naturalNumber, bound: naturalNumber, complete: z.boolean() }),
  errors: [],
});
