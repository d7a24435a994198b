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
  /** Names of the causes that are there once the entry is applied. */
  causes(entry: AppliedEntry): readonly string[];
}

/** `issuer:seq`, the name of an entry. */
const idOf = ({ issuer, seq }: AppliedEntry) => `${issuer}:${seq}`;

/**
 * A route for one message: the body is parsed by the contract before the handler sees it.
 *
 * @param causesOf names what other entries wait for until such a message is applied. Without it, that is the subject of the entry, which
 * its issuer chose freely.
 */
export function onMessage<Message extends FederationMessage>(
  message: Message, handle: (entry: FederatedEntry<z.output<Message['body']>>, tx: Transaction) => Promise<void>,
  causesOf?: (body: z.output<Message['body']>) => readonly string[],
): EntryRoute {
  return {
    type: message.type,
    apply: (entry, tx) => handle({ ...entry, id: idOf(entry), body: parseMessage(message.body, entry.body) as z.output<Message['body']> }, tx),
    causes: (entry) => {
      if (causesOf === undefined) return [entry.subject];
      const body = message.body.safeParse(entry.body);
      return body.success ? causesOf(body.data as z.output<Message['body']>) : [];
    },
  };
}

const routeOf = ({ type }: AppliedEntry, routes: readonly EntryRoute[]) => routes.find((route) => route.type === type);

const causesOf = (entry: AppliedEntry, routes: readonly EntryRoute[]): readonly string[] => routeOf(entry, routes)?.causes(entry) ?? [];

/** An entry and what it waits for. */
interface Waiting { readonly entry: AppliedEntry; readonly cause: string }

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

  /** Applies an entry, then those that waited for what it brings. */
  async apply(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<void> {
    await this.resumeAll(consumer, await this.attempt(consumer, entry, routes), routes);
  }

  /** Applies again what waited for a cause that is there now, and what waited for that in turn, until nothing more moves. */
  async resume(consumer: string, cause: string, routes: readonly EntryRoute[]): Promise<void> {
    await this.resumeAll(consumer, [cause], routes);
  }

  private async resumeAll(consumer: string, first: readonly string[], routes: readonly EntryRoute[]): Promise<void> {
    const causes = new Set(first);
    // A cause that is added again while the set is gone through is visited again.
    for (const cause of causes) {
      causes.delete(cause);
      const waiting = await this.unitOfWork.run((tx) => this.awaiting.waitingFor(consumer, cause, tx));
      for (const entry of waiting) {
        for (const next of await this.retry(consumer, { entry, cause }, routes)) causes.add(next);
      }
    }
  }

  private async route(entry: AppliedEntry, routes: readonly EntryRoute[], tx: Transaction): Promise<void> {
    await routeOf(entry, routes)?.apply(entry, tx);
  }

  /** Applies an entry, keeps it or refuses it. Answers the causes to look at next: a refused entry brings none. */
  private async attempt(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<readonly string[]> {
    try {
      const isApplied = await this.inbox.once(consumer, idOf(entry), (tx) => this.route(entry, routes, tx));
      // What is delivered again was not finished the last time.
      return isApplied ? causesOf(entry, routes) : [...(await this.retryKept(consumer, entry, routes)), ...causesOf(entry, routes)];
    } catch (error) {
      await this.settle(consumer, entry, error);
      return error instanceof AwaitsCause ? this.retryKept(consumer, entry, routes) : [];
    }
  }

  /** Applies an entry that is kept: its cause may have come through another consumer before the keeping, and nobody else would resume it. */
  private async retryKept(consumer: string, entry: AppliedEntry, routes: readonly EntryRoute[]): Promise<readonly string[]> {
    const cause = await this.unitOfWork.run((tx) => this.awaiting.causeOf(consumer, entry, tx));
    return cause === undefined ? [] : this.retry(consumer, { entry, cause }, routes);
  }

  /** Applies an entry that waited. Answers the causes to look at next. Whoever takes it out of the waiting ones decides about it. */
  private async retry(consumer: string, { entry, cause }: Waiting, routes: readonly EntryRoute[]): Promise<readonly string[]> {
    try {
      const isTaken = await this.unitOfWork.retrying(async (tx) => {
        const isHere = await this.awaiting.take(consumer, entry, tx);
        if (!isHere) return false;
        await this.route(entry, routes, tx);
        // What waits for this one goes on with its cause, in the same transaction: a crash cannot part them.
        await this.awaiting.join(consumer, causesOf(entry, routes), cause, tx);
        return true;
      });
      return isTaken ? [cause] : [];
    } catch (error) {
      if (error instanceof AwaitsCause) return error.awaited === cause ? [] : this.redirect(consumer, entry, error.awaited);
      if (!(error instanceof DomainError)) throw error;
      await this.unitOfWork.run(async (tx) => {
        if (await this.awaiting.take(consumer, entry, tx)) await this.recordRefusal(entry, error, tx);
      });
      return [];
    }
  }

  /** Lets a waiting entry wait for another cause. Answers that cause, which may have come meanwhile. */
  private async redirect(consumer: string, entry: AppliedEntry, cause: string): Promise<readonly string[]> {
    await this.unitOfWork.run((tx) => this.awaiting.redirect(consumer, entry, cause, tx));
    return [cause];
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
