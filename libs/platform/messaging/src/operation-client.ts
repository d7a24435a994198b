import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import { EmptyResponseException } from '@nestjs/microservices/errors/empty-response.exception.js';
import type { Operation, RequestMeta } from '@kula/contracts';
import { firstValueFrom, timeout } from 'rxjs';
import { ZodError, type z } from 'zod';
import { DependencyError, RemoteFailure, RemoteRefusal } from './errors.js';
import { natsOptions } from './nats-options.js';

/** How long an answer may take before the caller is told to try later. */
const ANSWER_MS_MAX = 10_000;

/** A service that is being restarted is back within a second or two; a request that nobody has received may be sent again. */
const ATTEMPTS_MAX = 12;
const ATTEMPT_PAUSE_MS = 150;

function isWireError(error: unknown): error is { code: string; message: string; params: Record<string, string> } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && 'params' in error;
}

/** Asks other services of the node. */
@Injectable()
export class OperationClient implements OnApplicationShutdown {
  private readonly client: ClientProxy;

  constructor(natsUrl: string, name: string) {
    this.client = ClientProxyFactory.create({ transport: Transport.NATS, options: { ...natsOptions(natsUrl, `${name} asking`) } });
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  /**
   * The answer to an operation, checked against the contract.
   *
   * @throws RemoteRefusal with the code the other service gave; DependencyError when nobody answers in time; RemoteFailure on a bug there.
   */
  async request<Input extends z.ZodType, Output extends z.ZodType>(
    operation: Operation<Input, Output>, input: z.input<Input>, meta: RequestMeta,
  ): Promise<z.output<Output>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer: unknown = await firstValueFrom(this.client.send(operation.subject, { meta, input }).pipe(timeout(ANSWER_MS_MAX)));
        return operation.output.parse(answer);
      } catch (error) {
        if (!(error instanceof EmptyResponseException) || attempt === ATTEMPTS_MAX) throw this.translate(operation.subject, error);
      }
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }

  private translate(subject: string, error: unknown): Error {
    if (error instanceof ZodError) return error;
    if (!isWireError(error)) return new DependencyError(`nobody answers ${subject}`, { cause: error });
    if (error.code === 'dependency.unavailable') return new DependencyError(error.message);
    if (error.code === 'internal') return new RemoteFailure(`${subject} failed`);
    return new RemoteRefusal(error.code, error.message, error.params);
  }
}
