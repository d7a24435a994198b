import { Injectable } from '@nestjs/common';
import type { exchange } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { CreditNode } from '../node/credit-node.js';
import { holdRecords, nodeRecord, participantRecord } from '../record-lock.js';
import { WORTH } from './domain/track-record.js';
import { OutcomeRepository } from './outcome.repository.js';
import { ReviewProfile } from './review-profile.js';

type EndedChain = z.output<typeof exchange.chainEnded.payload>;
type Member = EndedChain['members'][number];

/** Takes in the end of a chain: it moves the records of own members, and what the nodes of the others are credited with. */
@Injectable()
export class RecordChain {
  constructor(
    private readonly own: NodeIdentity, private readonly outcomes: OutcomeRepository, private readonly crediting: CreditNode, private readonly reviewing: ReviewProfile,
  ) {}

  /** Records a chain once. A chain that was called off before it began says nothing about anybody. */
  async handle(chain: EndedChain, tx: Transaction): Promise<void> {
    const { outcome } = chain;
    if (outcome === 'aborted') return;
    const own = chain.members.filter(({ homeNode }) => this.own.isSelf(homeNode));
    const others = chain.members.filter(({ homeNode }) => !this.own.isSelf(homeNode));
    await holdRecords([...own.map(({ participantId }) => participantRecord(participantId)), ...others.map(({ homeNode }) => nodeRecord(homeNode))], tx);
    for (const { participantId, given, isAtFault, partners } of own) {
      await this.outcomes.add(participantId, chain.chainId, { outcome, given, isAtFault, partners, endedAtMs: Date.parse(chain.endedAt) }, tx);
      await this.reviewing.handle(participantId, tx);
    }
    for (const member of others) await this.credit(chain, member, tx);
  }

  /** Members of one node answering for each other say nothing about their node. */
  private async credit({ chainId, termsHash, endedAt, members }: EndedChain, { participantId, homeNode, partners, given }: Member, tx: Transaction): Promise<void> {
    const recipient = members.find((member) => member.participantId === partners.at(-1));
    if (given === null || recipient?.homeNode === homeNode) return;
    await this.crediting.experienced({ nodeId: homeNode, chainId, termsHash, participantId, actual: WORTH[given], endedAt }, tx);
  }
}
