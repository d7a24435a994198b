import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { OwnNode } from '../own-node.js';
import { ChainEffects } from './chain-effects.js';
import { ChainRepository, type StoredChain } from './chain.repository.js';
import type { Chain, Fact, Said } from './domain/chain.types.js';
import { takeInLocal, type Intake, type Replica } from './domain/take-in.js';
import { ParkedEntryRepository } from './parked-entry.repository.js';

/** The records about one chain, locked for one decision. */
export interface OpenFile { readonly stored: StoredChain | null; readonly replica: Replica }

/** Reads what a decision about a chain needs and writes what comes of it, all in the caller's transaction. */
@Injectable()
export class ChainDesk {
  constructor(
    private readonly chains: ChainRepository, private readonly parked: ParkedEntryRepository,
    private readonly effects: ChainEffects, private readonly own: OwnNode,
  ) {}

  /** The replica of a chain and what waits for it. */
  async open(chainId: string, tx: Transaction): Promise<OpenFile> {
    const stored = await this.chains.lock(chainId, tx);
    return { stored, replica: { chain: stored?.chain ?? null, parked: await this.parked.of(chainId, tx) } };
  }

  /** Writes the next replica, its timeline, what waits now, and everything the decision asks for. */
  async write({ stored, replica }: OpenFile, intake: Intake, tx: Transaction): Promise<void> {
    const { outcome } = intake;
    const at = { at: this.own.now(), tx };
    await this.parked.replace(replica.parked, intake, { now: at.at, tx });
    if (outcome.chain === null) return;
    if (outcome.status === 'applied') await this.chains.save(stored, outcome.chain, tx);
    await this.chains.addSteps(outcome.chain, outcome.steps, at);
    await this.effects.carryOut(outcome.chain, outcome, at);
  }

  /** Takes a fact of this node, and answers the chain as it is then; null where there is none. */
  async take(chainId: string, fact: Exclude<Fact, Said>, tx: Transaction): Promise<{ readonly chain: Chain | null; readonly isChanged: boolean }> {
    const file = await this.open(chainId, tx);
    const intake = takeInLocal(file.replica, fact, this.own.deciding());
    await this.write(file, intake, tx);
    return { chain: intake.outcome.chain, isChanged: intake.outcome.status === 'applied' };
  }
}
