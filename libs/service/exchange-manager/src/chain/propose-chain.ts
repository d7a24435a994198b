import { Injectable, Logger } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { ChainDesk } from './chain-desk.js';
import type { Proposed } from './domain/chain.types.js';
import { hashTerms, type Edge, type Terms } from './domain/terms.js';

type SelectedRing = z.output<typeof matching.ringSelected.payload>;
type RingLeg = SelectedRing['legs'][number];

const DESCRIPTION_MAX = 300;
const SENTENCE_MAX = 500;
const SENTENCES_MAX = 40;

/** Proposes a selected ring as a chain, once. */
@Injectable()
export class ProposeChain {
  private readonly logger = new Logger(ProposeChain.name);

  constructor(private readonly desk: ChainDesk, private readonly own: OwnNode) {}

  /** A ring is a fact and cannot be refused: one that makes no chain, or is another node's to propose, is logged and left. */
  async run(ring: SelectedRing, tx: Transaction): Promise<void> {
    if (ring.proposingNode !== this.own.nodeId) {
      this.logger.warn(`ring ${ring.ringId} is for node ${ring.proposingNode} to propose`);
      return;
    }
    try {
      await this.desk.take(ring.ringId, { kind: 'ringSelected', proposal: proposalOf(ring, this.own.consentDeadline()) }, tx);
    } catch (error) {
      // A DomainError comes from judging the terms, before anything is written.
      if (!(error instanceof DomainError)) throw error;
      this.logger.error(`ring ${ring.ringId} makes no chain: ${error.message}`);
    }
  }
}

function proposalOf(ring: SelectedRing, consentDeadline: string): Proposed {
  const terms: Terms = {
    chain_id: ring.ringId,
    participants: ring.legs.flatMap(seatsOf),
    edges: ring.legs.map(edgeOf),
    proposed_timeline: { consent_deadline: consentDeadline, execution_start: ring.executionStart, execution_end: ring.executionEnd },
  };
  return {
    kind: 'proposed', issuer: ring.proposingNode, entryId: null, chainId: ring.ringId, termsHash: hashTerms(terms), proposingNode: ring.proposingNode, terms,
    explanation: explanationOf(ring),
  };
}

const seatsOf = (leg: RingLeg): Terms['participants'] => [
  { participant_id: leg.providerId, home_node: leg.providerNode, role: 'provider', offering_id: leg.offeringId },
  { participant_id: leg.recipientId, home_node: leg.recipientNode, role: 'recipient', need_id: leg.needId },
];

const edgeOf = (leg: RingLeg): Edge => ({
  leg_id: leg.legId, from_participant: leg.providerId, to_participant: leg.recipientId, match_score: leg.score,
  offering_id: leg.offeringId, need_id: leg.needId, description: cut(leg.description, DESCRIPTION_MAX) || 'as offered',
  amount: leg.quantity.amount, unit: leg.quantity.unit,
});

const explanationOf = ({ reason, legs }: SelectedRing): readonly string[] =>
  [reason, ...legs.flatMap((leg) => leg.explanation.map(({ sentence }) => sentence))]
    .map((sentence) => cut(sentence, SENTENCE_MAX)).filter((sentence) => sentence !== '').slice(0, SENTENCES_MAX);

/** The text as the wire carries it: without space around it, not longer than allowed. Half of a letter at the cut is replaced. */
const cut = (text: string, max: number): string => text.trim().slice(0, max).trim().toWellFormed();
