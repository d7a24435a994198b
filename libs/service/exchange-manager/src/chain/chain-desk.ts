import { Injectable } from '@nestjs/common';
import { exchange } from '@kula/contracts';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { CapacityAccountRepository } from '../capacity/capacity-account.repository.js';
import { OwnNode } from '../own-node.js';
import { ChainLog } from './chain-log.js';
import { ChainRepository, type StoredChain } from './chain.repository.js';
import type { Chain, ChainEnded, Fact, Outcome, Said } from './domain/chain.types.js';
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

/** What a decision does outside the replica: capacity, the node's log, events. */
@Injectable()
export class ChainEffects {
  constructor(private readonly accounts: CapacityAccountRepository, private readonly log: ChainLog, private readonly outbox: Outbox) {}

  async carryOut(chain: Chain, outcome: Outcome, { at, tx }: { readonly at: string; readonly tx: Transaction }): Promise<void> {
    const changes = outcome.capacityEffects.map(({ kind, use }) => ({ chainId: chain.chainId, listingId: use.listingId, change: kind, amount: use.amount }));
    await this.accounts.apply(changes, tx);
    for (const said of outcome.messages) await this.log.write(said, tx);
    for (const ended of outcome.events) await this.outbox.add(exchange.chainEnded, endedEvent(chain, ended, at), tx);
  }
}

const endedEvent = ({ chainId, termsHash }: Chain, { outcome, reason, members, listings }: ChainEnded, endedAt: string) => ({
  chainId, termsHash, outcome, reason, endedAt, listings: [...listings],
  members: members.map((member) => ({ ...member, partners: [...member.partners] })),
});
