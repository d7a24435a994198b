import type { Role } from '@kula/contracts';
import { DomainError, type ErrorParams } from '@kula/kernel-primitives';
import type { GatewayErrorCode } from './gateway-problems.js';

type DoorCode = Exclude<GatewayErrorCode, 'gateway.internal'> | 'access.not_signed_in' | 'access.forbidden';

/** A refusal of the door itself, with the headers that belong to it. */
export abstract class DoorRefusal<Code extends DoorCode = DoorCode> extends DomainError<Code> {
  constructor(message: string, params: ErrorParams = {}, readonly headers: Readonly<Record<string, string>> = {}) {
    super(message, params);
  }
}

export class NotSignedInError extends DoorRefusal<'access.not_signed_in'> {
  override readonly name = 'NotSignedInError';
  readonly code = 'access.not_signed_in';

  /** @param reason null where no token came, else what is wrong with it. */
  constructor(reason: string | null) {
    const challenge = reason === null ? 'Bearer realm="kula"' : `Bearer realm="kula", error="invalid_token", error_description="${reason}"`;
    super(reason ?? 'the request carries no bearer token', {}, { 'www-authenticate': challenge });
  }
}

export class ForbiddenError extends DoorRefusal<'access.forbidden'> {
  override readonly name = 'ForbiddenError';
  readonly code = 'access.forbidden';

  constructor(role: Role, allowed: readonly Role[]) {
    super(`a ${role} may not do this; it is for: ${allowed.join(', ')}`, { role, roles: allowed.join(' ') });
  }
}

export class UnknownAddressError extends DoorRefusal<'gateway.not_found'> {
  override readonly name = 'UnknownAddressError';
  readonly code = 'gateway.not_found';

  constructor(path: string) {
    super(`nothing is at ${path}`);
  }
}

export class MethodNotAllowedError extends DoorRefusal<'gateway.method_not_allowed'> {
  override readonly name = 'MethodNotAllowedError';
  readonly code = 'gateway.method_not_allowed';

  constructor(method: string, allowed: readonly string[]) {
    super(`${method} is not one of ${allowed.join(', ')}`, {}, { allow: allowed.join(', ') });
  }
}

export class BodyTooLargeError extends DoorRefusal<'gateway.body_too_large'> {
  override readonly name = 'BodyTooLargeError';
  readonly code = 'gateway.body_too_large';

  constructor() {
    super('the body is longer than 256 KiB');
  }
}

export class MediaTypeUnknownError extends DoorRefusal<'gateway.media_type_unknown'> {
  override readonly name = 'MediaTypeUnknownError';
  readonly code = 'gateway.media_type_unknown';

  constructor() {
    super('the body is not announced as application/json', {}, { 'accept-post': 'application/json' });
  }
}

export class IdempotencyKeyMissingError extends DoorRefusal<'gateway.idempotency_key_missing'> {
  override readonly name = 'IdempotencyKeyMissingError';
  readonly code = 'gateway.idempotency_key_missing';

  constructor() {
    super('the request carries no Idempotency-Key header');
  }
}

export class IdempotencyKeyMalformedError extends DoorRefusal<'gateway.idempotency_key_malformed'> {
  override readonly name = 'IdempotencyKeyMalformedError';
  readonly code = 'gateway.idempotency_key_malformed';

  constructor() {
    super('the Idempotency-Key is not 1 to 255 visible ASCII characters');
  }
}

export class IdempotencyKeyReusedError extends DoorRefusal<'gateway.idempotency_key_reused'> {
  override readonly name = 'IdempotencyKeyReusedError';
  readonly code = 'gateway.idempotency_key_reused';

  constructor() {
    super('the key was used here for a request with other content');
  }
}

export class IdempotencyInFlightError extends DoorRefusal<'gateway.idempotency_in_flight'> {
  override readonly name = 'IdempotencyInFlightError';
  readonly code = 'gateway.idempotency_in_flight';

  constructor() {
    super('the same request is being answered', {}, { 'retry-after': '1' });
  }
}

export class TooManyRequestsError extends DoorRefusal<'gateway.too_many_requests'> {
  override readonly name = 'TooManyRequestsError';
  readonly code = 'gateway.too_many_requests';

  constructor(retryAfterSeconds: number) {
    super(`the next request is taken in ${retryAfterSeconds} s`, {}, { 'retry-after': String(retryAfterSeconds) });
  }
}
