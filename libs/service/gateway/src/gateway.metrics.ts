import { histogram } from '@kula/platform-runtime';

export const REQUEST_DURATION = histogram({
  name: 'kula_http_request_duration_seconds',
  help: 'How long requests at the gateway took, by route template, method and class of the status; what has no route is unknown.',
  labels: { route: 200, method: ['GET', 'POST', 'HEAD', 'OPTIONS'], status: ['2xx', '3xx', '4xx', '5xx'] },
});

export const GATEWAY_METRICS = [REQUEST_DURATION] as const;
