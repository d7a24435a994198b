import type { Problem } from './problem.js';

/** Refusals of the door itself, whatever the operation. */
export type GatewayErrorCode =
  | 'gateway.not_found' | 'gateway.method_not_allowed' | 'gateway.body_too_large' | 'gateway.media_type_unknown'
  | 'gateway.idempotency_key_missing' | 'gateway.idempotency_key_malformed' | 'gateway.idempotency_key_reused' | 'gateway.idempotency_in_flight'
  | 'gateway.too_many_requests' | 'gateway.internal';

export const GATEWAY_PROBLEMS: Readonly<Record<GatewayErrorCode, Problem>> = {
  'gateway.not_found': {
    status: 404, title: 'No such address', meaning: 'Nothing of this gateway has this address.',
    remedy: 'Look up the address in the reference under /docs.',
  },
  'gateway.method_not_allowed': {
    status: 405, title: 'Method is not allowed', meaning: 'The address exists and does not take this method.',
    remedy: 'Use one of the methods named in the Allow header.',
  },
  'gateway.body_too_large': {
    status: 413, title: 'Body is too large', meaning: 'The body of the request is longer than 256 KiB.',
    remedy: 'Send less at once; large evidence is named by its hash.',
  },
  'gateway.media_type_unknown': {
    status: 415, title: 'Media type is not known', meaning: 'The body of a request is JSON and nothing else.',
    remedy: 'Send Content-Type: application/json.',
  },
  'gateway.idempotency_key_missing': {
    status: 400, title: 'Idempotency-Key is missing', meaning: 'A request that changes something names itself, so that repeating it is safe.',
    remedy: 'Send an Idempotency-Key header with a new random value, and the same value when you repeat the request.',
  },
  'gateway.idempotency_key_malformed': {
    status: 400, title: 'Idempotency-Key is malformed', meaning: 'An Idempotency-Key is 1 to 255 visible ASCII characters, in quotes or bare.',
    remedy: 'Use a random value such as a UUID.',
  },
  'gateway.idempotency_key_reused': {
    status: 422, title: 'Idempotency-Key names another request', meaning: 'The same key came to the same address with other content.',
    remedy: 'Use a new key for a new request.',
  },
  'gateway.idempotency_in_flight': {
    status: 409, title: 'Request is in flight', meaning: 'The same request is being answered at this moment.',
    remedy: 'Repeat it with the same key after the time named in Retry-After.',
  },
  'gateway.too_many_requests': {
    status: 429, title: 'Too many requests', meaning: 'More logins and writes came from this party or address than this node takes.',
    remedy: 'Go on after the time named in Retry-After.',
  },
  'gateway.internal': {
    status: 500, title: 'Internal error', meaning: 'The node made a mistake that nobody outside can act on.',
    remedy: 'Tell the operator the correlationId.',
  },
};
