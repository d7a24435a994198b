import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import { IdempotencyRecords } from './idempotency-records.js';

const PAUSE_MS = 10 * 60_000;

/** Removes records of requests that are older than 72 hours. */
@Injectable()
export class RecordSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(records: IdempotencyRecords) {
    this.task = new RepeatingTask('sweeping of idempotency records', () => records.sweep(), { pauseMs: PAUSE_MS, logger: new Logger(RecordSweeper.name) });
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }
}
