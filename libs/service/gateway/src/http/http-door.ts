import { Injectable } from '@nestjs/common';
import type { Caller } from '@kula/contracts';
import { MalformedMessageError } from '@kula/platform-messaging';
import { Chance } from '@kula/platform-runtime';
import { IDEMPOTENCY_KEY } from '../idempotency/idempotency-key.js';
import { Pages, type Page } from '../pages/pages.js';
import { BodyTooLargeError, ForbiddenError, MediaTypeUnknownError, MethodNotAllowedError, UnknownAddressError } from '../problems/gateway.errors.js';
import { ProblemPresenter } from '../problems/problem.presenter.js';
import type { Route } from '../routes/route.js';
import { ROUTES } from '../routes/route-table.js';
import { SessionAuthenticator } from '../session/session-authenticator.js';
import { correlationIdOf } from './correlation.js';
import { pathOf, type HttpReply, type HttpRequest, type HttpServer } from './http-server.js';
import { OperationDoor } from './operation-door.js';
import { WriteLimit } from './write-limit.js';

/** Addresses of the health probes, which the host serves. */
const PROBES = ['/livez', '/readyz'] as const;

const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' } as const;

/** A template in the words of the server: `{chainId}` is `:chainId`. */
const serverPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/** What the server itself refuses before a route is asked, in our words. Anything else is passed on. */
export function refusalOfServer(error: unknown): unknown {
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new BodyTooLargeError();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new MediaTypeUnknownError();
  const isOfServer = (typeof code === 'string' && code.startsWith('FST_')) || error instanceof SyntaxError;
  const isRequestAtFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isOfServer && isRequestAtFault ? new MalformedMessageError([{ pointer: '', detail: 'must be valid JSON sent whole' }]) : error;
}

/** Mounts the route tables and the pages on the HTTP server. */
@Injectable()
export class HttpDoor {
  private readonly callers = new WeakMap<HttpRequest, Caller>();

  constructor(
    private readonly authenticator: SessionAuthenticator, private readonly limit: WriteLimit, private readonly door: OperationDoor,
    private readonly faces: DoorFaces,
  ) {}

  /** Must be called before the server listens. */
  async mount(server: HttpServer): Promise<void> {
    server.addHook('onRequest', async (request, reply) => {
      correlationIdOf(request, reply, this.faces.chance);
      reply.headers(SECURITY_HEADERS);
    });
    await server.register(async (scope) => {
      this.readJson(scope);
      scope.setErrorHandler((error, request, reply) => this.refuse(error, request, reply));
      for (const route of ROUTES) this.mountRoute(scope, route);
      for (const page of this.faces.pages.all) this.mountPage(scope, page);
      this.guardMethods(scope);
    });
  }

  /** Sends the problem document of an error. */
  async refuse(error: unknown, request: HttpRequest, reply: HttpReply): Promise<HttpReply> {
    const { status, headers, body } = this.faces.problems.present(refusalOfServer(error), {
      instance: pathOf(request), correlationId: correlationIdOf(request, reply, this.faces.chance),
    });
    return reply.code(status).headers(headers).send(body);
  }

  /** JSON and nothing else; an empty body is no body. */
  private readJson(scope: HttpServer): void {
    const parse = scope.getDefaultJsonParser('error', 'error');
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
      if (text === '') done(null, undefined);
      else void parse(request, text as string, done);
    });
  }

  private mountRoute(scope: HttpServer, route: Route): void {
    scope.route({
      method: route.method, url: serverPath(route.path),
      onRequest: async (request, reply) => { await this.admit(route, request, reply); },
      handler: async (request, reply) => {
        const { status, headers, body } = await this.door.answer(route, {
          params: request.params as Record<string, unknown>, query: request.query as Record<string, unknown>, body: request.body,
          path: pathOf(request), caller: this.callers.get(request) ?? null, correlationId: correlationIdOf(request, reply, this.faces.chance),
          idempotencyKey: request.headers[IDEMPOTENCY_KEY],
        });
        return reply.code(status).headers(headers).send(body);
      },
    });
  }

  /** Lets a request in before its body is read: the address is whole, the caller is known and may, and writes are not too many. */
  private async admit({ method, operation }: Route, request: HttpRequest, reply: HttpReply): Promise<void> {
    if (Object.values(request.params as Record<string, string>).includes('')) throw new UnknownAddressError(pathOf(request));
    const isPublic = operation.roles.includes('public');
    const caller = isPublic ? null : await this.authenticator.authenticate(request.headers.authorization);
    if (method === 'POST') this.limit.count(caller?.did ?? request.ip, reply);
    if (caller === null) return;
    if (!operation.roles.includes(caller.role)) throw new ForbiddenError(caller.role, operation.roles);
    this.callers.set(request, caller);
  }

  private mountPage(scope: HttpServer, page: Page): void {
    scope.get(serverPath(page.path), async (request, reply) => {
      const { status, headers, body } = await page.answer({
        params: request.params as Record<string, string>, accept: request.headers.accept ?? '', path: pathOf(request),
      });
      return reply.code(status).headers(headers).send(body);
    });
  }

  /** Answers every other method of a known address: 204 with Allow to OPTIONS, else 405. */
  private guardMethods(scope: HttpServer): void {
    const methods = new Map<string, Set<string>>();
    const mounted = [...ROUTES, ...[...this.faces.pages.all, ...PROBES.map((path) => ({ path }))].map(({ path }) => ({ method: 'GET', path }))];
    for (const { method, path } of mounted) {
      const allowed = methods.get(serverPath(path)) ?? new Set<string>();
      methods.set(serverPath(path), allowed.add(method));
      if (method === 'GET') allowed.add('HEAD');
    }
    for (const [url, known] of methods) {
      const allowed = [...known, 'OPTIONS'].sort();
      scope.route({
        method: scope.supportedMethods.filter((method) => !known.has(method)), url,
        handler: async (request, reply) => {
          if (request.method === 'OPTIONS') return reply.code(204).header('allow', allowed.join(', ')).send();
          throw new MethodNotAllowedError(request.method, allowed);
        },
      });
    }
  }
}

/** What the door shows besides operations: problems, pages, and ids for requests that bring none. */
@Injectable()
export class DoorFaces {
  constructor(readonly problems: ProblemPresenter, readonly pages: Pages, readonly chance: Chance) {}
}
