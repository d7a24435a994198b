import type { listingSummary, matching } from '@kula/contracts';
import type { z } from 'zod';
import type { Listing } from '../listing/domain/listing.js';
import type { Summary } from './domain/summary.js';

type SummaryBody = z.input<typeof listingSummary>;

const instantOf = (ms: number): string => new Date(ms).toISOString();

/** What is told of a listing whose details stay at home. An allow-list: what is not named here is not told. */
export function summaryBodyOf(listing: Listing, participantRef: string): SummaryBody {
  const { listingId, kind, homeNode, capability, amount, unit, availableFromMs, availableUntilMs, delivery } = listing;
  return {
    listing_id: listingId, kind, home_node: homeNode, participant_ref: participantRef, capability, quantity: { amount: String(amount), unit },
    available_from: instantOf(availableFromMs), available_until: instantOf(availableUntilMs), delivery,
  };
}

/** The same with what is free of it. */
export const candidateOf = (listing: Listing, participantRef: string): z.input<typeof matching.candidate> => (
  { ...summaryBodyOf(listing, participantRef), free: String(listing.free) });

/** What is told where a ring with the listing is about to be proposed. */
export const detailsOf = (listing: Listing, participantRef: string): z.input<typeof matching.listingDetails> => (
  { ...summaryBodyOf(listing, participantRef), participant_id: listing.participantId, title: listing.title, place: listing.place });

/** The summary that a body tells: all of it free, and kept until it is withdrawn. */
export function summaryOfBody(body: z.output<typeof listingSummary>): Summary {
  const { kind, capability, quantity, delivery } = body;
  const amount = BigInt(quantity.amount);
  return {
    listingId: body.listing_id, homeNode: body.home_node, participantRef: body.participant_ref, kind, capability, amount, unit: quantity.unit, free: amount,
    availableFromMs: Date.parse(body.available_from), availableUntilMs: Date.parse(body.available_until), delivery, state: 'open', validUntilMs: null,
  };
}
