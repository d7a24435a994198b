import { Injectable } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { OperationClient } from '@kula/platform-messaging';
import { Chance } from '@kula/platform-runtime';
import type { z } from 'zod';

/** A question to a peer, and the form of its answer. */
export interface PeerQuestion<Answer extends z.ZodType> {
  readonly nodeId: string;
  readonly kind: keyof typeof federation.PEER_QUESTIONS;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
  /** How long the answer is waited for, milliseconds. */
  readonly patienceMs: number;
}

/** Answer of a peer, or in plain words why there is none. */
export type PeerReply<Answer> = { readonly answer: Answer } | { readonly silence: string };

/** Largest answer that is read: what a peer sends must not fill the memory. */
const ANSWER_BYTES_MAX = 200_000;

const SILENCES: Readonly<Record<string, string>> = {
  'federation.peer_unknown': 'there is no link to it',
  'federation.peer_unreachable': 'it cannot be reached',
  'federation.question_refused': 'it refuses to answer',
};
const NO_ANSWER = 'it gives no answer in time';
const UNREADABLE = 'its answer cannot be read';

/** Asks the matching engines of other nodes. Nobody is waited for long, and nothing a peer answers is an error here. */
@Injectable()
export class PeerAsking {
  constructor(private readonly operations: OperationClient, private readonly chance: Chance) {}

  async ask<Answer extends z.ZodType>({ nodeId, kind, body, answer, patienceMs }: PeerQuestion<Answer>): Promise<PeerReply<z.output<Answer>>> {
    const reply = this.operations.request(federation.askPeer, { nodeId, kind, body }, { caller: null, correlationId: this.chance.uuid() });
    try {
      const received = await within(patienceMs, reply);
      if (received === undefined) return { silence: NO_ANSWER };
      if (Buffer.byteLength(JSON.stringify(received.body)) > ANSWER_BYTES_MAX) return { silence: UNREADABLE };
      const parsed = answer.safeParse(received.body);
      return parsed.success ? { answer: parsed.data } : { silence: UNREADABLE };
    } catch (error) {
      return { silence: error instanceof DomainError ? SILENCES[error.code] ?? NO_ANSWER : NO_ANSWER };
    }
  }
}

/** What the promise brings, or undefined where it brings nothing in time. */
async function within<Value>(patienceMs: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => { timer = setTimeout(() => { resolve(undefined); }, patienceMs); });
  // An answer that comes too late, or a late refusal, is nobody's concern any more.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
  }
}
