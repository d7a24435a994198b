import { Logger } from '@nestjs/common';
import { DomainError, type ErrorParams } from '@kula/kernel-primitives';
import { isFault } from '@kula/platform-messaging';
import type { Answer } from '../http/answer.js';
import { DoorRefusal } from './gateway.errors.js';
import type { Problem, ProblemDocument } from './problem.js';
import { problemOf } from './problem-table.js';

/** Which request an error belongs to. */
export interface ProblemPlace {
  /** Path of the request, without its query. */
  readonly instance: string;
  readonly correlationId: string;
}

type FieldErrors = NonNullable<ProblemDocument['errors']>;

/** The fields that a malformed message names. They cross the bus as JSON text among the params. */
function fieldErrors(params: ErrorParams): FieldErrors {
  try {
    return JSON.parse(String(params['fields'])) as FieldErrors;
  } catch {
    return [];
  }
}

/** Turns whatever was thrown into a problem document: a refusal with its facts, a fault with Retry-After, a bug with its correlation id only. */
export class ProblemPresenter {
  private readonly logger = new Logger(ProblemPresenter.name);

  /** @param publicUrl where the gateway is reached from outside, or empty: then the pages of the codes are named by their path. */
  constructor(private readonly publicUrl: string) {}

  /** Address of the page about a code. */
  typeOf(code: string): string {
    return `${this.publicUrl}/problems/${code}`;
  }

  present(error: unknown, place: ProblemPlace): Answer {
    const row = error instanceof DomainError ? problemOf(error.code) : undefined;
    if (error instanceof DomainError && row !== undefined) return this.refusal(error, row, place);
    if (isFault(error)) return this.fault(error, place);
    this.logger.error(`${place.correlationId} ${place.instance}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return this.answer('gateway.internal', { correlationId: place.correlationId }, {});
  }

  private refusal(error: DomainError, row: Problem, place: ProblemPlace): Answer {
    const { fields: _fields, ...params } = error.params;
    const isMalformed = error.code === 'message.malformed';
    return this.answer(error.code, {
      detail: isMalformed ? row.meaning : error.message, instance: place.instance,
      ...(Object.keys(params).length > 0 && { params }),
      ...(isMalformed && { errors: fieldErrors(error.params) }),
      correlationId: place.correlationId,
    }, error instanceof DoorRefusal ? error.headers : {});
  }

  private fault(error: unknown, place: ProblemPlace): Answer {
    this.logger.warn(`${place.correlationId} ${place.instance}: ${error instanceof Error ? error.message : String(error)}`);
    return this.answer('dependency.unavailable', {
      detail: 'something this node needs does not answer', instance: place.instance, correlationId: place.correlationId,
    }, { 'retry-after': '1' });
  }

  private answer(code: string, facts: Omit<ProblemDocument, 'type' | 'title' | 'status' | 'code'>, headers: Readonly<Record<string, string>>): Answer {
    const { status = 500, title = code } = problemOf(code) ?? {};
    const { correlationId, ...rest } = facts;
    const document: ProblemDocument = { type: this.typeOf(code), title, status, ...rest, code, correlationId };
    return {
      status, body: JSON.stringify(document),
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    };
  }
}
