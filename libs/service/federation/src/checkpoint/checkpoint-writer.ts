import { Injectable, Logger } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { WriteCheckpoint } from './write-checkpoint.js';

const LOOK_MS = 2_000;

/** Sums this node's own log up from time to time, so that newcomers need not read what no longer counts, and it can be forgotten. */
@Injectable()
export class CheckpointWriter implements Duty {
  private readonly logger = new Logger(CheckpointWriter.name);
  private task: RepeatingTask | undefined;

  constructor(private readonly writeCheckpoint: WriteCheckpoint) {}

  start(): void {
    this.task = new RepeatingTask('writing checkpoints', () => this.work(), { pauseMs: LOOK_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task?.stop();
  }

  private async work(): Promise<boolean> {
    const seq = await this.writeCheckpoint.handle();
    if (seq !== undefined) this.logger.log(`entry ${seq} is a checkpoint of this node's log`);
    return false;
  }
}
