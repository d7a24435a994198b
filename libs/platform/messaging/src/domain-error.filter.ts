import { Catch, Logger, type ExceptionFilter } from '@nestjs/common';
import { DomainError } from '@kula/kernel-primitives';
import { throwError, type Observable } from 'rxjs';
import { DependencyError } from './errors.js';

/** What crosses the bus when an operation does not answer: `{ code, message, params }`. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const FAULTS = /ECONNREFUSED|ECONNRESET|ETIMEDOUT|Connection terminated|connection timeout|timeout exceeded when trying to connect|terminating connection|the database system is|driver has already been|not yet accepting|Cannot use a pool/i;

/** True where the error says that Postgres or NATS is away, so that trying later may help. */
export const isFault = (error: unknown): boolean =>
  error instanceof DependencyError || (error instanceof Error && (FAULTS.test(error.message) || ('code' in error && FAULTS.test(String(error.code)))));

/** Turns refusals and faults into their wire form. A bug stays opaque and is logged. */
@Catch()
export class DomainErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(DomainErrorFilter.name);

  catch(error: unknown): Observable<never> {
    return throwError(() => this.toWire(error));
  }

  private toWire(error: unknown): WireError {
    if (error instanceof DomainError) return { code: error.code, message: error.message, params: error.params };
    if (isFault(error)) return { code: 'dependency.unavailable', message: 'a service this node needs is away', params: {} };
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { code: 'internal', message: 'internal error', params: {} };
  }
}
