import { Injectable } from '@nestjs/common';
import type { exchange } from '@kula/contracts';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { ChainDesk } from './chain-desk.js';
import { signalHere } from './chain-message.mapper.js';
import { ChainRepository } from './chain.repository.js';
import { ChainUnknownError } from './domain/chain.errors.js';
import type { Chain, SignalStatement } from './domain/chain.types.js';

type SignalInput = z.output<typeof exchange.giveSignal.input>;

/** Passes a local member's signal about a leg on, after checking it as every other node will. */
@Injectable()
export class GiveSignal {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly chains: ChainRepository, private readonly desk: ChainDesk, private readonly own: OwnNode,
  ) {}

  /** The chain with the signal in it. @throws the refusals of the operation, in their order. */
  async run(input: SignalInput, participantId: string): Promise<Chain> {
    const { chainId, signature, note = null } = input;
    return this.unitOfWork.retrying(async (tx) => {
      const statement = statementOf(input, participantId, await this.termsHashOf(chainId, tx));
      const signal = signalHere(this.own.nodeId, statement, { signature, note });
      const { chain } = await this.desk.take(chainId, { kind: 'signalGiven', signal }, tx);
      if (chain === null) throw new ChainUnknownError(chainId);
      return chain;
    });
  }

  /** The statement names the terms, the request does not: they are those of the chain. */
  private async termsHashOf(chainId: string, tx: Transaction): Promise<string> {
    const stored = await this.chains.lock(chainId, tx);
    if (stored === null) throw new ChainUnknownError(chainId);
    return stored.chain.termsHash;
  }
}

const statementOf = (input: SignalInput, participantId: string, termsHash: string): SignalStatement => ({
  chain_id: input.chainId, leg_id: input.legId, terms_hash: termsHash, participant_id: participantId,
  signal: input.signal, answer: input.answer, evidence_hash: input.evidenceHash, made_at: input.madeAt,
});
