import { Injectable, Logger } from '@nestjs/common';
import type { AppliedEntry, FederationMessage } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { parseMessage } from '@kula/platform-messaging';
import { Inbox, UnitOfWork, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';

/** A verified entry whose body has the declared form. */
export interface FederatedEntry<Body> extends Omit<AppliedEntry, 'body'> {
  readonly body: Body;
  /** `issuer:seq` */
  readonly id: string;
}

/** Binds a message type to what the service does with it. */
export interface EntryRoute {
  readonly type: string;
  apply(entry: AppliedEntry, tx: Transaction): Promise<void>;
}

/** A route for one message: the body is parsed by the contract before the handler sees it. */
export function onMessage<Message extends FederationMessage>(
  message: Message, handle: (entry: FederatedEntry<z.output<Message['body']>>, tx: Transaction) => Promise<void>,
): EntryRoute {
  return {
    type: message.type,
    apply: (entry, tx) => handle({ ...entry, id: `${entry.issuer}:${entry.seq}`, body: parseMessage(message.body, entry.body) as z.output<Message['body']> }, tx),
  };
}

/**
 * Takes verified entries into a service, exactly once and in order per issuer.
 *
 * Unknown types are passed over: a newer peer may know more. An entry that a handler refuses (a DomainError) changes
 * nothing and is recorded with its reason; any other failure is tried again.
 */
@Injectable()
export class FederationInbox {
  private readonly logger = new Logger(FederationInbox.name);

  constructor(private readonly inbox: Inbox, private readonly unitOfWork: UnitOfWork) {}

  async apply(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<void> {
    const route = routes.find(({ type }) => type === entry.type);
    const id = `${entry.issuer}:${entry.seq}`;
    try {
      await this.inbox.once(consumer, id, async (tx) => route?.apply(entry, tx));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.recordRefusal(consumer, entry, error);
    }
  }

  private async recordRefusal(consumer: string, entry: AppliedEntry, error: DomainError): Promise<void> {
    const id = `${entry.issuer}:${entry.seq}`;
    this.logger.warn(`entry ${id} (${entry.type}) is refused: ${error.code}: ${error.message}`);
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.inbox.enter(consumer, id, tx))) return;
      await tx.query('INSERT INTO refused_entry (entry_id, type, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [id, entry.type, error.code, error.message]);
    });
  }
}
