import { Injectable, Logger } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { BoundTables } from './bound-tables.js';
import { ForgetDeadEntries } from './forget-dead-entries.js';

const LOOK_MS = 60_000;

/** Keeps the database of this node from growing with everything that was ever said. */
@Injectable()
export class Retention implements Duty {
  private readonly logger = new Logger(Retention.name);
  private stopping = new AbortController();
  private task: RepeatingTask | undefined;

  constructor(private readonly forgetDeadEntries: ForgetDeadEntries, private readonly boundTables: BoundTables) {}

  start(): void {
    this.stopping = new AbortController();
    this.task = new RepeatingTask('forgetting dead entries', () => this.work(), { pauseMs: LOOK_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.task?.stop();
  }

  private async work(): Promise<boolean> {
    const count = await this.forgetDeadEntries.handle(this.stopping.signal);
    if (count > 0) this.logger.log(`${count} entries that no longer count were forgotten`);
    await this.boundTables.handle();
    return false;
  }
}
