import type { listingBody, matching } from '@kula/contracts';
import type { z } from 'zod';
import { newListing, type Listing } from './domain/listing.js';

const instantOf = (ms: number): string => new Date(ms).toISOString();

/** The listing as operations answer it and events carry it. */
export function listingView(listing: Listing): z.input<typeof matching.listing> {
  const { listingId, kind, participantId, homeNode, title, capability, place, delivery, visibility, state } = listing;
  return {
    listingId, kind, participantId, homeNode, title, capability, place, delivery, visibility, state,
    quantity: { amount: String(listing.amount), unit: listing.unit }, free: String(listing.free),
    availableFrom: instantOf(listing.availableFromMs), availableUntil: instantOf(listing.availableUntilMs), publishedAt: instantOf(listing.publishedAtMs),
  };
}

/** The listing as it is replicated to other nodes. */
export function listingBodyOf(listing: Listing): z.input<typeof listingBody> {
  const { listingId, kind, participantId, homeNode, title, capability, place, delivery } = listing;
  return {
    listing_id: listingId, kind, participant_id: participantId, home_node: homeNode, title, capability, place, delivery,
    quantity: { amount: String(listing.amount), unit: listing.unit },
    available_from: instantOf(listing.availableFromMs), available_until: instantOf(listing.availableUntilMs), published_at: instantOf(listing.publishedAtMs),
  };
}

/** The listing that a replicated body describes. Only network listings are replicated in full. */
export function listingOfBody(body: z.output<typeof listingBody>): Listing {
  const { kind, title, capability, quantity, place, delivery } = body;
  return newListing(
    {
      kind, title, capability, amount: BigInt(quantity.amount), unit: quantity.unit, place, delivery, visibility: 'network',
      availableFromMs: Date.parse(body.available_from), availableUntilMs: Date.parse(body.available_until),
    },
    { listingId: body.listing_id, participantId: body.participant_id, homeNode: body.home_node, publishedAtMs: Date.parse(body.published_at) },
  );
}
