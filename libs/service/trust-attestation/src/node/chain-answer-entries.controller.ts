import { Controller } from '@nestjs/common';
import { chainAnswered, type AppliedEntry } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { NodeIdentity } from '@kula/platform-runtime';
import { holdRecords, nodeRecord } from '../record-lock.js';
import { CreditNode } from './credit-node.js';

/** A node answered a proposal in the name of another. */
export class ForeignAnswerError extends DomainError<'trust.foreign_answer'> {
  override readonly name = 'ForeignAnswerError';
  readonly code = 'trust.foreign_answer';
  constructor(respondingNode: string, issuer: string) { super(`node ${issuer} answered in the name of ${respondingNode}`, { respondingNode, issuer }); }
}

/** Learns at which place of its log a node agreed to take part in a chain: what it attested later, it may have learned from the chain. */
@Controller()
export class ChainAnswerEntriesController {
  private readonly routes: readonly EntryRoute[] = [
    onMessage(chainAnswered, async ({ issuer, seq, body }, tx) => {
      if (body.responding_node !== issuer) throw new ForeignAnswerError(body.responding_node, issuer);
      if (body.status !== 'validated' || this.own.isSelf(issuer)) return;
      await holdRecords([nodeRecord(issuer)], tx);
      await this.crediting.answered({ nodeId: issuer, chainId: body.chain_id, termsHash: body.terms_hash, entrySeq: seq }, tx);
    }),
  ];

  constructor(private readonly inbox: FederationInbox, private readonly crediting: CreditNode, private readonly own: NodeIdentity) {}

  @OnFederated('chains')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('chains', entry, this.routes);
  }
}
