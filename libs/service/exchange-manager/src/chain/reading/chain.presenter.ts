import { exchange } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import type { z } from 'zod';
import type { Chain, Leg } from '../domain/chain.types.js';
import { homeNodeOf, type Edge } from '../domain/terms.js';
import { waitingFor } from './waiting-for.js';

export type ChainView = z.input<typeof exchange.chain>;

/** A chain as the node shows it. */
export function chainView(chain: Chain): ChainView {
  const { chainId, state, reason, proposingNode, termsHash, terms } = chain;
  return {
    chainId, state, reason, proposingNode, termsHash,
    terms: { ...terms, participants: [...terms.participants], edges: [...terms.edges] },
    legs: terms.edges.map((edge) => legView(chain, edge)),
    answers: [...chain.answers],
    consents: consentsOf(chain),
    acknowledgements: chain.acknowledgements.map(({ node, status }) => ({ node, status })),
    waitingFor: waitingFor(chain),
  };
}

function legView({ terms, legs }: Chain, edge: Edge): ChainView['legs'][number] {
  const leg: Leg | undefined = legs.find(({ legId }) => legId === edge.leg_id);
  const [providerNode, recipientNode] = [homeNodeOf(terms, edge.from_participant), homeNodeOf(terms, edge.to_participant)];
  invariant(leg !== undefined && providerNode !== undefined && recipientNode !== undefined, 'every leg has its two members and is tracked');
  return {
    ...leg, providerId: edge.from_participant, providerNode, recipientId: edge.to_participant, recipientNode,
    offeringId: edge.offering_id, needId: edge.need_id, description: edge.description, quantity: { amount: edge.amount, unit: edge.unit },
  };
}

/** Consents as they came in, and those that only the certificate has shown. */
function consentsOf({ consents, certificate }: Chain): ChainView['consents'] {
  const certified = (certificate ?? []).filter(({ statement }) => !consents.some((consent) => consent.statement.participant_id === statement.participant_id));
  return [...consents, ...certified].map(({ statement }) => ({
    participantId: statement.participant_id, decision: statement.decision, madeAt: statement.made_at,
  }));
}
