import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { CapacityAccountRepository } from '../capacity/capacity-account.repository.js';
import { freeOf } from '../capacity/domain/capacity-account.js';
import { OwnNode } from '../own-node.js';
import { ChainDesk } from './chain-desk.js';
import type { ListingAccount, Said } from './domain/chain.types.js';
import { takeIn, type ChainEntry } from './domain/take-in.js';
import { listingUsesAt } from './domain/terms.js';
import { ParkedEntryRepository } from './parked-entry.repository.js';

/** Takes in what a node says about a chain, this node included: one path for all. */
@Injectable()
export class TakeInEntry {
  constructor(
    private readonly desk: ChainDesk, private readonly parked: ParkedEntryRepository,
    private readonly accounts: CapacityAccountRepository, private readonly own: OwnNode,
  ) {}

  /** @throws DomainError where the entry is refused: nothing is written. */
  async run(entry: ChainEntry, tx: Transaction): Promise<void> {
    const { chainId, termsHash, kind } = entry.said;
    if (kind !== 'proposed' && await this.parked.isPassedOver(chainId, termsHash, tx)) return;
    const file = await this.desk.open(chainId, tx);
    const intake = takeIn(file.replica, entry, this.own.deciding(await this.listingsFor(entry.said, tx)));
    if (intake.outcome.status === 'ignored') await this.parked.passOver(chainId, termsHash, tx);
    await this.desk.write(file, intake, tx);
  }

  /** The local listings that a proposal uses, locked so that the answer and the reservation are one. */
  private async listingsFor(said: Said, tx: Transaction): Promise<ReadonlyMap<string, ListingAccount>> {
    if (said.kind !== 'proposed') return new Map();
    const accounts = await this.accounts.lock(listingUsesAt(said.terms, this.own.nodeId).map(({ listingId }) => listingId), tx);
    return new Map([...accounts].map(([listingId, account]) => [listingId, { ...account, free: freeOf(account) }]));
  }
}
