import type { LoggerService } from '@nestjs/common';
import { pino, type Logger as PinoLogger } from 'pino';

/** Structured logs of one service: JSON lines on standard output, as Nest's logger. */
export class ServiceLogger implements LoggerService {
  private readonly pino: PinoLogger;

  constructor(service: string, nodeId: string, level: string) {
    this.pino = pino({ level, base: { service, node: nodeId.slice(0, 12) } });
  }

  log(message: unknown, ...context: unknown[]): void { this.write('info', message, context); }
  warn(message: unknown, ...context: unknown[]): void { this.write('warn', message, context); }
  error(message: unknown, ...context: unknown[]): void { this.write('error', message, context); }
  debug(message: unknown, ...context: unknown[]): void { this.write('debug', message, context); }
  verbose(message: unknown, ...context: unknown[]): void { this.write('trace', message, context); }

  private write(level: 'info' | 'warn' | 'error' | 'debug' | 'trace', message: unknown, context: unknown[]): void {
    const where = context.filter((part) => typeof part === 'string').at(-1);
    const fields = { ...(where !== undefined && { where }), ...(message instanceof Error && { err: message }) };
    this.pino[level](fields, message instanceof Error ? message.message : String(message));
  }
}
