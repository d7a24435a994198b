import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import { holdRecords, participantRecord } from '../record-lock.js';
import { ProfileRepository } from './profile.repository.js';
import { ReviewProfile } from './review-profile.js';

const LOOK_MS = 500;

/** Reviews participants whose time has come: a membership grew old enough, an attestation ran out, a node is credited otherwise, the rules are new. */
@Injectable()
export class DueReviews implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(private readonly unitOfWork: UnitOfWork, private readonly profiles: ProfileRepository, private readonly reviewing: ReviewProfile, private readonly clock: Clock) {
    this.task = new RepeatingTask('profile reviews', () => this.reviewDue(), { pauseMs: LOOK_MS, logger: new Logger(DueReviews.name) });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.unitOfWork.run((tx) => this.profiles.reviewOtherRules(this.clock.now(), tx));
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> { await this.task.stop(); }

  private async reviewDue(): Promise<boolean> {
    const due = await this.unitOfWork.run((tx) => this.profiles.due(this.clock.now(), tx));
    for (const participantId of due) {
      await this.unitOfWork.retrying(async (tx) => {
        await holdRecords([participantRecord(participantId)], tx);
        await this.reviewing.handle(participantId, tx);
      });
    }
    return due.length > 0;
  }
}
