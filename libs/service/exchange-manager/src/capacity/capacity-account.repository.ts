import { Injectable } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { freeOf, withChange, type CapacityAccount, type CapacityChange } from './domain/capacity-account.js';

/** A local listing that begins to count. */
export type OpenedListing = Pick<CapacityAccount, 'listingId' | 'participantId' | 'kind' | 'unit' | 'capacity'>;

/** A change of one listing's account on behalf of a chain. */
export interface ReservationChange { readonly chainId: string; readonly listingId: string; readonly change: CapacityChange; readonly amount: bigint }

interface Row {
  readonly listingId: string; readonly participantId: string; readonly kind: 'offering' | 'need'; readonly unit: string;
  readonly capacity: string; readonly reserved: string; readonly committed: string; readonly isOpen: boolean; readonly version: number;
}

const STATE_AFTER = { reserve: 'reserved', commit: 'committed', release: 'released' } as const;

/** Accounts of local listings with the reservations on them. What is free is published with every change. */
@Injectable()
export class CapacityAccountRepository {
  constructor(private readonly outbox: Outbox) {}

  /** Opens an account. A listing whose closing came first stays closed; one that is known is left as it is. */
  async open({ listingId, participantId, kind, unit, capacity }: OpenedListing, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO capacity_account (listing_id, participant_id, kind, unit, capacity, is_open) VALUES ($1, $2, $3, $4, $5, true)
       ON CONFLICT (listing_id) DO UPDATE SET kind = EXCLUDED.kind, unit = EXCLUDED.unit, capacity = EXCLUDED.capacity
       WHERE capacity_account.kind IS NULL`,
      [listingId, participantId, kind, unit, capacity.toString()],
    );
  }

  /** Takes no further reservation on a listing. What is reserved and committed stays. */
  async close(listingId: string, participantId: string, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO capacity_account (listing_id, participant_id, capacity, is_open) VALUES ($1, $2, 0, false)
       ON CONFLICT (listing_id) DO UPDATE SET is_open = false`,
      [listingId, participantId],
    );
  }

  /** The accounts of listings, locked until the transaction ends. Always in one order, so that two chains never wait for each other. */
  async lock(listingIds: readonly string[], tx: Transaction): Promise<ReadonlyMap<string, CapacityAccount>> {
    const rows = await tx.query<Row[]>(
      `SELECT listing_id AS "listingId", participant_id AS "participantId", kind, unit, capacity, reserved, committed, is_open AS "isOpen", version
       FROM capacity_account WHERE listing_id = ANY($1) AND kind IS NOT NULL ORDER BY listing_id FOR UPDATE`,
      [listingIds],
    );
    return new Map(rows.map((row) => [row.listingId, accountOf(row)]));
  }

  /** Carries changes out in the order given per listing. @throws InvariantError where an account does not allow it. */
  async apply(changes: readonly ReservationChange[], tx: Transaction): Promise<void> {
    if (changes.length === 0) return;
    const accounts = new Map(await this.lock(changes.map(({ listingId }) => listingId), tx));
    for (const { chainId, listingId, change, amount } of changes) {
      const account = accounts.get(listingId);
      invariant(account !== undefined, 'a chain uses listings that have an account');
      const changed = withChange(account, change, amount);
      accounts.set(listingId, changed);
      await this.save(changed, tx);
      await this.mark({ chainId, listingId, change, amount }, tx);
    }
  }

  private async save(account: CapacityAccount, tx: Transaction): Promise<void> {
    const { listingId, reserved, committed, version } = account;
    // The row is locked: nobody can have come in between.
    await tx.query(
      'UPDATE capacity_account SET reserved = $2, committed = $3, version = $4 WHERE listing_id = $1 AND version = $4 - 1',
      [listingId, reserved.toString(), committed.toString(), version],
    );
    await this.outbox.add(matching.capacityChanged, { listingId, free: freeOf(account).toString(), version }, tx);
  }

  private async mark({ chainId, listingId, change, amount }: ReservationChange, tx: Transaction): Promise<void> {
    if (change === 'reserve') {
      await tx.query('INSERT INTO reservation (chain_id, listing_id, amount, state) VALUES ($1, $2, $3, $4)', [chainId, listingId, amount.toString(), STATE_AFTER.reserve]);
      return;
    }
    const [, affected] = await tx.query<[unknown[], number]>(
      `UPDATE reservation SET state = $3 WHERE chain_id = $1 AND listing_id = $2 AND state = 'reserved' AND amount = $4`,
      [chainId, listingId, STATE_AFTER[change], amount.toString()],
    );
    invariant(affected === 1, 'what is committed or given back is the reservation of the chain');
  }
}

function accountOf({ capacity, reserved, committed, ...row }: Row): CapacityAccount {
  return { ...row, capacity: BigInt(capacity), reserved: BigInt(reserved), committed: BigInt(committed) };
}
