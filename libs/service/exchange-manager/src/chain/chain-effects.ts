import { Injectable } from '@nestjs/common';
import {
  chainAcknowledged, chainAnswered, chainCommitted, chainConsented, chainDecided, chainProposed, exchange, legSignalled,
} from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { CapacityAccountRepository } from '../capacity/capacity-account.repository.js';
import type { Acknowledged, Answered, Chain, ChainEnded, Outcome, Proposed, Said } from './domain/chain.types.js';

/** What a decision does outside the replica: capacity, the node's log, events. */
@Injectable()
export class ChainEffects {
  constructor(private readonly accounts: CapacityAccountRepository, private readonly log: FederationOutbox, private readonly outbox: Outbox) {}

  /** Writes everything an outcome asks for, in the order in which it was decided. */
  async carryOut(chain: Chain, outcome: Outcome, { at, tx }: { readonly at: string; readonly tx: Transaction }): Promise<void> {
    const changes = outcome.capacityEffects.map(({ kind, use }) => ({ chainId: chain.chainId, listingId: use.listingId, change: kind, amount: use.amount }));
    await this.accounts.apply(changes, tx);
    for (const said of outcome.messages) await this.say(said, tx);
    for (const ended of outcome.events) await this.outbox.add(exchange.chainEnded, endedEvent(chain, ended, at), tx);
  }

  private async say(said: Said, tx: Transaction): Promise<void> {
    const address = { subject: said.chainId };
    const about = { chain_id: said.chainId, terms_hash: said.termsHash };
    switch (said.kind) {
      case 'proposed': return this.log.add(chainProposed, proposalBody(said), address, tx);
      case 'answered': return this.log.add(chainAnswered, { ...about, ...answerBody(said) }, address, tx);
      case 'consented': {
        const { statement, signature, reason } = said;
        return this.log.add(chainConsented, { statement, signature, ...(reason !== null && { reason }) }, address, tx);
      }
      case 'committed': return this.log.add(chainCommitted, { ...about, consents: [...said.consents] }, address, tx);
      case 'acknowledged': return this.log.add(chainAcknowledged, { ...about, ...acknowledgementBody(said) }, address, tx);
      case 'decided': return this.log.add(chainDecided, { ...about, ...said.decision }, address, tx);
      case 'signalled': {
        const { statement, signature, note } = said;
        return this.log.add(legSignalled, { statement, signature, ...(note !== null && { note }) }, address, tx);
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

const endedEvent = ({ chainId, termsHash }: Chain, { outcome, reason, members, listings }: ChainEnded, endedAt: string) => ({
  chainId, termsHash, outcome, reason, endedAt, listings: [...listings],
  members: members.map((member) => ({ ...member, partners: [...member.partners] })),
});
