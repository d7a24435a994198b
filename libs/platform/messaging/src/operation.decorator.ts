import { applyDecorators, UseFilters } from '@nestjs/common';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { requestMeta, type Operation as OperationContract, type RequestMeta } from '@kula/contracts';
import { z } from 'zod';
import { DomainErrorFilter } from './domain-error.filter.js';
import { parseMessage } from './parse.js';

const envelope = z.strictObject({ meta: requestMeta, input: z.unknown() });

type OperationHandler<Input, Output> = (input: Input, meta: RequestMeta) => Promise<Output>;

/**
 * Marks a controller method as the answer to an operation.
 *
 * The method receives the parsed input and the request's meta (caller, correlation id); what it returns is checked against
 * the contract before it leaves. Replicas share the work in one queue group.
 */
export function Operation<Input extends z.ZodType, Output extends z.ZodType>(operation: OperationContract<Input, Output>) {
  return <Handler extends OperationHandler<z.output<Input>, z.input<Output>>>(
    target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    const answer = descriptor.value;
    if (answer === undefined) throw new TypeError(`@Operation stands on a method, not on ${String(name)}`);
    const wrapped = async function parseAnswerCheck(this: unknown, message: unknown) {
      const { meta, input } = parseMessage(envelope, message);
      const output = await answer.call(this, parseMessage(operation.input, input), meta);
      return operation.output.parse(output);
    };
    descriptor.value = wrapped as unknown as Handler;
    applyDecorators(MessagePattern(operation.subject, Transport.NATS), UseFilters(DomainErrorFilter))(target, name, descriptor as TypedPropertyDescriptor<unknown>);
  };
}
