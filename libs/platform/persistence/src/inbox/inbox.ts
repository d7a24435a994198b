import { Injectable } from '@nestjs/common';
import { UnitOfWork, type Transaction } from '../transaction.js';

/** Remembers which messages were taken in, in the transaction of their effect: at least once becomes exactly once. */
@Injectable()
export class Inbox {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** True the first time a consumer sees the message; false for every repetition. */
  async enter(consumer: string, messageId: string, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      'INSERT INTO inbox_message (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING message_id', [consumer, messageId],
    );
    return rows.length > 0;
  }

  /** Runs the effect of a message once, in one transaction with the inbox row. Repeats it when another writer came first. True where it ran now. */
  async once(consumer: string, messageId: string, effect: (tx: Transaction) => Promise<void>): Promise<boolean> {
    return this.unitOfWork.retrying(async (tx) => {
      const isFirst = await this.enter(consumer, messageId, tx);
      if (isFirst) await effect(tx);
      return isFirst;
    });
  }
}
