import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** An open database transaction. What needs one takes it as an argument, so it cannot be called without. */
export type Transaction = EntityManager;

/** Another writer changed the record first. The work is read again and repeated. */
export class StaleWriteError extends Error {
  override readonly name = 'StaleWriteError';
}

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const ATTEMPTS_MAX = 8;

const hasSqlState = (error: unknown, ...states: string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && states.includes(String(error.code));

/** True for the database's answer to a second row with the same key. */
export const isUniqueViolation = (error: unknown): boolean => hasSqlState(error, UNIQUE_VIOLATION);

/** True where repeating the whole transaction may help: somebody else came first. */
const isRace = (error: unknown): boolean =>
  error instanceof StaleWriteError || hasSqlState(error, UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK);

/** One visible transaction per use case: everything written inside commits together or not at all. */
@Injectable()
export class UnitOfWork {
  constructor(private readonly dataSource: DataSource) {}

  /** Runs the work in one transaction. Nothing slow belongs inside. */
  async run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction(work);
  }

  /**
   * As `run`, repeated from the start when another writer came first.
   *
   * The work must read what it changes inside itself. @throws StaleWriteError after 8 attempts.
   */
  async retrying<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.run(work);
      } catch (error) {
        if (!isRace(error) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}
