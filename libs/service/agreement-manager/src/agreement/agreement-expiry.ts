import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import { AgreementBook } from './agreement-book.js';
import { AgreementRepository } from './agreement.repository.js';

const LOOK_MS = 1_000;

/** Sends `expire` to agreements whose period is over. */
@Injectable()
export class AgreementExpiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(private readonly unitOfWork: UnitOfWork, private readonly agreements: AgreementRepository, private readonly book: AgreementBook, private readonly clock: Clock) {
    this.task = new RepeatingTask('agreement expiry', () => this.expireDue(), { pauseMs: LOOK_MS, logger: new Logger(AgreementExpiry.name) });
  }

  onApplicationBootstrap(): void { this.task.start(); }

  async onApplicationShutdown(): Promise<void> { await this.task.stop(); }

  private async expireDue(): Promise<boolean> {
    return this.unitOfWork.retrying(async (tx) => {
      const due = await this.agreements.due(this.clock.now(), tx);
      for (const agreement of due) await this.book.update(agreement, agreement.expire(), tx);
      return due.length > 0;
    });
  }
}
