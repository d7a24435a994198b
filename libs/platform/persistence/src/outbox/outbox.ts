import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EventContract } from '@kula/contracts';
import type { z } from 'zod';
import type { Transaction } from '../transaction.js';

/** A message to be published once the transaction has committed. */
export interface OutboxMessage {
  readonly id: string;
  readonly subject: string;
  readonly payload: unknown;
}

/** Writes events in the transaction that changes the state: both happen or neither. */
@Injectable()
export class Outbox {
  private readonly listeners: (() => void)[] = [];

  /** Calls back whenever something is written here, before its transaction has committed. */
  onWritten(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Adds an event. The payload is checked against the contract. */
  async add<Payload extends z.ZodType>(event: EventContract<Payload>, payload: z.input<Payload>, tx: Transaction): Promise<void> {
    await this.addMessage({ id: randomUUID(), subject: event.subject, payload: event.payload.parse(payload) }, tx);
  }

  /** Adds a message to any subject of the node's streams. The id makes publishing idempotent. */
  async addMessage({ id, subject, payload }: OutboxMessage, tx: Transaction): Promise<void> {
    await tx.query('INSERT INTO outbox_message (id, subject, payload) VALUES ($1, $2, $3)', [id, subject, JSON.stringify(payload)]);
    for (const listener of this.listeners) listener();
  }
}
