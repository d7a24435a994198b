import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

const UNCOMPARED = 'the log has not been compared with its stream yet';

/** Nothing may be sealed or accepted: the log in the database has not been found sound. */
export class LogClosedError extends Error {
  override readonly name = 'LogClosedError';
}

/** What has to be known before this node signs: that nobody holds more of its log, and that its key is the one its log names. */
export type SealingCondition = 'log' | 'key';

const UNCONFIRMED: Readonly<Record<SealingCondition, string>> = {
  log: 'it is not known yet whether peers hold more of this node\'s log',
  key: 'the key of this node has not been compared with its log yet',
};

/**
 * Whether entries may be stored, and whether this node may sign.
 *
 * Storing is closed until the database has been compared with the stream that peers read: a database behind its own stream
 * has lost entries that peers may hold. Sealing is held besides until peers have confirmed the own log and the key is known
 * to be the current one: to sign on too short a log gives numbers that are taken to other entries.
 */
@Injectable()
export class LogGate {
  private readonly logger = new Logger(LogGate.name);
  private reason: string | null = UNCOMPARED;
  private recorded: string | null | undefined;
  private readonly holds = new Map<SealingCondition, string>(Object.entries(UNCONFIRMED) as [SealingCondition, string][]);
  private readonly recordedHolds = new Map<SealingCondition, string | null>();

  constructor(private readonly dataSource: DataSource) {}

  /** True while entries may be stored. */
  get isOpen(): boolean { return this.reason === null; }

  /** True while this node may sign as well. */
  get isSealing(): boolean { return this.isOpen && this.holds.size === 0; }

  /** Why this node signs nothing, in words; null while it may. */
  get sealingHeld(): string | null { return this.reason ?? [...this.holds.values()][0] ?? null; }

  /** @throws LogClosedError where entries may not be stored. */
  assertOpen(): void {
    if (this.reason !== null) throw new LogClosedError(this.reason);
  }

  /** @throws LogClosedError where this node may not sign. */
  assertSealing(): void {
    if (this.sealingHeld !== null) throw new LogClosedError(this.sealingHeld);
  }

  /** @throws LogClosedError where entries may not be stored or a condition of sealing is not met, whatever the other one says. */
  assertMet(condition: SealingCondition): void {
    const reason = this.reason ?? this.holds.get(condition);
    if (reason !== undefined) throw new LogClosedError(reason);
  }

  /** True while a condition of sealing is met, whatever the other one says. */
  isMet(condition: SealingCondition): boolean { return !this.holds.has(condition); }

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

  /** Says that a condition of sealing is met. This node signs once all of them are. */
  async letSeal(condition: SealingCondition = 'log'): Promise<void> {
    const held = this.holds.get(condition);
    await this.recordHold(condition, null);
    // A hold that came meanwhile stays.
    if (this.holds.get(condition) !== held) return;
    this.holds.delete(condition);
    if (held !== undefined && this.holds.size === 0) this.logger.log('this node may sign');
  }

  /** Stops sealing at once, and keeps the reason for the status until the condition is met. */
  async holdSealing(reason: string, condition: SealingCondition = 'log'): Promise<void> {
    this.holds.set(condition, reason);
    if (this.recordedHolds.get(condition) !== reason) this.logger.warn(`nothing is sealed: ${reason}`);
    await this.recordHold(condition, reason);
  }

  /** Stops sealing until the condition is met anew. To be called when this instance is no longer the active one. */
  forgetSealing(condition: SealingCondition): void {
    this.holds.set(condition, UNCONFIRMED[condition]);
    this.recordedHolds.delete(condition);
  }

  private async record(reason: string | null): Promise<void> {
    if (this.recorded === reason) return;
    if (reason === null) await this.dataSource.query('DELETE FROM log_fault');
    else await this.dataSource.query('INSERT INTO log_fault (reason) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET reason = excluded.reason, since = now()', [reason]);
    this.recorded = reason;
  }

  private async recordHold(condition: SealingCondition, reason: string | null): Promise<void> {
    if (this.recordedHolds.get(condition) === reason) return;
    if (reason === null) await this.dataSource.query('DELETE FROM sealing_hold WHERE condition = $1', [condition]);
    else {
      await this.dataSource.query(
        `INSERT INTO sealing_hold (condition, reason) VALUES ($1, $2)
         ON CONFLICT (condition) DO UPDATE SET since = CASE WHEN sealing_hold.reason = excluded.reason THEN sealing_hold.since ELSE now() END, reason = excluded.reason`,
        [condition, reason],
      );
    }
    this.recordedHolds.set(condition, reason);
  }
}
