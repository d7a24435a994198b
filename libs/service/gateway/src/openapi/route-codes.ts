import type { ErrorCode } from '@kula/contracts';
import type { GatewayErrorCode } from '../problems/gateway-problems.js';
import type { Route } from '../routes/route.js';

export type ProblemCode = ErrorCode | GatewayErrorCode;

const WRITE: readonly ProblemCode[] = ['gateway.body_too_large', 'gateway.media_type_unknown', 'gateway.too_many_requests'];

const NAMED: readonly ProblemCode[] = [
  'gateway.idempotency_key_missing', 'gateway.idempotency_key_malformed', 'gateway.idempotency_key_reused', 'gateway.idempotency_in_flight',
];

/** Every code a route may answer: those of the door, then those of the operation in their precedence order, then faults and bugs. */
export function codesOf({ method, operation, isIdempotent }: Route): readonly ProblemCode[] {
  return [
    ...(operation.roles.includes('public') ? [] : ['access.not_signed_in', 'access.forbidden'] as const),
    ...(method === 'POST' ? WRITE : []),
    ...(isIdempotent ? NAMED : []),
    'message.malformed', ...operation.errors, 'dependency.unavailable', 'gateway.internal',
  ];
}
