import { Injectable } from '@nestjs/common';
import type { Caller } from '@kula/contracts';
import { ForbiddenError, UnknownAddressError } from '../problems/gateway.errors.js';
import type { Route } from '../routes/route.js';
import { SessionAuthenticator } from '../session/session-authenticator.js';
import { pathOf, type HttpReply, type HttpRequest } from './http-server.js';
import { WriteLimit } from './write-limit.js';

/** Decides who comes in, before the body of a request is read. */
@Injectable()
export class Admission {
  constructor(private readonly authenticator: SessionAuthenticator, private readonly limit: WriteLimit) {}

  /**
   * The caller of a request, or null where the operation is public: then a token is not even looked at.
   *
   * @throws UnknownAddressError, NotSignedInError, TooManyRequestsError, ForbiddenError, in this order.
   */
  async admit({ method, operation }: Route, request: HttpRequest, reply: HttpReply): Promise<Caller | null> {
    if (Object.values(request.params as Readonly<Record<string, string>>).includes('')) throw new UnknownAddressError(pathOf(request));
    const caller = operation.roles.includes('public') ? null : await this.authenticator.authenticate(request.headers.authorization);
    if (method === 'POST') this.limit.count(caller?.did ?? request.ip, reply);
    if (caller !== null && !operation.roles.includes(caller.role)) throw new ForbiddenError(caller.role, operation.roles);
    return caller;
  }
}
