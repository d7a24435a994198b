import { Injectable } from '@nestjs/common';
import {
  chainAcknowledged, chainAnswered, chainCommitted, chainConsented, chainDecided, chainProposed, legSignalled,
} from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { Acknowledged, Answered, Proposed, Said } from './domain/chain.types.js';

/** Writes what this node says about chains into its log, in the order in which it is said. */
@Injectable()
export class ChainLog {
  constructor(private readonly outbox: FederationOutbox) {}

  async write(said: Said, tx: Transaction): Promise<void> {
    const address = { subject: said.chainId };
    const about = { chain_id: said.chainId, terms_hash: said.termsHash };
    switch (said.kind) {
      case 'proposed': return this.outbox.add(chainProposed, proposalBody(said), address, tx);
      case 'answered': return this.outbox.add(chainAnswered, { ...about, ...answerBody(said) }, address, tx);
      case 'consented': {
        const { statement, signature, reason } = said;
        return this.outbox.add(chainConsented, { statement, signature, ...(reason !== null && { reason }) }, address, tx);
      }
      case 'committed': return this.outbox.add(chainCommitted, { ...about, consents: [...said.consents] }, address, tx);
      case 'acknowledged': return this.outbox.add(chainAcknowledged, { ...about, ...acknowledgementBody(said) }, address, tx);
      case 'decided': return this.outbox.add(chainDecided, { ...about, ...said.decision }, address, tx);
      case 'signalled': {
        const { statement, signature, note } = said;
        return this.outbox.add(legSignalled, { statement, signature, ...(note !== null && { note }) }, address, tx);
      }
    }
  }
}

const proposalBody = ({ terms, termsHash, proposingNode, explanation }: Proposed) => ({
  ...terms, participants: [...terms.participants], edges: [...terms.edges], proposing_node: proposingNode, terms_hash: termsHash, explanation: [...explanation],
});

const answerBody = ({ issuer, status, reason }: Answered) =>
  ({ responding_node: issuer, status, ...(reason !== null && { rejection_reason: reason }) });

const acknowledgementBody = ({ proposingNode, status, reason }: Acknowledged) =>
  ({ proposing_node: proposingNode, status, ...(reason !== null && { reason }) });
