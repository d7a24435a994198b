import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import { MatchingPolicy } from '../matching-policy.js';
import { RunSearch } from './run-search.js';

/** Searches by itself when the graph has changed: one interval after the change was noticed, so that what comes together is searched together. */
@Injectable()
export class SearchClockwork implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task: RepeatingTask;
  private isNoticed = false;

  constructor(private readonly search: RunSearch, private readonly policy: MatchingPolicy) {
    this.task = new RepeatingTask('search', () => this.tick(), { pauseMs: policy.intervalMs, logger: new Logger(SearchClockwork.name) });
  }

  onApplicationBootstrap(): void {
    if (this.policy.intervalMs > 0) this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Never asks to be called again at once: the pause is the interval. */
  private async tick(): Promise<boolean> {
    const isDue = await this.search.isDue();
    if (isDue && this.isNoticed) await this.search.run();
    this.isNoticed = isDue && !this.isNoticed;
    return false;
  }
}
