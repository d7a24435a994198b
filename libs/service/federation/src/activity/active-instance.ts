import { Logger } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Duty } from './duty.js';

const CHECK_MS = 500;
const LOCK = `hashtext(current_schema() || '.active')`;

/**
 * Keeps the duties running in one instance of the service at a time.
 *
 * The active instance holds an advisory lock on a connection of its own; when the process dies the database lets go of it
 * and another instance takes over within a second. Every write is guarded once more where it happens, so an instance that
 * has lost the lock without noticing yet can do no harm.
 */
export class ActiveInstance {
  private readonly logger = new Logger(ActiveInstance.name);
  private readonly task: RepeatingTask;
  private lock: QueryRunner | undefined;

  constructor(private readonly dataSource: DataSource, private readonly duties: readonly Duty[]) {
    this.task = new RepeatingTask('staying active', () => this.takeOrKeep(), { pauseMs: CHECK_MS, logger: this.logger });
  }

  start(): void {
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task.stop();
    await this.stepDown();
  }

  private async takeOrKeep(): Promise<boolean> {
    if (this.lock === undefined) await this.take();
    else await this.keep(this.lock);
    return false;
  }

  private async take(): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const [answer] = await runner.query(`SELECT pg_try_advisory_lock(${LOCK}) AS held`) as { held: boolean }[];
      if (answer?.held !== true) return await runner.release();
    } catch (error) {
      await runner.release();
      throw error;
    }
    this.lock = runner;
    this.logger.log('this instance is active');
    for (const duty of this.duties) duty.start();
  }

  private async keep(lock: QueryRunner): Promise<void> {
    try {
      await lock.query('SELECT 1');
    } catch (error) {
      this.logger.warn('this instance has lost its lock');
      await this.stepDown();
      throw error;
    }
  }

  private async stepDown(): Promise<void> {
    const lock = this.lock;
    if (lock === undefined) return;
    this.lock = undefined;
    await Promise.all(this.duties.map((duty) => duty.stop()));
    if (lock.isReleased) return;
    try {
      await lock.query(`SELECT pg_advisory_unlock(${LOCK})`);
    } finally {
      await lock.release();
    }
  }
}
