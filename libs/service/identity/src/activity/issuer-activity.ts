import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import { IssuerRepository, type LastEntry } from './issuer.repository.js';

/** A note that comes while none is waited for is written at the latest after this. */
const PAUSE_MS = 1_000;

/**
 * Remembers the last entry of every issuer, for people to see who is alive.
 *
 * Written at once while little comes, and once for many entries while much does. A crash loses what was not written yet; the next entry of the
 * issuer makes up for it. Nothing else may depend on it.
 */
@Injectable()
export class IssuerActivity implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** The last entry per issuer that is not written yet. */
  private readonly waiting = new Map<string, LastEntry>();
  private readonly task: RepeatingTask;

  constructor(private readonly issuers: IssuerRepository, private readonly unitOfWork: UnitOfWork, private readonly clock: Clock) {
    this.task = new RepeatingTask('noting entries', () => this.write(), { pauseMs: PAUSE_MS, logger: new Logger(IssuerActivity.name) });
  }

  note({ issuer, seq, ts }: AppliedEntry): void {
    this.keep({ issuer, seq, sealedAt: new Date(ts), receivedAt: this.clock.now() });
    this.task.nudge();
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
    await this.write();
  }

  private keep(entry: LastEntry): void {
    if ((this.waiting.get(entry.issuer)?.seq ?? 0) < entry.seq) this.waiting.set(entry.issuer, entry);
  }

  /** Writes what waits. Answers whether more has come meanwhile. */
  private async write(): Promise<boolean> {
    const entries = [...this.waiting.values()];
    if (entries.length === 0) return false;
    this.waiting.clear();
    try {
      await this.unitOfWork.run((tx) => this.issuers.noteLast(entries, tx));
    } catch (error) {
      for (const entry of entries) this.keep(entry);
      throw error;
    }
    return this.waiting.size > 0;
  }
}
