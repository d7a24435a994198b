import type { Chance } from '@kula/platform-runtime';
import type { HttpReply, HttpRequest } from './http-server.js';

const CORRELATION_ID = 'x-correlation-id';

/** Ids that can stand in logs, headers and message meta. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The id under which everything about a request is found: the caller's own where it is sane, else a new one. It is sent back with the answer. */
export function correlationIdOf(request: HttpRequest, reply: HttpReply, chance: Chance): string {
  const known = reply.getHeader(CORRELATION_ID);
  if (typeof known === 'string') return known;
  const sent = request.headers[CORRELATION_ID];
  const id = typeof sent === 'string' && SANE.test(sent) ? sent : chance.uuid();
  reply.header(CORRELATION_ID, id);
  return id;
}
