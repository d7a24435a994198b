import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import type { EntryLog } from '../log/entry-log.js';
import type { StalledCopies } from './stalled-copies.js';

/** New entries are told of; this is for what another instance has stored. */
const POLL_MS = 500;

/** A duty that copies stored entries somewhere, in the order of their positions, as soon as they are there. */
export abstract class LogReader implements Duty {
  protected readonly logger = new Logger(this.constructor.name);
  private task: RepeatingTask | undefined;
  private unwatch: (() => void) | undefined;
  private hasNews = false;

  private isStale = false;
  /** What was noted last about standing still. */
  private noted: string | null | undefined;

  /** @param stream where a stream is copied to: the connection to its server, and where it is noted that the copy stands still. */
  constructor(
    protected readonly log: EntryLog, private readonly name: string, private readonly stream?: { readonly connection: NatsConnection; readonly stalled: StalledCopies },
  ) {
    if (stream !== undefined) void this.watch(stream.connection);
  }

  start(): void {
    this.log.forgetRecent();
    this.forget();
    const task = new RepeatingTask(this.name, () => this.work(), { pauseMs: POLL_MS, logger: this.logger });
    this.unwatch = this.log.watch(() => {
      this.hasNews = true;
      task.nudge();
    });
    this.task = task;
    task.start();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    await this.task?.stop();
  }

  /** Copies the next entries. Answers whether there were any. */
  protected abstract copyBatch(): Promise<boolean>;

  /** Forgets the place reached: somebody else may have gone on from it. */
  protected abstract forget(): void;

  /** A server that comes back may have lost the end of the stream: it is looked at again, whether there is anything new or not. */
  private async watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type !== 'reconnect') continue;
      this.isStale = true;
      this.hasNews = true;
      this.task?.nudge();
    }
  }

  /** Answers true where there may be more to do: entries stored while a batch was being written are not left for the next poll. */
  private async work(): Promise<boolean> {
    this.hasNews = false;
    if (this.isStale) this.forget();
    this.isStale = false;
    const hasWorked = await this.copyOrNote();
    return hasWorked || this.hasNews;
  }

  /** What keeps entries from being copied is shown until they are copied again. */
  private async copyOrNote(): Promise<boolean> {
    try {
      const hasWorked = await this.copyBatch();
      await this.note(null);
      return hasWorked;
    } catch (error) {
      await this.note(error instanceof Error ? error.message : String(error)).catch(() => undefined);
      throw error;
    }
  }

  private async note(reason: string | null): Promise<void> {
    if (this.stream === undefined || this.noted === reason) return;
    await this.stream.stalled.note(this.name, reason);
    this.noted = reason;
  }
}
