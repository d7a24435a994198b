import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, instant, micro, naturalNumber, nodeId, pageOf, pageRequest, quantity, recordId } from '../core/values.js';
import { capability, listingPlace, listingTitle, participantRef } from '../messages/graph.js';

export const listingKind = z.enum(['offering', 'need']).meta({ id: 'ListingKind' });

/**
 * What leaves the home node. `network`: all of it, to every node. `summary`: what it is matched by, to every node, and the
 * rest to a node that is about to propose a ring with it. `query`: nothing by itself; what it is matched by to a peer that
 * asks for it, and the rest as with `summary`. `node`: nothing; rings with it are shown at home and not proposed.
 */
export const visibility = z.enum(['network', 'summary', 'query', 'node']).meta({ id: 'Visibility' });

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
    place: listingPlace.nullable().default(null), delivery: z.enum(['onsite', 'remote']).default('onsite'),
    visibility: visibility.optional().meta({ description: 'What leaves the node. Left out: what the node has chosen for its members. Never changes: withdraw the listing and publish it anew.' }),
  }),
  output: listing,
  errors: ['matching.visibility_not_offered', 'matching.window_reversed', 'matching.window_past', 'matching.listing_exists', 'matching.too_many_listings'],
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

/** A member of a ring: by its id, or by its reference where its home node has told no more. */
export const matchedParty = z.union([did, participantRef]).meta({ id: 'MatchedParty' });

export const ringLeg = z.strictObject({
  legId: recordId, providerId: matchedParty, providerNode: nodeId, recipientId: matchedParty, recipientNode: nodeId,
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
  output: z.strictObject({
    ringsFound: z.int(), ringsSelected: z.int(), proven: z.boolean(), objective: naturalNumber, bound: naturalNumber, complete: z.boolean(),
    peersAsked: z.int().meta({ description: 'Peers that were asked for listings which they only show when asked.' }),
    peersSilent: z.array(nodeId).meta({ description: 'Those of them that gave no answer, or not all of it: what they have is missing here unless they gave it a moment ago.' }),
  }),
  errors: [],
});
