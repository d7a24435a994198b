import { Injectable } from '@nestjs/common';
import type { exchange } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { ChainDesk } from './chain-desk.js';
import { consentHere } from './chain-message.mapper.js';
import { ChainUnknownError } from './domain/chain.errors.js';
import type { Chain } from './domain/chain.types.js';

/** Passes a local member's consent or refusal on, after checking it as every other node will. */
@Injectable()
export class GiveConsent {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly desk: ChainDesk, private readonly own: OwnNode) {}

  /** The chain with the consent in it. @throws the refusals of the operation, in their order. */
  async run(input: z.output<typeof exchange.giveConsent.input>, participantId: string): Promise<Chain> {
    const { chainId, termsHash, decision, madeAt, signature, reason = null } = input;
    const statement = { chain_id: chainId, terms_hash: termsHash, participant_id: participantId, decision, made_at: madeAt };
    const consent = consentHere(this.own.nodeId, statement, { signature, reason });
    const { chain } = await this.unitOfWork.retrying((tx) => this.desk.take(chainId, { kind: 'consentGiven', consent }, tx));
    if (chain === null) throw new ChainUnknownError(chainId);
    return chain;
  }
}
