import { Injectable } from '@nestjs/common';
import type { Caller } from '@kula/contracts';
import { IDEMPOTENCY_KEY } from '../idempotency/idempotency-key.js';
import { Pages, type Page } from '../pages/pages.js';
import { UnknownAddressError } from '../problems/gateway.errors.js';
import type { Route } from '../routes/route.js';
import { ROUTES } from '../routes/route-table.js';
import { Admission } from './admission.js';
import { pathOf, type HttpRequest, type HttpServer } from './http-server.js';
import { guardMethods } from './method-guard.js';
import { MetricsDoor } from './metrics-door.js';
import { OperationDoor } from './operation-door.js';
import { Refusals } from './refusals.js';
import { RequestMeasure } from './request-measure.js';

/** Addresses that the host serves itself. */
const PROBES = ['/livez', '/readyz'] as const;

const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' } as const;

/** A template in the form of the server: `{chainId}` is `:chainId`. */
const urlOf = ({ path }: { readonly path: string }): string => path.replace(/\{(\w+)\}/g, ':$1');

/** JSON and nothing else; an empty body is no body. */
function readJsonOnly(server: HttpServer): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else void parse(request, String(text), done);
  });
}

/** Mounts the route tables and the pages on the HTTP server. */
@Injectable()
export class HttpDoor {
  private readonly callers = new WeakMap<HttpRequest, Caller>();

  constructor(
    private readonly admission: Admission, private readonly door: OperationDoor, private readonly pages: Pages, private readonly refusals: Refusals,
    private readonly metrics: MetricsDoor, private readonly measure: RequestMeasure,
  ) {}

  /** Must be called before the server listens. */
  async mount(server: HttpServer): Promise<void> {
    server.addHook('onRequest', async (request, reply) => {
      this.refusals.correlationIdOf(request, reply);
      reply.headers(SECURITY_HEADERS);
      // Here rather than in the not-found handler: nobody waits for a body that is not for anybody.
      if (request.is404) throw new UnknownAddressError(pathOf(request));
    });
    server.addHook('onResponse', async (request, reply) => this.measure.note(request, reply));
    await server.register(async (scope) => {
      readJsonOnly(scope);
      scope.setErrorHandler((error, request, reply) => this.refusals.send(error, request, reply));
      for (const route of ROUTES) this.mountRoute(scope, route);
      for (const page of this.pages.all) this.mountPage(scope, page);
      this.metrics.mount(scope);
      const watched = this.metrics.isOpen ? [MetricsDoor.url] : [];
      const shown = [...this.pages.all.map(urlOf), ...PROBES, ...watched].map((url) => ({ method: 'GET', url }));
      guardMethods(scope, [...ROUTES.map((route) => ({ method: route.method, url: urlOf(route) })), ...shown]);
    });
  }

  private mountRoute(server: HttpServer, route: Route): void {
    server.route({
      method: route.method, url: urlOf(route),
      onRequest: async (request, reply) => {
        const caller = await this.admission.admit(route, request, reply);
        if (caller !== null) this.callers.set(request, caller);
      },
      handler: async (request, reply) => {
        const { status, headers, body } = await this.door.answer(route, {
          params: request.params as Readonly<Record<string, unknown>>, query: request.query as Readonly<Record<string, unknown>>, body: request.body,
          path: pathOf(request), caller: this.callers.get(request) ?? null, correlationId: this.refusals.correlationIdOf(request, reply),
          idempotencyKey: request.headers[IDEMPOTENCY_KEY],
        });
        return reply.code(status).headers(headers).send(body);
      },
    });
  }

  private mountPage(server: HttpServer, page: Page): void {
    server.get(urlOf(page), async (request, reply) => {
      const { status, headers, body } = await page.show({
        params: request.params as Readonly<Record<string, string>>, accept: request.headers.accept ?? '', path: pathOf(request),
      });
      return reply.code(status).headers(headers).send(body);
    });
  }
}
