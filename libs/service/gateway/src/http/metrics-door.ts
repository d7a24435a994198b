import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metrics } from '@kula/platform-runtime';
import { NotSignedInError } from '../problems/gateway.errors.js';
import type { HttpServer } from './http-server.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * What is measured, at the public address: for those who can reach nothing else of the node, and only with the token that its operator has set.
 *
 * Without a token the address does not exist. Inside a cluster the port for metrics is the better door: this one shows the process of the gateway alone.
 */
export class MetricsDoor {
  static readonly url = '/metrics';

  constructor(private readonly metrics: Metrics, private readonly token: string | undefined) {}

  get isOpen(): boolean { return this.token !== undefined; }

  /** Adds the address where there is a token. */
  mount(server: HttpServer): void {
    if (!this.isOpen) return;
    server.get(MetricsDoor.url, {
      onRequest: async (request) => this.admit(request.headers.authorization),
    }, async (_request, reply) => reply.type(this.metrics.registry.contentType).header('cache-control', 'no-store').send(await this.metrics.registry.text()));
  }

  /** @throws NotSignedInError where the token is another one. */
  private admit(authorization: string | undefined): void {
    const shown = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    // Of equal length, so that the time it takes says nothing about the token.
    if (shown === undefined || !timingSafeEqual(digest(shown), digest(this.token ?? ''))) throw new NotSignedInError('the token for metrics is not the one that is set');
  }
}
