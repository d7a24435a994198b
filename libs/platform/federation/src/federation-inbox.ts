import { Injectable, Logger } from '@nestjs/common';
import type { AppliedEntry, FederationMessage } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { parseMessage } from '@kula/platform-messaging';
import { Inbox, UnitOfWork, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { AwaitingEntries, AwaitsCause } from './awaiting-entries.js';

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

/** `issuer:seq`, the name of an entry. */
const idOf = ({ issuer, seq }: AppliedEntry) => `${issuer}:${seq}`;

/** A route for one message: the body is parsed by the contract before the handler sees it. */
export function onMessage<Message extends FederationMessage>(
  message: Message, handle: (entry: FederatedEntry<z.output<Message['body']>>, tx: Transaction) => Promise<void>,
): EntryRoute {
  return {
    type: message.type,
    apply: (entry, tx) => handle({ ...entry, id: idOf(entry), body: parseMessage(message.body, entry.body) as z.output<Message['body']> }, tx),
  };
}

/**
 * Takes verified entries into a service, exactly once and in order per issuer.
 *
 * Unknown types are passed over: a newer peer may know more. An entry that a handler refuses (a DomainError) changes
 * nothing and is recorded with its reason; one that comes before its cause (AwaitsCause) is kept and applied when the
 * cause arrives; any other failure is tried again.
 */
@Injectable()
export class FederationInbox {
  private readonly logger = new Logger(FederationInbox.name);

  constructor(private readonly inbox: Inbox, private readonly unitOfWork: UnitOfWork, private readonly awaiting: AwaitingEntries) {}

  /** Applies an entry, then those that waited for its subject. */
  async apply(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<void> {
    try {
      await this.inbox.once(consumer, idOf(entry), (tx) => this.route(entry, routes, tx));
    } catch (error) {
      await this.settle(consumer, entry, error);
      // The cause may have come through another consumer between the attempt and the keeping; then nobody would resume it.
      if (error instanceof AwaitsCause && error.awaited !== entry.subject) await this.resume(consumer, error.awaited, routes);
    }
    await this.resume(consumer, entry.subject, routes);
  }

  /** Applies again what waited for a cause that is there now, and what waited for that in turn, until nothing more moves. */
  async resume(consumer: string, cause: string, routes: readonly EntryRoute[]): Promise<void> {
    const causes = [cause];
    for (let next = causes.shift(); next !== undefined; next = causes.shift()) {
      const waited = next;
      const waiting = await this.unitOfWork.run((tx) => this.awaiting.waitingFor(consumer, waited, tx));
      for (const entry of waiting) {
        // An entry that moved may be the cause of others: those of its own subject, and those that waited with it.
        if (await this.retry(consumer, entry, routes)) causes.push(...new Set([entry.subject, waited]));
      }
    }
  }

  private async route(entry: AppliedEntry, routes: readonly EntryRoute[], tx: Transaction): Promise<void> {
    await routes.find(({ type }) => type === entry.type)?.apply(entry, tx);
  }

  /** True where the entry waits no longer. */
  private async retry(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<boolean> {
    try {
      await this.unitOfWork.retrying(async (tx) => {
        if (await this.awaiting.take(consumer, entry, tx)) await this.route(entry, routes, tx);
      });
      return true;
    } catch (error) {
      if (error instanceof AwaitsCause) {
        await this.unitOfWork.run((tx) => this.awaiting.keep(consumer, entry, error.awaited, tx));
        return false;
      }
      if (!(error instanceof DomainError)) throw error;
      await this.unitOfWork.run(async (tx) => {
        await this.awaiting.take(consumer, entry, tx);
        await this.recordRefusal(entry, error, tx);
      });
      return true;
    }
  }

  /** What becomes of an entry that could not be applied: kept, refused, or tried again by whoever called. */
  private async settle(consumer: string, entry: AppliedEntry, error: unknown): Promise<void> {
    if (!(error instanceof AwaitsCause || error instanceof DomainError)) throw error;
    await this.inbox.once(consumer, idOf(entry), async (tx) => {
      const refusal = error instanceof DomainError ? error : await this.awaiting.keep(consumer, entry, error.awaited, tx);
      if (refusal !== null) await this.recordRefusal(entry, refusal, tx);
    });
  }

  private async recordRefusal(entry: AppliedEntry, error: DomainError, tx: Transaction): Promise<void> {
    this.logger.warn(`entry ${idOf(entry)} (${entry.type}) is refused: ${error.code}: ${error.message}`);
    await tx.query(
      'INSERT INTO refused_entry (entry_id, type, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [idOf(entry), entry.type, error.code, error.message],
    );
  }
}
