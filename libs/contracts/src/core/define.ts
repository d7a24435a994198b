import type { z } from 'zod';
import type { Topic } from '@kula/kernel-federation-log';

/** Who may call an operation through the gateway. `public` needs no session. */
export type Role = 'public' | 'participant' | 'cooperative' | 'operator';

/**
 * One question or command answered over request/reply.
 *
 * `errors` lists the refusals in precedence order: when several apply, the first is returned.
 */
export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType, Code extends string = string> {
  readonly subject: string;
  readonly summary: string;
  readonly roles: readonly Role[];
  readonly input: Input;
  readonly output: Output;
  readonly errors: readonly Code[];
}

/** Declares an operation. Subject: `<context>.v1.<noun>.<verb>`. */
export function defineOperation<Input extends z.ZodType, Output extends z.ZodType, const Code extends string>(
  operation: Operation<Input, Output, Code>,
): Operation<Input, Output, Code> {
  return operation;
}

/** A fact inside one node that must not be lost. Subject: `evt.<context>.v1.<noun>.<past>`. */
export interface EventContract<Payload extends z.ZodType = z.ZodType> {
  readonly subject: `evt.${string}`;
  readonly payload: Payload;
}

/** Declares an event. */
export function defineEvent<Payload extends z.ZodType>(event: EventContract<Payload>): EventContract<Payload> {
  return event;
}

/**
 * A message between nodes, carried as the body of a signed log entry.
 *
 * Public law between strangers: additive only, unknown fields preserved. `nodeSignature` names the body field that the
 * sealer fills with the node's own detached signature over the rest of the body, so that the document stays provable
 * outside the log.
 */
export interface FederationMessage<Body extends z.ZodType = z.ZodType, Field extends string = string> {
  readonly topic: Topic;
  readonly type: string;
  readonly body: Body;
  readonly nodeSignature?: { readonly field: Field; readonly domain: `sep/${string}/v${number}` };
}

/** Declares a federation message. */
export function defineMessage<Body extends z.ZodType, const Field extends string = never>(
  message: FederationMessage<Body, Field>,
): FederationMessage<Body, Field> {
  return message;
}
