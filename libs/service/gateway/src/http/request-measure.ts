import { Injectable } from '@nestjs/common';
import { Metrics, type LabelsOf } from '@kula/platform-runtime';
import { REQUEST_DURATION } from '../gateway.metrics.js';
import type { HttpReply, HttpRequest } from './http-server.js';

type Labels = LabelsOf<typeof REQUEST_DURATION.labels>;

/** The template of the route that a request found: `/v1/chains/{chainId}`. Never the address itself, which anybody can choose. */
const routeOf = ({ is404, routeOptions }: HttpRequest): string => (is404 ? 'unknown' : (routeOptions.url ?? 'unknown').replace(/:(\w+)/g, '{$1}'));

/** Measures every request at the gateway. */
@Injectable()
export class RequestMeasure {
  constructor(private readonly metrics: Metrics) {}

  /** To be called when the answer has been sent. */
  note(request: HttpRequest, reply: HttpReply): void {
    const labels: Labels = { route: routeOf(request), method: request.method as Labels['method'], status: `${Math.floor(reply.statusCode / 100)}xx` as Labels['status'] };
    this.metrics.observe(REQUEST_DURATION, labels, reply.elapsedTime / 1_000);
  }
}
