import { Injectable, Logger } from '@nestjs/common';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { LogGate } from '../log/log-gate.js';
import { Backfill } from './backfill.js';
import { ParkedIssuers, type ParkedIssuer } from './parked-issuers.js';
import { PeerSessions } from './peer-sessions.js';

const CHECK_MS = 500;

/** Fetches what parked issuers have said meanwhile, once their time has come. */
@Injectable()
export class FetchParked implements Duty {
  private readonly logger = new Logger(FetchParked.name);
  private task: RepeatingTask | undefined;
  private isLoaded = false;

  constructor(
    private readonly parked: ParkedIssuers, private readonly backfill: Backfill, private readonly sessions: PeerSessions, private readonly gate: LogGate,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.isLoaded = false;
    this.task = new RepeatingTask('fetching parked issuers', () => this.fetchDue(), { pauseMs: CHECK_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task?.stop();
  }

  /** One issuer after the other. While nobody can be asked they stay parked. */
  private async fetchDue(): Promise<boolean> {
    if (!this.isLoaded) await this.parked.load();
    this.isLoaded = true;
    if (!this.gate.isOpen || this.sessions.all().length === 0) return false;
    for (const due of this.parked.due(this.clock.now().getTime())) await this.fetch(due);
    return false;
  }

  private async fetch(due: ParkedIssuer): Promise<void> {
    try {
      const reached = await this.backfill.extend(due.issuer);
      // Stays parked where this has brought it over its quota again.
      await this.parked.release(due);
      this.logger.log(`${due.issuer} is taken again, up to entry ${reached}`);
    } catch (error) {
      this.logger.warn(`what ${due.issuer} has said meanwhile is not fetched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
