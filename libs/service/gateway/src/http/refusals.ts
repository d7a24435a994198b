import { Injectable } from '@nestjs/common';
import { MalformedMessageError } from '@kula/platform-messaging';
import { Chance } from '@kula/platform-runtime';
import { BodyTooLargeError, MediaTypeUnknownError } from '../problems/gateway.errors.js';
import { ProblemPresenter } from '../problems/problem.presenter.js';
import { pathOf, type HttpReply, type HttpRequest } from './http-server.js';

const CORRELATION_ID = 'x-correlation-id';

/** Ids that can stand in logs, headers and message meta. */
const SANE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** What the server itself refuses before a route is asked, in our words. Anything else is passed on. */
function inOurWords(error: unknown): unknown {
  const { code, statusCode } = Object(error) as { readonly code?: unknown; readonly statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BodyTooLargeError();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new MediaTypeUnknownError();
  const isOfServer = (typeof code === 'string' && code.startsWith('FST_')) || error instanceof SyntaxError;
  const isRequestAtFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isOfServer && isRequestAtFault ? new MalformedMessageError([{ pointer: '', detail: error instanceof Error ? error.message : 'is malformed' }]) : error;
}

/** Sends problem documents, and knows the id under which a request is told. */
@Injectable()
export class Refusals {
  constructor(private readonly problems: ProblemPresenter, private readonly chance: Chance) {}

  /** The id under which everything about a request is found: the caller's own where it is sane, else a new one. It goes back with the answer. */
  correlationIdOf(request: HttpRequest, reply: HttpReply): string {
    const known = reply.getHeader(CORRELATION_ID);
    if (typeof known === 'string') return known;
    const sent = request.headers[CORRELATION_ID];
    const id = typeof sent === 'string' && SANE_ID.test(sent) ? sent : this.chance.uuid();
    reply.header(CORRELATION_ID, id);
    return id;
  }

  /** Answers with the problem document of whatever was thrown. */
  send(error: unknown, request: HttpRequest, reply: HttpReply): HttpReply {
    const place = { instance: pathOf(request), correlationId: this.correlationIdOf(request, reply) };
    const { status, headers, body } = this.problems.present(inOurWords(error), place);
    return reply.code(status).headers(headers).send(body);
  }
}
