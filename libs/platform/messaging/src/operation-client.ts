import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import type { Operation, RequestMeta } from '@kula/contracts';
import { firstValueFrom, timeout } from 'rxjs';
import type { z } from 'zod';
import { DependencyError, RemoteFailure, RemoteRefusal } from './errors.js';
import { natsOptions } from './nats-options.js';

/** How long an answer may take before the caller is told to try later. */
const ANSWER_MS_MAX = 10_000;

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
    let answer: unknown;
    try {
      answer = await firstValueFrom(this.client.send(operation.subject, { meta, input }).pipe(timeout(ANSWER_MS_MAX)));
    } catch (error) {
      throw this.translate(operation.subject, error);
    }
    return operation.output.parse(answer);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }

  private translate(subject: string, error: unknown): Error {
    if (!isWireError(error)) return new DependencyError(`nobody answers ${subject}`, { cause: error });
    if (error.code === 'dependency.unavailable') return new DependencyError(error.message);
    if (error.code === 'internal') return new RemoteFailure(`${subject} failed`);
    return new RemoteRefusal(error.code, error.message, error.params);
  }
}
