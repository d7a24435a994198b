import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { JetStreamConnection } from '@kula/platform-messaging';
import { RepeatingTask } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { Outbox } from './outbox.js';

const BATCH_MAX = 200;
/** How often the table is looked at while nothing is written here: for rows that a crash or another replica has left. */
const IDLE_MS = 500;
/** And after something was written here: the row is there as soon as its transaction commits. */
const BUSY_MS = 10;

interface Row { readonly id: string; readonly subject: string; readonly payload: string }

/**
 * Publishes what the outbox holds, in the order it was written, and marks it published.
 *
 * One relay at a time per schema (advisory lock), so events of one aggregate keep their order; a crash between publishing
 * and marking publishes again under the same message id.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly task: RepeatingTask;

  constructor(private readonly dataSource: DataSource, private readonly jetstream: JetStreamConnection, outbox: Outbox) {
    this.task = new RepeatingTask('outbox relay', () => this.relayBatch(), { pauseMs: IDLE_MS, hurriedPauseMs: BUSY_MS, logger: new Logger(OutboxRelay.name) });
    outbox.onWritten(() => this.task.hurry());
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Publishes one batch. Answers whether there was anything to publish. */
  async relayBatch(): Promise<boolean> {
    return this.dataSource.transaction(async (tx) => {
      const [lock] = await tx.query<{ held: boolean }[]>(`SELECT pg_try_advisory_xact_lock(hashtext(current_schema() || '.outbox')) AS held`);
      if (lock?.held !== true) return false;
      const rows = await tx.query<Row[]>(
        `SELECT id, subject, payload::text AS payload FROM outbox_message WHERE published_at IS NULL
         ORDER BY position LIMIT ${BATCH_MAX} FOR UPDATE SKIP LOCKED`,
      );
      for (const row of rows) await this.jetstream.publish(row.subject, row.payload, row.id);
      if (rows.length > 0) await tx.query('UPDATE outbox_message SET published_at = now() WHERE id = ANY($1)', [rows.map((row) => row.id)]);
      return rows.length > 0;
    });
  }
}
