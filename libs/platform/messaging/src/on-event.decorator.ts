import { Ctx, EventPattern, Payload as MessagePayload } from '@nestjs/microservices';
import type { EventContract } from '@kula/contracts';
import type { z } from 'zod';
import { JETSTREAM, type DeliveryContext } from './jetstream.strategy.js';
import { parseMessage } from './parse.js';

type EventHandler<Payload> = (payload: Payload, messageId: string) => Promise<void>;

/** Binds a controller method to a durable subject. The method receives the parsed payload and the message id for its inbox. */
export function OnSubject<Payload extends z.ZodType>(subject: string, payload: Payload) {
  return <Handler extends EventHandler<z.output<Payload>>>(
    target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    const consume = descriptor.value;
    if (consume === undefined) throw new TypeError(`an event decorator stands on a method, not on ${String(name)}`);
    const wrapped = async function parseConsume(this: unknown, message: unknown, context: DeliveryContext) {
      await consume.call(this, parseMessage(payload, message), context.messageId);
    };
    descriptor.value = wrapped as unknown as Handler;
    MessagePayload()(target, name, 0);
    Ctx()(target, name, 1);
    // Nest types the decorator by the method it stands on; ours has been replaced by the wrapper above.
    (EventPattern(subject, JETSTREAM) as MethodDecorator)(target, name, descriptor);
  };
}

/** Marks a controller method as consumer of an event: at least once, in order, until it succeeds. */
export const OnEvent = <Payload extends z.ZodType>(event: EventContract<Payload>) => OnSubject(event.subject, event.payload);
