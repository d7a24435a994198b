import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { MalformedMessageError } from '@kula/platform-messaging';
import { UnknownAddressError } from '../problems/gateway.errors.js';
import { pathOf, type HttpReply, type HttpRequest } from './http-server.js';
import { Refusals } from './refusals.js';

/** What Nest throws where no route of ours was found, in our words. */
function inOurWords(error: unknown, path: string): unknown {
  if (!(error instanceof HttpException) || error.getStatus() >= 500) return error;
  return error.getStatus() === 404 ? new UnknownAddressError(path) : new MalformedMessageError([{ pointer: '', detail: error.message }]);
}

/** Gives what happens outside the mounted routes the form of a problem: unknown addresses, requests the server cannot read. */
@Catch()
export class UnknownAddressFilter implements ExceptionFilter {
  constructor(private readonly refusals: Refusals) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const reply = host.switchToHttp().getResponse<HttpReply>();
    // The host's own probes say 503 with their checks.
    if (error instanceof HttpException && error.getStatus() >= 500) void reply.code(error.getStatus()).send(error.getResponse());
    else this.refusals.send(inOurWords(error, pathOf(request)), request, reply);
  }
}
