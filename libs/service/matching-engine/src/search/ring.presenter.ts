import type { matching } from '@kula/contracts';
import type { z } from 'zod';
import { explainLeg } from './domain/leg/explain-leg.js';
import type { GraphListing } from './domain/leg/graph-listing.js';
import type { Leg, Ring } from './domain/ring.js';

type RingView = z.input<typeof matching.ring>;

/** The participant, or the reference that stands for it where its home node has told no more. */
const partyOf = ({ participantId, homeNode, isSummary }: GraphListing): string => (isSummary === true ? participantId.slice(homeNode.length + 1) : participantId);

function legView(leg: Leg, legId: string): RingView['legs'][number] {
  const { offering, need, score } = leg;
  return {
    legId, score, providerId: partyOf(offering), providerNode: offering.homeNode, recipientId: partyOf(need), recipientNode: need.homeNode,
    offeringId: offering.listingId, needId: need.listingId, description: `${offering.title} (for: ${need.title})`,
    quantity: { amount: String(need.free), unit: need.unit }, explanation: explainLeg(leg),
  };
}

/** A ring as operations answer it. The ids of its legs follow from its own. */
export function ringView({ ringId, legs, score, proposingNode }: Ring, verdict: Pick<RingView, 'state' | 'reason' | 'foundAt'>): RingView {
  return { ringId, ...verdict, score, proposingNode, legs: legs.map((leg, at) => legView(leg, `${ringId}-${at}`)) };
}
