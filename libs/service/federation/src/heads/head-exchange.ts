import { Injectable, Logger } from '@nestjs/common';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import type { PeerSession } from '../link/peer-session.js';
import { PeerSessions } from '../link/peer-sessions.js';
import { TakeHeads } from './take-heads.js';

const EVERY_MS = 30_000;
/** Peers that came up together are not asked together. */
const SPREAD_MS = 3_000;
const SPREAD_AT_FIRST_MS = 300;
const LOOK_MS = 250;

/** Asks every connected peer what it holds: when the connection begins, and every half minute. */
@Injectable()
export class HeadExchange implements Duty {
  private readonly logger = new Logger(HeadExchange.name);
  /** When each session is asked next, in milliseconds of the clock. */
  private readonly due = new Map<PeerSession, number>();
  private readonly running = new Map<PeerSession, Promise<void>>();
  private stopping = new AbortController();
  private task: RepeatingTask | undefined;
  private unwatch: (() => void) | undefined;

  constructor(private readonly sessions: PeerSessions, private readonly clock: Clock, private readonly takeHeads: TakeHeads) {}

  start(): void {
    this.stopping = new AbortController();
    const task = new RepeatingTask('exchanging heads', () => this.askThoseDue(), { pauseMs: LOOK_MS, logger: this.logger });
    this.unwatch = this.sessions.watch(() => task.nudge());
    this.task = task;
    task.start();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    this.stopping.abort();
    await this.task?.stop();
    await Promise.all(this.running.values());
    this.due.clear();
  }

  /** Begins an exchange with every session that is due. A peer that answers slowly holds nobody else up. */
  private async askThoseDue(): Promise<boolean> {
    const open = new Set(this.sessions.all());
    const now = this.clock.now().getTime();
    for (const session of this.due.keys()) if (!open.has(session)) this.due.delete(session);
    for (const session of open) {
      const due = this.due.get(session) ?? now + Math.random() * SPREAD_AT_FIRST_MS;
      this.due.set(session, due);
      if (due <= now && !this.running.has(session)) this.begin(session, now);
    }
    return false;
  }

  private begin(session: PeerSession, now: number): void {
    this.due.set(session, now + EVERY_MS + Math.random() * SPREAD_MS);
    this.running.set(session, this.takeHeads.handle(session, this.stopping.signal).finally(() => this.running.delete(session)));
  }
}
