import { Injectable } from '@nestjs/common';
import type { Caller } from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { OperationClient } from '@kula/platform-messaging';
import { AnswerOnce } from '../idempotency/answer-once.js';
import { idempotencyKeyOf } from '../idempotency/idempotency-key.js';
import { ProblemPresenter, type ProblemPlace } from '../problems/problem.presenter.js';
import { fillPath, type Route } from '../routes/route.js';
import { jsonAnswer, type Answer } from './answer.js';
import { readInput, type SentFields } from './read-input.js';

/** A request that has found its route and whose caller is known and may come in. */
export interface AdmittedRequest extends SentFields {
  readonly path: string;
  /** Null where the operation is public. */
  readonly caller: Caller | null;
  readonly correlationId: string;
  readonly idempotencyKey: string | readonly string[] | undefined;
}

/** The query of the next page: what was asked, with the place where it goes on. */
function nextPageHeader({ nextPage }: Route, { path, query }: AdmittedRequest, output: unknown): Readonly<Record<string, string>> {
  if (nextPage === null) return {};
  const place = (output as Readonly<Record<string, unknown>>)[nextPage.field];
  if (place === null || place === undefined) return {};
  const next = new URLSearchParams({ ...(query as Readonly<Record<string, string>>), [nextPage.query]: String(place) });
  return { link: `<${path}?${next.toString()}>; rel="next"` };
}

function answerOf(route: Route, request: AdmittedRequest, output: unknown): Answer {
  const location = route.location === null ? {} : { location: fillPath(route.location, output as Readonly<Record<string, unknown>>) };
  return jsonAnswer(route.status, output, { ...location, ...nextPageHeader(route, request, output) });
}

/** Turns an admitted request into the operation behind its route, and what comes back into an answer. */
@Injectable()
export class OperationDoor {
  constructor(
    private readonly operations: OperationClient, private readonly once: AnswerOnce, private readonly problems: ProblemPresenter,
  ) {}

  /** @throws DoorRefusal and MalformedMessageError where the request itself is wrong; refusals of the operation are answers. */
  async answer(route: Route, request: AdmittedRequest): Promise<Answer> {
    const key = route.isIdempotent ? idempotencyKeyOf(request.idempotencyKey) : null;
    const input = readInput(route, request);
    const ask = () => this.ask(route, input, request);
    if (key === null || request.caller === null) return ask();
    const name = { caller: request.caller.did, method: route.method, path: request.path, key };
    return this.once.answer(name, hashDocument(input as Json), ask);
  }

  private async ask(route: Route, input: Readonly<Record<string, unknown>>, request: AdmittedRequest): Promise<Answer> {
    const { caller, correlationId, path } = request;
    try {
      return answerOf(route, request, await this.operations.request(route.operation, input, { caller, correlationId }));
    } catch (error) {
      const place: ProblemPlace = { instance: path, correlationId };
      return this.problems.present(error, place);
    }
  }
}
