import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import { ExpireListings } from './expire-listings.js';

const PAUSE_MS = 10_000;

/** Sends `expire` to the listings whose time is over. */
@Injectable()
export class ListingClockwork implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(expire: ExpireListings, clock: Clock) {
    const expireBatch = () => expire.run(clock.now().getTime());
    this.task = new RepeatingTask('expiry of listings', expireBatch, { pauseMs: PAUSE_MS, logger: new Logger(ListingClockwork.name) });
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }
}
