import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** An open database transaction. What needs one takes it as an argument, so it cannot be called without. */
export type Transaction = EntityManager;

/** Another writer changed the record first. The work is read again and repeated. */
export class StaleWriteError extends Error {
  override readonly name = 'StaleWriteError';
}

const UNIQUE_VIOLATION = '23505';
const ATTEMPTS_MAX = 8;

/** True for the database's answer to a second row with the same key. */
export const isUniqueViolation = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === UNIQUE_VIOLATION;

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
        if (!(error instanceof StaleWriteError || isUniqueViolation(error)) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}
