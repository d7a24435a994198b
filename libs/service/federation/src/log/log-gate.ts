import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

const UNCOMPARED = 'the log has not been compared with its stream yet';

/** Nothing may be sealed or accepted: the log in the database has not been found sound. */
export class LogClosedError extends Error {
  override readonly name = 'LogClosedError';
}

/**
 * Whether entries may be stored.
 *
 * Closed until the database has been compared with the stream that peers read. A database behind its own stream has lost
 * entries that peers may hold: sealing then would give their sequence numbers to other entries.
 */
@Injectable()
export class LogGate {
  private readonly logger = new Logger(LogGate.name);
  private reason: string | null = UNCOMPARED;
  private recorded: string | null | undefined;

  constructor(private readonly dataSource: DataSource) {}

  get isOpen(): boolean { return this.reason === null; }

  /** @throws LogClosedError where entries may not be stored. */
  assertOpen(): void {
    if (this.reason !== null) throw new LogClosedError(this.reason);
  }

  /** Lets entries be stored, and clears the fault that the status shows. */
  async open(): Promise<void> {
    await this.record(null);
    this.reason = null;
  }

  /** Stops storing until the next comparison. No fault: nothing is known to be wrong. */
  shut(): void {
    this.reason = UNCOMPARED;
  }

  /** Stops storing and shows the reason in the status and the log, until the comparison succeeds. */
  async close(reason: string): Promise<void> {
    this.reason = reason;
    if (this.recorded !== reason) this.logger.error(`nothing is sealed, accepted or published: ${reason}`);
    await this.record(reason);
  }

  private async record(reason: string | null): Promise<void> {
    if (this.recorded === reason) return;
    if (reason === null) await this.dataSource.query('DELETE FROM log_fault');
    else await this.dataSource.query('INSERT INTO log_fault (reason) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET reason = excluded.reason, since = now()', [reason]);
    this.recorded = reason;
  }
}
