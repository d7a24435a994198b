import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { RepeatingTask } from '@kula/platform-runtime';
import { Challenges } from './challenges.js';

const PAUSE_MS = 30_000;
const BATCH_MAX = 500;

/** Clears away challenges nobody answered. */
@Injectable()
export class ChallengeSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(challenges: Challenges, unitOfWork: UnitOfWork) {
    const sweepBatch = () => unitOfWork.run(async (tx) => (await challenges.sweep(BATCH_MAX, tx)) === BATCH_MAX);
    this.task = new RepeatingTask('challenge sweeper', sweepBatch, { pauseMs: PAUSE_MS, logger: new Logger(ChallengeSweeper.name) });
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }
}
