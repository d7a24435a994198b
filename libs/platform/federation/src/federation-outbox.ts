import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntryDraft, FederationMessage } from '@kula/contracts';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';

/** What goes beside the body of an outgoing message. */
export interface EntryAddress {
  /** Aggregate the message is about: the log's `sub`. */
  readonly subject: string;
  readonly to?: string;
  readonly re?: string;
  readonly exp?: number;
}

type Without<Body, Field extends string> = { [Name in keyof Body as Name extends Field ? never : Name]: Body[Name] };

/** The body as the author writes it: the field that the sealer signs is left out. */
export type DraftBody<Body extends z.ZodType, Field extends string> = [Field] extends [never] ? z.input<Body> : Without<z.input<Body>, Field>;

const STAND_IN = 'A'.repeat(86);

/** Writes messages to other nodes in the transaction that changes the state. The federation service seals and publishes them. */
@Injectable()
export class FederationOutbox {
  constructor(private readonly outbox: Outbox) {}

  /** Adds a message. The body is checked against the contract before it is written. */
  async add<Body extends z.ZodType, Field extends string>(
    message: FederationMessage<Body, Field>, body: DraftBody<Body, Field>, address: EntryAddress, tx: Transaction,
  ): Promise<void> {
    const signed = message.nodeSignature;
    const checked = message.body.parse(signed === undefined ? body : { ...(body as object), [signed.field]: STAND_IN }) as Record<string, unknown>;
    if (signed !== undefined) delete checked[signed.field];
    const draft: EntryDraft = {
      id: randomUUID(), topic: message.topic, type: message.type, ...address, ...(signed !== undefined && { nodeSignature: { ...signed } }), body: checked,
    };
    await this.outbox.addMessage({ id: draft.id, subject: `fedout.${message.topic}`, payload: draft }, tx);
  }
}
